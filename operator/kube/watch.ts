import { StringDecoder } from 'node:string_decoder';
import { KubeError } from './error.ts';
import type { KubeObject } from './object.ts';
import { reasonOf, refusal } from './refusals.ts';

export type WatchEvent<T extends KubeObject> =
  | { readonly kind: 'added' | 'changed' | 'removed'; readonly object: T }
  /** Nothing happened up to here. */
  | { readonly kind: 'bookmark'; readonly resourceVersion: string };

const KINDS = { ADDED: 'added', MODIFIED: 'changed', DELETED: 'removed' } as const;

/** Reads a watch's lines. Throws a `KubeError` when the server reports one, when a line can't be read, or when the stream breaks off. */
export async function* watchEvents<T extends KubeObject>(stream: AsyncIterable<Buffer>, tried: string): AsyncGenerator<WatchEvent<T>> {
  for await (const line of lines(stream, tried)) yield eventOf<T>(line, tried);
}

async function* lines(stream: AsyncIterable<Buffer>, tried: string): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  // Pieces of an unfinished line: joined once, for an object of megabytes comes in many.
  let pieces: string[] = [];
  try {
    for await (const chunk of stream) {
      const parts = decoder.write(chunk).split('\n');
      const rest = parts.pop() ?? '';
      for (const part of parts) {
        const line = pieces.join('') + part;
        pieces = [];
        if (line !== '') yield line;
      }
      if (rest !== '') pieces.push(rest);
    }
  } catch (error) {
    throw new KubeError(`${tried}: the watch broke off: ${reasonOf(error)}`, { status: 0, kind: 'unavailable', cause: error });
  }
  if (pieces.length > 0) throw new KubeError(`${tried}: the watch broke off within a line`, { status: 0, kind: 'unavailable' });
}

function eventOf<T extends KubeObject>(line: string, tried: string): WatchEvent<T> {
  const event = parsed(line, tried);
  if (event.type === 'ERROR') {
    const code = 'code' in event.object && typeof event.object.code === 'number' ? event.object.code : 500;
    throw refusal(tried, code, event.object);
  }
  if (event.type === 'BOOKMARK') return { kind: 'bookmark', resourceVersion: event.object.metadata.resourceVersion ?? '' };
  const kind = KINDS[event.type as keyof typeof KINDS];
  if (kind === undefined || typeof event.object.metadata?.name !== 'string') throw broken(tried, `an event of type ${event.type}`);
  return { kind, object: event.object as T };
}

function parsed(line: string, tried: string): { readonly type: string; readonly object: KubeObject } {
  try {
    const event: unknown = JSON.parse(line);
    if (
      typeof event === 'object' &&
      event !== null &&
      'type' in event &&
      'object' in event &&
      typeof event.object === 'object' &&
      event.object !== null
    ) {
      return event as { type: string; object: KubeObject };
    }
  } catch {
    // Told below.
  }
  throw broken(tried, `a line that is no event: ${line.slice(0, 100)}`);
}

function broken(tried: string, what: string): KubeError {
  return new KubeError(`${tried}: the watch can't be read: ${what}`, { status: 0, kind: 'other' });
}

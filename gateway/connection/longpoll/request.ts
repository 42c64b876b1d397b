import type { Connect, ErrorMessage } from '../../../protocol/messages.ts';
import { type ParseResult, parseClientValue } from '../../../protocol/parse.ts';
import { refusal } from '../../session/say.ts';

/** One client message of a request. */
export interface Said {
  readonly read: ParseResult;
  /** Bytes of JSON. */
  readonly length: number;
}

/** A request's body, understood as far as needed to know whose it is. */
export interface PollRequest {
  readonly connect: Connect;
  /** All messages, `connect` first. */
  readonly said: readonly Said[];
  /** How long it may be held at most, ms. */
  readonly waitMs: number;
  /** It names channels, or waits: it takes the place of an earlier one of its session. One that only says something stands beside it. */
  readonly isPoll: boolean;
}

export type PollParseResult =
  | { readonly kind: 'request'; readonly request: PollRequest }
  | { readonly kind: 'error'; readonly error: ErrorMessage };

/** Reads the body of a long poll. `messageBytes`: the largest client message. */
export function parsePoll(text: string, maxWaitMs: number, messageBytes: number): PollParseResult {
  const body = parseJson(text);
  if (body === null) return refuse('The body is no JSON object; send {"messages": [connect, …], "wait": milliseconds}.');
  const { messages, wait } = body;
  if (!Array.isArray(messages) || messages.length === 0) {
    return refuse('messages is no list with a message in it; give the client messages, connect first.');
  }
  if (wait !== undefined && (typeof wait !== 'number' || !(wait >= 0))) {
    return refuse(`wait is ${JSON.stringify(wait)}; give milliseconds from 0, or leave it out.`);
  }
  const said = messages.map((value) => readOne(value, messageBytes));
  const first = said[0]?.read;
  if (first?.kind === 'error') return first;
  if (first?.message.type !== 'connect') return refuse('The first of messages is no connect; put connect first.', 'not-connected');
  const names = said.some(({ read }) => read.kind === 'message' && read.message.type === 'subscribe');
  const waitMs = Math.min(wait ?? maxWaitMs, maxWaitMs);
  return { kind: 'request', request: { connect: first.message, said, waitMs, isPoll: names || waitMs > 0 } };
}

function readOne(value: unknown, messageBytes: number): Said {
  const length = Buffer.byteLength(JSON.stringify(value));
  const read = parseClientValue(value);
  if (length <= messageBytes || read.kind === 'error') return { read, length };
  const { message } = read;
  const about = {
    ...('channel' in message ? { channel: message.channel } : null),
    ...('id' in message ? { id: message.id } : null),
  };
  const text = `A message has ${length} bytes; the most is ${messageBytes} (limits.messageBytes): make it smaller.`;
  return { read: { kind: 'error', error: refusal('bad-message', text, about) }, length };
}

function parseJson(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function refuse(message: string, code: 'bad-message' | 'not-connected' = 'bad-message'): PollParseResult {
  return { kind: 'error', error: refusal(code, message) };
}

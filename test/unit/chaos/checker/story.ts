import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Epoch, Offset, Position } from '../../../../protocol/position.ts';
import { check } from '../../../chaos/checker/check.ts';
import type { ClientEvent, Fault, History, LogEvent } from '../../../chaos/checker/log.ts';
import type { CheckOptions, Kind, Verdict } from '../../../chaos/checker/verdict.ts';

/** Tiny histories for tests: what happened in one channel, in the order of time. */

type WithoutPlace<T> = T extends unknown ? Omit<T, 'at' | 'channel'> : never;

/** An event without its time and channel. */
export type Draft = WithoutPlace<ClientEvent | History | Fault>;

/** A line of history: the ids from offset 1 on, and the position after each; `at[0]` is before the first. */
export interface Chain {
  readonly ids: readonly string[];
  readonly at: readonly Position[];
}

/** The line that these ids make, written as one text: `chain('e1', 'a b c')`. */
export function chain(epoch: string, ids: string): Chain {
  const empty: Chain = { ids: [], at: [position(epoch, 0, '')] };
  return ids === '' ? empty : ids.split(' ').reduce(longer, empty);
}

/** A line with one more message. */
export function longer({ ids, at }: Chain, id: string): Chain {
  const head = at[ids.length] as Position;
  return { ids: [...ids, id], at: [...at, position(head.epoch, head.offset + 1, digestAfter(head.digest, id))] };
}

/** A line without all that comes after an offset. */
export function shorter({ ids, at }: Chain, length: number): Chain {
  return { ids: ids.slice(0, length), at: at.slice(0, length + 1) };
}

/** digest(n) from digest(n−1) and the id of message n. */
export function digestAfter(digest: string, id: string): string {
  return createHash('sha1').update(digest).update(id).digest('hex').slice(0, 12);
}

/** A position out of plain values. */
export function position(epoch: string, offset: number, digest: string): Position {
  return { epoch: epoch as Epoch, offset: offset as Offset, digest };
}

/** The position of an offset on a chain. */
export function on({ at }: Chain, offset: number): Position {
  const found = at[offset];
  if (found === undefined) throw new Error(`The chain ends before ${offset}.`);
  return found;
}

export const pub = (client: string, id: string): Draft => ({ kind: 'publish', client, id });
export const ack = (client: string, id: string, at: Position): Draft => ({ kind: 'acknowledged', client, id, position: at });
export const again = (client: string, id: string, at: Position): Draft => ({
  kind: 'acknowledged',
  client,
  id,
  position: at,
  duplicate: true,
});
export const fail = (client: string, id: string): Draft => ({ kind: 'failed', client, id, reason: 'outcome unknown' });
export const sub = (client: string, at: Position, recovered = true): Draft => ({ kind: 'subscribed', client, position: at, recovered });
export const got = (client: string, line: Chain, offset: number): Draft => ({
  kind: 'delivered',
  client,
  id: line.ids[offset - 1] ?? '',
  position: on(line, offset),
});
export const gap = (client: string, from: Position, to: Position): Draft => ({ kind: 'gap', client, from, to });
export const leave = (client: string): Draft => ({ kind: 'unsubscribed', client });
export const stop = (client: string): Draft => ({ kind: 'stopped', client });

/** `client` is delivered the offsets `from` to `to` of a line. */
export function gets(client: string, line: Chain, from: number, to = from): Draft[] {
  return Array.from({ length: to - from + 1 }, (_none, index) => got(client, line, from + index));
}

/** `client` publishes the messages of a line at these offsets, one after the other, and each is acknowledged. */
export function stores(client: string, line: Chain, from = 1, to = line.ids.length): Draft[] {
  return line.ids.slice(from - 1, to).flatMap((id, index) => [pub(client, id), ack(client, id, on(line, from + index))]);
}

/** The final history is this line, trimmed before offset `from`. */
export function holds(line: Chain, from = 1): Draft {
  const messages = line.ids.map((id, index) => ({ id, position: on(line, index + 1) })).slice(from - 1);
  return { kind: 'history', messages, head: on(line, line.ids.length) };
}

/** The events of a story in one channel, 10 ms apart. */
export function log(story: readonly (Draft | readonly Draft[])[]): LogEvent[] {
  return story.flat().map((draft, index) => ({ ...draft, at: 10 * index, channel: 'general' }) as LogEvent);
}

/** One row of a table: what happened, and what the checker must find of each kind. */
export type Row = readonly [
  name: string,
  story: readonly (Draft | readonly Draft[])[],
  found: Partial<Record<Kind, number>>,
  options?: Partial<CheckOptions>,
];

/** Checks a story; no loss is allowed unless the options say so. */
export function judge(story: Row[1], options: Partial<CheckOptions> = {}): Verdict {
  return check(log(story), { lossAllowed: false, ...options });
}

/** Makes a test of each row. Every violation must show events, too. */
export function tests(rows: readonly Row[]): void {
  for (const row of rows) it(row[0], () => expectRow(row));
}

function expectRow([_name, story, found, options]: Row): void {
  const verdict = judge(story, options);
  expect(verdict.found, JSON.stringify(verdict.violations, null, 1)).toEqual(found);
  for (const { events } of verdict.violations) {
    expect(events.length).toBeGreaterThan(0);
    expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).sort((a, b) => a - b));
  }
}

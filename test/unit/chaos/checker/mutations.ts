import type { Position } from '../../../../protocol/position.ts';
import type { Delivered, Gap, History, LogEvent } from '../../../chaos/checker/log.ts';
import type { Kind } from '../../../chaos/checker/verdict.ts';
import { digestAfter, position } from './story.ts';

/** A way to spoil a log that keeps all promises. */
export interface Mutation {
  readonly name: string;
  /** The checker must find at least one of these. */
  readonly shows: readonly Kind[];
  /** The spoilt log, `pick` choosing where; null when there is no place for it. */
  readonly apply: (log: readonly LogEvent[], pick: number) => readonly LogEvent[] | null;
}

type Moved = Delivered | Gap;

const isMove = (event: LogEvent): event is Moved => event.kind === 'delivered' || event.kind === 'gap';
const historyOf = (log: readonly LogEvent[]): History => log.find((event) => event.kind === 'history') as History;
const withHistory = (log: readonly LogEvent[], history: Partial<History>): LogEvent[] =>
  log.map((event) => (event.kind === 'history' ? { ...event, ...history } : event));

/** Of the indexes that fit, the one that was picked. */
function oneOf(log: readonly LogEvent[], pick: number, fits: (event: LogEvent, index: number) => boolean): number | null {
  const indexes = log.flatMap((event, index) => (fits(event, index) ? [index] : []));
  return indexes.length === 0 ? null : (indexes[pick % indexes.length] ?? null);
}

/** What moves the same client next; `end`: it leaves; null: the log ends. */
function nextMove(log: readonly LogEvent[], index: number): Moved | 'end' | null {
  const { client } = log[index] as Moved;
  for (const event of log.slice(index + 1)) {
    if (!('client' in event) || event.client !== client) continue;
    if (isMove(event)) return event;
    if (event.kind === 'unsubscribed' || event.kind === 'stopped') return 'end';
  }
  return null;
}

const without = (log: readonly LogEvent[], index: number): LogEvent[] => log.toSpliced(index, 1);
const stays = (one: Position, other: Position): boolean =>
  one.offset === other.offset && one.digest === other.digest && one.epoch === other.epoch;

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'drop a delivery',
    shows: ['skipped', 'skipped-unseen', 'gap-from-elsewhere', 'behind', 'left-on-lost-line'],
    // What a client was not yet given when it left, it was not owed.
    apply(log, pick) {
      const index = oneOf(log, pick, (event, at) => event.kind === 'delivered' && nextMove(log, at) !== 'end');
      return index === null ? null : without(log, index);
    },
  },
  {
    name: 'swap two deliveries',
    shows: ['backwards'],
    apply(log, pick) {
      const index = oneOf(
        log,
        pick,
        (event, at) => event.kind === 'delivered' && (nextMove(log, at) as Moved | null)?.kind === 'delivered',
      );
      if (index === null) return null;
      const next = nextMove(log, index) as Delivered;
      return log.with(index, next).with(log.indexOf(next), log[index] as LogEvent);
    },
  },
  {
    name: 'repeat a delivery',
    shows: ['repeated'],
    apply(log, pick) {
      const index = oneOf(log, pick, ({ kind }) => kind === 'delivered');
      return index === null ? null : log.toSpliced(index, 0, { ...(log[index] as Delivered) });
    },
  },
  {
    name: 'alter a digest',
    shows: ['fork-skipped'],
    apply(log, pick) {
      const index = oneOf(log, pick, ({ kind }) => kind === 'delivered');
      if (index === null) return null;
      const event = log[index] as Delivered;
      return log.with(index, { ...event, position: { ...event.position, digest: 'beef' } });
    },
  },
  {
    name: 'forget a gap',
    shows: ['skipped', 'skipped-unseen', 'fork-skipped', 'epoch-skipped', 'gap-from-elsewhere', 'behind', 'left-on-lost-line', 'backwards'],
    apply(log, pick) {
      const index = oneOf(log, pick, (event, at) => event.kind === 'gap' && !stays(event.from, event.to) && nextMove(log, at) !== 'end');
      return index === null ? null : without(log, index);
    },
  },
  {
    name: 'tell a gap twice',
    shows: ['gap-from-elsewhere'],
    apply(log, pick) {
      const index = oneOf(log, pick, (event) => event.kind === 'gap' && !stays(event.from, event.to));
      return index === null ? null : log.toSpliced(index, 0, { ...(log[index] as Gap) });
    },
  },
  {
    name: 'store a message twice',
    shows: ['stored-twice'],
    apply(log, pick) {
      const { messages, head } = historyOf(log);
      const again = messages[pick % Math.max(1, messages.length)];
      if (again === undefined) return null;
      const next = position(head.epoch, head.offset + 1, digestAfter(head.digest, again.id));
      return withHistory(log, { messages: [...messages, { id: again.id, position: next }], head: next });
    },
  },
];

/** These break a promise only where no fault may lose messages. */
export const LOSSES: readonly Mutation[] = [
  {
    name: 'lose an acknowledged message from the tail',
    shows: ['acknowledged-lost'],
    apply(log) {
      const { messages, head } = historyOf(log);
      const last = messages.at(-1);
      if (last === undefined || !log.some((event) => event.kind === 'acknowledged' && event.id === last.id)) return null;
      const before = messages.at(-2)?.position ?? (head.offset === 1 ? position(head.epoch, 0, '') : null);
      return before === null ? null : withHistory(log, { messages: messages.slice(0, -1), head: before });
    },
  },
  {
    name: 'lose a message from the middle',
    shows: ['history-broken'],
    apply(log, pick) {
      const { messages } = historyOf(log);
      if (messages.length < 3) return null;
      return withHistory(log, { messages: messages.toSpliced(1 + (pick % (messages.length - 2)), 1) });
    },
  },
  {
    name: 'acknowledge at another place',
    shows: ['acknowledged-elsewhere', 'acknowledged-lost'],
    apply(log, pick) {
      // Of what was trimmed unseen nobody can say where it stood.
      const held = new Set(historyOf(log).messages.map(({ id }) => id));
      const index = oneOf(log, pick, (event) => event.kind === 'acknowledged' && held.has(event.id));
      if (index === null) return null;
      const event = log[index] as Extract<LogEvent, { kind: 'acknowledged' }>;
      return log.with(index, { ...event, position: { ...event.position, digest: 'beef' } });
    },
  },
  {
    name: 'acknowledge what was never published',
    shows: ['acknowledged-unpublished'],
    apply(log, pick) {
      const index = oneOf(log, pick, ({ kind }) => kind === 'acknowledged');
      if (index === null) return null;
      return log.toSpliced(index, 0, { ...(log[index] as Extract<LogEvent, { kind: 'acknowledged' }>), id: 'nobody' });
    },
  },
];

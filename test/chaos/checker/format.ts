import type { Position } from '../../../protocol/position.ts';
import { type Counts, type Evidence, KINDS, type Kind, type Verdict, type Violation } from './verdict.ts';

/** A verdict for people: the counts, what was found of each kind, and each kept violation as a paragraph and a table of its events. */
export function format(verdict: Verdict): string {
  const { found, violations } = verdict;
  const total = Object.values(found).reduce((sum, count) => sum + count, 0);
  const summary = total === 0 ? 'D1–D4 held: no violations.' : `D1–D4 did not hold: ${total} ${total === 1 ? 'violation' : 'violations'}.`;
  const kinds = (Object.keys(found) as Kind[]).map((kind) => `  ${KINDS[kind].promise} ${kind}: ${found[kind]}. ${KINDS[kind].means}`);
  const head = [summary, ...kinds, '', ...formatCounts(verdict.counts)].join('\n');
  return `${[head, ...violations.map(formatViolation)].join('\n\n')}\n`;
}

/** One violation: what is wrong, and the events that show it. */
export function formatViolation({ promise, kind, channel, client, text, events }: Violation): string {
  const start = events[0]?.at ?? 0;
  const rows = events.map((event) => [`+${(event.at - start).toFixed(1)}`, whoOf(event), ...whatOf(event)]);
  const where = client === null ? `channel ${channel}` : `channel ${channel}, client ${client}`;
  const since = `  (ms after ${start.toFixed(1)})`;
  return [`${promise} ${kind} in ${where}: ${text}`, since, ...table(rows)].join('\n');
}

function formatCounts(counts: Counts): string[] {
  const words: readonly (readonly [keyof Counts, string])[] = [
    ['channels', 'channels'],
    ['clients', 'clients'],
    ['faults', 'faults'],
    ['published', 'messages published'],
    ['acknowledged', 'acknowledged'],
    ['failed', 'given up'],
    ['unsettled', 'neither'],
    ['delivered', 'deliveries'],
    ['gapsTold', 'gaps told'],
    ['forks', 'forks'],
    ['epochs', 'epochs'],
    ['lostAndTold', 'acknowledged, then lost and told'],
    ['lostAndUntold', 'acknowledged, then lost and not told to all'],
    ['undecided', 'acknowledged, then trimmed unseen'],
    ['repeatedAfterLoss', 'delivered again after a told loss'],
  ];
  const width = Math.max(...words.map(([name]) => String(counts[name]).length));
  return words.map(([name, word]) => `  ${String(counts[name]).padStart(width)}  ${word}`);
}

function whoOf(event: Evidence): string {
  if (event.kind === 'fault') return 'nemesis';
  return 'client' in event ? event.client : 'history';
}

function whatOf(event: Evidence): [string, string, string] {
  switch (event.kind) {
    case 'publish':
      return ['publishes', event.id, ''];
    case 'acknowledged':
      return [event.duplicate === true ? 'acknowledged as duplicate' : 'acknowledged', event.id, place(event.position)];
    case 'failed':
      return ['gives up', event.id, event.reason];
    case 'subscribed':
      return [event.recovered ? 'subscribed' : 'subscribed, not recovered', '', place(event.position)];
    case 'delivered':
      return ['delivered', event.id, place(event.position)];
    case 'gap':
      return ['gap', '', `${place(event.from)} → ${place(event.to)}`];
    case 'unsubscribed':
      return ['unsubscribed', '', ''];
    case 'stopped':
      return ['stopped', '', ''];
    case 'stored':
      return ['holds', event.id, place(event.position)];
    case 'head':
      return ['head', '', place(event.position)];
    case 'fault':
      return ['fault', '', event.what];
  }
}

function place({ epoch, offset, digest }: Position): string {
  return `${epoch}/${offset} ${digest === '' ? '-' : digest}`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const width = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const widths = (rows[0] ?? []).map((_cell, column) => width(column));
  return rows.map((row) =>
    `  ${row.map((cell, column) => (column === 0 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join('  ')}`.trimEnd(),
  );
}

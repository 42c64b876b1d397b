import type { Fault } from './log.ts';
import { type Count, type Evidence, KINDS, type Kind, type Report, type Violation } from './verdict.ts';

/** Collects what the checks find: all of it counted, the first few of each kind kept with their events. */
export class Tally {
  readonly violations: Violation[] = [];
  readonly found: Partial<Record<Kind, number>> = {};
  readonly counted = { lostAndTold: 0, lostAndUntold: 0, undecided: 0, repeatedAfterLoss: 0 };
  readonly #examples: number;
  readonly #faults: readonly Fault[];

  constructor(examples: number, faults: readonly Fault[]) {
    this.#examples = examples;
    this.#faults = faults;
  }

  readonly count: Count = (name) => {
    this.counted[name]++;
  };

  /** Takes the violations of one channel. */
  reportOf(channel: string): Report {
    return (kind, client, text, events) => {
      const found = (this.found[kind] ?? 0) + 1;
      this.found[kind] = found;
      if (found > this.#examples) return;
      const known = new Set(events.filter((event) => event !== null && event !== undefined));
      this.violations.push({ promise: KINDS[kind].promise, kind, channel, client, text, events: this.#inTime([...known]) });
    };
  }

  /** The events in the order of time, and the faults that happened in theirs. */
  #inTime(events: readonly Evidence[]): Evidence[] {
    const seen = events.filter(({ kind }) => kind !== 'stored' && kind !== 'head').map(({ at }) => at);
    const from = Math.min(...seen);
    const to = Math.max(...seen);
    const faults = this.#faults.filter(({ at }) => at >= from && at <= to);
    return [...events, ...faults].sort((a, b) => a.at - b.at);
  }
}

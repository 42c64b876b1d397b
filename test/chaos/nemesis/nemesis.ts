import { setTimeout as sleep } from 'node:timers/promises';
import type { Draw } from '../draw.ts';
import type { Lane, Ongoing } from './fault.ts';
import { drawOf, type PlannedFault } from './plan.ts';

/** What a nemesis needs. */
export interface NemesisOptions {
  readonly seed: number;
  readonly plan: readonly PlannedFault[];
  /** Begins a fault. */
  readonly start: (fault: PlannedFault, draw: Draw) => Promise<Ongoing | null>;
  /** Ms since the run began. */
  readonly now: () => number;
  /** When no fault begins any more, ms since the run began. */
  readonly until: number;
  /** A fault began, or could not for want of a target (null). */
  readonly began: (fault: PlannedFault, target: string | null) => void;
}

/** Until a fault must have begun, and until it must be healed, ms: longer means that something is wrong with the run itself. */
const LONGEST_MS = 120_000;

/** Does what a plan says. */
export class Nemesis {
  /** How often each fault happened. */
  readonly counts = new Map<string, number>();
  readonly #options: NemesisOptions;

  constructor(options: NemesisOptions) {
    this.#options = options;
  }

  /** Resolves when the last fault is healed, soon after `until` or the signal. Rejects when one can't be done or healed. */
  async run(signal: AbortSignal): Promise<void> {
    const { plan } = this.#options;
    const lanes = new Set(plan.map(({ lane }) => lane));
    const failed = new AbortController();
    const either = AbortSignal.any([signal, failed.signal]);
    const running = [...lanes].map((lane) =>
      this.#runLane(lane, either).catch((error: unknown) => {
        failed.abort();
        throw error;
      }),
    );
    await Promise.all(running);
  }

  /** A fault that is late because the one before took its time comes as soon as it can. */
  async #runLane(lane: Lane, signal: AbortSignal): Promise<void> {
    const { plan, now, until, seed, start, began } = this.#options;
    for (const fault of plan.filter((one) => one.lane === lane)) {
      await this.#pause(fault.at - now(), signal);
      if (signal.aborted || now() >= until) return;
      const { name, lastsMs } = fault;
      const ongoing = await bounded(start(fault, drawOf(seed, fault)), `The fault "${name}" did not begin`);
      began(fault, ongoing?.target ?? null);
      if (ongoing === null) continue;
      this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
      await this.#pause(Math.min(lastsMs, until - now()), signal);
      await bounded(ongoing.end(), `The fault "${name}" on ${ongoing.target} was not healed`);
    }
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => {});
  }
}

async function bounded<T>(work: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} within ${LONGEST_MS / 1000} s.`)), LONGEST_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

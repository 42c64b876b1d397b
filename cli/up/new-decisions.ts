import type { Decision } from '../../operator/status/status.ts';

/** Tells each decision once, oldest first. */
export class NewDecisions {
  readonly #tell: (decision: Decision) => void;
  #told: Decision | undefined;

  constructor(tell: (decision: Decision) => void) {
    this.#tell = tell;
  }

  /** `log`: newest first; the decisions that it kept are the same objects as before. */
  observe(log: readonly Decision[]): void {
    const known = this.#told === undefined ? -1 : log.indexOf(this.#told);
    const fresh = known < 0 ? log : log.slice(0, known);
    for (const decision of fresh.toReversed()) this.#tell(decision);
    this.#told = log[0] ?? this.#told;
  }
}

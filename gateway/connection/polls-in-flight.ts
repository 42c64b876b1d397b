/** What is in flight is averaged over so long, ms. */
const WINDOW_MS = 1_000;
/** Between two marks at least, ms. */
const STEP_MS = 100;

/** How many polls were held until `at` (monotonic, ms), each for how long: polls × ms. */
interface Mark {
  readonly at: number;
  readonly area: number;
}

/**
 * Counts the long polls that are held, now and on average over the last second, as Knative's queue proxy does with requests. A client that goes from gateway
 * to gateway with its polls is counted once so, and one that takes a moment for its next poll still counts.
 */
export class PollsInFlight {
  #held = 0;
  #area = 0;
  #at = 0;
  /** Oldest first; all but the first are of the last second. */
  #marks: Mark[] = [];

  /** Held now. */
  get held(): number {
    return this.#held;
  }

  /** `now`: monotonic, ms. */
  begun(now: number): void {
    this.#pass(now);
    this.#held++;
  }

  /** `now`: monotonic, ms. */
  ended(now: number): void {
    this.#pass(now);
    this.#held--;
  }

  /** On average over the last second. `now`: monotonic, ms. */
  average(now: number): number {
    this.#pass(now);
    return (this.#area - this.#areaAt(now - WINDOW_MS)) / WINDOW_MS;
  }

  #pass(now: number): void {
    const before = { at: this.#at, area: this.#area };
    this.#area += this.#held * (now - this.#at);
    this.#at = now;
    // A quiet time is even from its very beginning.
    if (now - before.at >= STEP_MS) this.#marks.push(before);
    const last = this.#marks.at(-1);
    if (last !== undefined && now - last.at < STEP_MS) return;
    this.#marks.push({ at: now, area: this.#area });
    while ((this.#marks[1]?.at ?? now) <= now - WINDOW_MS) this.#marks.shift();
  }

  /** Between two marks as if all were even. */
  #areaAt(at: number): number {
    const next = this.#marks.find((mark) => mark.at > at) ?? { at: this.#at, area: this.#area };
    const before = this.#marks.findLast((mark) => mark.at <= at);
    if (before === undefined) return 0;
    return before.area + ((next.area - before.area) * (at - before.at)) / (next.at - before.at);
  }
}

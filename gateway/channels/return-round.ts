/** A channel that may have missed something. */
export interface Comparable {
  /** Somebody listens, and it was not compared since `before` (monotonic, ms). */
  needsHeadCheck(before: number): boolean;
  checkHead(): Promise<void>;
}

const STEP_MS = 100;
/** The first step comes after a random time below this: the gateways of a cluster shall not ask in step. */
const START_MS = 500;
/** Channels looked at in one step. */
const LOOKED_AT = 5_000;

/** One walk around all channels, after the broker was away: each that was not compared since is, so many a second at most. */
export class ReturnRound {
  readonly #checksAStep: number;
  readonly #random: () => number;
  #timer: NodeJS.Timeout | null = null;

  /** `random`: from 0 up to 1. */
  constructor(checksPerSecond: number, random: () => number) {
    this.#checksAStep = Math.max(1, Math.round((checksPerSecond * STEP_MS) / 1000));
    this.#random = random;
  }

  /** In place of a walk that has not ended. */
  begin(channels: Iterator<Comparable>, before: number): void {
    this.end();
    this.#after(START_MS * this.#random(), channels, before);
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #after(ms: number, channels: Iterator<Comparable>, before: number): void {
    this.#timer = setTimeout(() => this.#step(channels, before), ms);
    this.#timer.unref();
  }

  #step(channels: Iterator<Comparable>, before: number): void {
    this.#timer = null;
    let checks = 0;
    for (let looked = 0; looked < LOOKED_AT && checks < this.#checksAStep; looked++) {
      const next = channels.next();
      if (next.done === true) return;
      if (!next.value.needsHeadCheck(before)) continue;
      checks++;
      void next.value.checkHead();
    }
    this.#after(STEP_MS * (0.5 + this.#random()), channels, before);
  }
}

import type { Position } from '../../../protocol/position.ts';
import { Ring } from './ring.ts';

/** How long, and how many, message ids a channel remembers, so that a publish that is sent again is stored once. */
export interface IdLimits {
  readonly maxIds: number;
  readonly maxAgeMs: number;
}

interface Remembered {
  readonly id: string;
  /** Monotonic, ms. */
  readonly at: number;
}

/** The ids lately published to a channel, and where each was stored. Outlives the history where that is shorter. */
export class RememberedIds {
  readonly #byId = new Map<string, Position>();
  /** Oldest first. A Map's own order would do, but finding its oldest key walks over those deleted before. */
  readonly #order = new Ring<Remembered>();

  get size(): number {
    return this.#byId.size;
  }

  /** When the oldest was added (monotonic, ms), or null when there is none. */
  get oldestAt(): number | null {
    return this.#order.at(0)?.at ?? null;
  }

  find(id: string): Position | undefined {
    return this.#byId.get(id);
  }

  /** `id` must not be remembered yet. */
  add(id: string, position: Position, now: number): void {
    this.#byId.set(id, position);
    this.#order.push({ id, at: now });
  }

  /** Forgets what is beyond the limits. */
  trim(limits: IdLimits, now: number): void {
    let oldest = this.#order.at(0);
    while (oldest !== undefined && (this.#order.length > limits.maxIds || oldest.at + limits.maxAgeMs <= now)) {
      this.#byId.delete(oldest.id);
      this.#order.shift();
      oldest = this.#order.at(0);
    }
  }
}

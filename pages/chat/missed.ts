import type { Position } from '../../protocol/position.ts';

/**
 * Counts the messages that did not come, by looking at the offsets itself: the page does not take the SDK's word for it.
 * A channel's offsets have no holes, so each one that is skipped is a message missed.
 */
export class Missed {
  readonly #last = new Map<string, Position>();
  #count = 0;
  #changed = () => {};

  /** Missed since the last `reset`. */
  get count(): number {
    return this.#count;
  }

  /** Calls `changed` after the count has grown. */
  onChange(changed: () => void): void {
    this.#changed = changed;
  }

  reset(): void {
    this.#count = 0;
  }

  /** The channel's stream begins right after `position`. */
  begin(channel: string, position: Position): void {
    this.#last.set(channel, position);
  }

  message(channel: string, position: Position): void {
    const last = this.#last.get(channel);
    if (last?.epoch === position.epoch) this.#add(Math.max(0, position.offset - last.offset - 1));
    this.#last.set(channel, position);
  }

  /** Told that what lies after `from` up to `to` won't come. In another epoch only what `to` counts is known. */
  gap(channel: string, from: Position, to: Position): void {
    this.#add(from.epoch === to.epoch ? Math.max(0, to.offset - from.offset) : to.offset);
    this.#last.set(channel, to);
  }

  #add(missed: number): void {
    this.#count += missed;
    if (missed > 0) this.#changed();
  }
}

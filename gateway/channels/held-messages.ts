import type { Position } from '../../protocol/position.ts';
import type { StoredMessage } from '../broker/broker.ts';
import { nextDigest } from '../broker/digest.ts';

/** More than this needs no holding: the history is read until its end anyway. */
const MAX_HELD = 1_000;

/** Live messages that came while the history before them was read. */
export class HeldMessages {
  #messages: StoredMessage[] = [];

  /** When too many are held, the newest is enough: it tells how far the history must be read. */
  add(message: StoredMessage): void {
    if (this.#messages.length >= MAX_HELD) this.#messages = [];
    this.#messages.push(message);
  }

  /** All, in order; none is held any more. */
  take(): readonly StoredMessage[] {
    return this.#messages.splice(0).sort((a, b) => a.position.offset - b.position.offset);
  }

  /** Holds these again. */
  put(messages: readonly StoredMessage[]): void {
    this.#messages = [...messages];
  }

  clear(): void {
    this.#messages = [];
  }
}

/** Whether the message is the one right after `head`, on the same line: the digest shows when the broker lost its tail and counted on. */
export function follows(head: Position, { position, id }: StoredMessage): boolean {
  return position.offset === head.offset + 1 && position.epoch === head.epoch && position.digest === nextDigest(head.digest, id);
}

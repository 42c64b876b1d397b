import { asEpoch, asOffset, type Position, samePosition } from '../../protocol/position.ts';

export interface ModelMessage {
  readonly position: Position;
  readonly id: string;
  readonly data: unknown;
}

export type Reading =
  | { readonly kind: 'messages'; readonly messages: readonly ModelMessage[] }
  | { readonly kind: 'gap'; readonly to: Position };

/** One channel as a broker keeps it, in the simplest way; it can also lose its tail or its whole history, and be trimmed. */
export class ModelChannel {
  #epoch = 1;
  /** The offset before the oldest message kept, and the digest there. */
  #floor = { offset: 0, digest: '' };
  #messages: ModelMessage[] = [];
  readonly #firsts = new Map<string, Position>();
  readonly listeners = new Set<(message: ModelMessage) => void>();
  /** Every message ever stored, lost ones too, and those that no reader may miss without being told. */
  readonly stored: ModelMessage[] = [];

  get head(): Position {
    return this.#messages.at(-1)?.position ?? this.#position(this.#floor.offset, this.#floor.digest);
  }

  get oldest(): Position {
    return this.#position(this.#floor.offset, this.#floor.digest);
  }

  publish(id: string, data: unknown): { readonly position: Position; readonly duplicate: boolean } {
    const first = this.#firsts.get(id);
    if (first !== undefined) return { position: first, duplicate: true };
    const { offset, digest } = this.head;
    const message = { position: this.#position(offset + 1, `${hash(digest + id)}`), id, data };
    this.#messages.push(message);
    this.stored.push(message);
    this.#firsts.set(id, message.position);
    for (const listener of [...this.listeners]) listener(message);
    return { position: message.position, duplicate: false };
  }

  read(after: Position): Reading {
    if (after.epoch !== this.head.epoch) return { kind: 'gap', to: this.oldest };
    if (after.offset > this.head.offset) return { kind: 'gap', to: this.head };
    if (after.offset < this.#floor.offset) return { kind: 'gap', to: this.oldest };
    const here =
      after.offset === this.#floor.offset ? this.oldest : this.#messages.find(({ position }) => position.offset === after.offset)?.position;
    if (here === undefined || !samePosition(here, after)) return { kind: 'gap', to: this.head };
    return { kind: 'messages', messages: this.#messages.filter(({ position }) => position.offset > after.offset) };
  }

  /** Forgets all but the newest messages. */
  trim(keep: number): void {
    const dropped = this.#messages.splice(0, Math.max(0, this.#messages.length - keep)).at(-1);
    if (dropped !== undefined) this.#floor = { offset: dropped.position.offset, digest: dropped.position.digest };
  }

  /** A failover lost the newest messages; who counts on has the same offsets for others. */
  loseTail(count: number): void {
    for (const { id } of this.#messages.splice(Math.max(0, this.#messages.length - count))) this.#firsts.delete(id);
  }

  /** All is lost; another life begins. */
  restart(): void {
    this.#epoch++;
    this.#floor = { offset: 0, digest: '' };
    for (const { id } of this.#messages.splice(0)) this.#firsts.delete(id);
  }

  #position(offset: number, digest: string): Position {
    return { epoch: asEpoch(`e${this.#epoch}`), offset: asOffset(offset), digest };
  }
}

/** The digest of a position from the one before it and the id of its message. */
export function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}

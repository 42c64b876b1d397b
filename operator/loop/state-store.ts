import type { Memory } from '../snapshot.ts';

/** What an operator must find again after a restart. Plain JSON. */
export interface OperatorState {
  readonly memory: Memory;
  /** Gateways that a person asked to drain. */
  readonly drainRequests: readonly string[];
}

/** Keeps the state beyond the operator's life. A save either happens wholly or not at all. */
export interface StateStore {
  /** `null` when nothing was saved yet. */
  load(): Promise<OperatorState | null>;
  save(state: OperatorState): Promise<void>;
}

/** A store for an operator whose fleet ends with it (local), or that shares its process (simulated). */
export class MemoryStateStore implements StateStore {
  #state: OperatorState | null = null;

  async load(): Promise<OperatorState | null> {
    return this.#state;
  }

  async save(state: OperatorState): Promise<void> {
    this.#state = state;
  }
}

import type { OperatorState } from '../snapshot.ts';

/** What is stored is newer than what was to be saved: another operator, or a person, wrote it. The next round begins from there. */
export class Overtaken extends Error {}

/** Keeps the state beyond the operator's life. A save either happens wholly or not at all. */
export interface StateStore {
  /** `null` when nothing was saved yet. */
  load(): Promise<OperatorState | null>;
  /** Called in every round, before it acts. Rejects with `Overtaken` when it must be loaded anew. What need not be saved before acting (`mustBeSaved`) may be written later, or never. */
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

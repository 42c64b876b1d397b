import { MemoryEngine } from '../../gateway/broker/memory/engine.ts';
import { LIMITS } from '../contract/broker.ts';

/** A memory engine with the contract's limits and a clock that a test moves by hand. */
export function memoryStore(): { engine: MemoryEngine; advance(ms: number): void } {
  let now = 1_000;
  const engine = new MemoryEngine({
    history: LIMITS.history,
    ids: { maxIds: 10_000, maxAgeMs: LIMITS.idsMs },
    idleMs: LIMITS.idleMs,
    now: () => now,
  });
  return {
    engine,
    advance: (ms) => {
      now += ms;
      engine.sweep();
    },
  };
}

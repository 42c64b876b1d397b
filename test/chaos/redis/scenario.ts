import type { Place } from '../../servers/redis/server.ts';
import type { Draw } from '../draw.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Fault, FaultKind, Ongoing } from '../nemesis/fault.ts';
import type { PlannedFault } from '../nemesis/plan.ts';
import type { World } from '../nemesis/world.ts';
import type { ChaosOptions } from '../options.ts';

/** A Redis that was started for a run. */
export interface RedisHome {
  /** Where a gateway of this name runs, and what it is given as its broker. */
  settle(gateway: string): Promise<{ readonly place: Place; readonly broker: string }>;
  /** That gateway has ended. */
  leave(gateway: string): Promise<void>;
  /** Undoes whatever is wrong; resolves when all servers answer and replicas follow. */
  heal(): Promise<void>;
  stop(): Promise<void>;
}

/** A Redis, and the faults that happen beside it in a run. */
export interface OpenScenario {
  readonly redis: RedisHome;
  /** Begins a fault; null when there is nothing that it could be done to. */
  start(planned: PlannedFault, fleet: Fleet, draw: Draw, signal: AbortSignal): Promise<Ongoing | null>;
}

/** What a kind of Redis means for a run. */
export interface Scenario {
  /** All faults that may happen, of gateways too. */
  readonly kinds: readonly FaultKind[];
  /** Whether a fault may lose acknowledged messages. */
  mayLose(options: ChaosOptions): boolean;
  /** Starts Redis; `say`: tells people of something that can't be done here. */
  open(options: ChaosOptions, say: (text: string) => void): Promise<OpenScenario>;
}

/** Makes a scenario of a Redis that `open` starts, and the faults that it knows. */
export function scenario<R extends RedisHome>(made: {
  readonly faults: readonly Fault<World<R>>[];
  readonly mayLose: (options: ChaosOptions) => boolean;
  readonly open: (options: ChaosOptions, say: (text: string) => void) => Promise<R>;
}): Scenario {
  const { faults } = made;
  return {
    kinds: faults,
    mayLose: made.mayLose,
    async open(options, say) {
      const redis = await made.open(options, say);
      return {
        redis,
        async start({ name, lastsMs }, fleet, draw, signal) {
          const fault = faults.find((one) => one.name === name);
          if (fault === undefined) throw new Error(`There is no fault "${name}".`);
          return fault.start({ fleet, redis, signal }, draw, lastsMs);
        },
      };
    },
  };
}

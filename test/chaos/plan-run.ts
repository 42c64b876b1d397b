import { type LoadPlan, planLoad } from './load/plan.ts';
import { type PlannedFault, planFaults } from './nemesis/plan.ts';
import type { ChaosOptions } from './options.ts';
import { scenarioOf } from './redis/scenarios.ts';

/** All that is drawn before a run. */
export interface Plan {
  readonly load: LoadPlan;
  readonly faults: readonly PlannedFault[];
}

/** What the seed and the other options lead to. */
export function planRun(options: ChaosOptions): Plan {
  const kinds = scenarioOf(options).kinds.filter(({ name }) => isWanted(name, options));
  return { load: planLoad(options), faults: planFaults(options.seed, options.durationMs, kinds) };
}

function isWanted(name: string, { faults }: ChaosOptions): boolean {
  return faults.length === 0 || faults.some((part) => name.includes(part));
}

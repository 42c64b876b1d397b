import type { Action, Fleet } from '../fleet/fleet.ts';
import type { RatesInForce } from '../planning/rates-in-force.ts';

/** How a round's actions went. */
export interface Acted {
  /** One line for each that failed: what and why. */
  readonly failures: readonly string[];
}

/**
 * Applies the actions one after the other, each only while `mayAct` says so. One that fails doesn't keep the others back, but one that would raise
 * the sum of the rates above the budget, because the decrease before it failed, waits for the next round.
 */
export async function act(
  actions: readonly Action[],
  context: { readonly fleet: Fleet; readonly mayAct: () => boolean; readonly rates: RatesInForce; readonly budget: number },
): Promise<Acted> {
  const { fleet, mayAct, rates, budget } = context;
  const failures: string[] = [];
  for (const action of actions) {
    if (!rates.allows(action, budget)) continue;
    if (!mayAct()) return { failures };
    try {
      await fleet.apply(action);
      rates.applied(action);
    } catch (error) {
      rates.failed(action);
      failures.push(`${action.kind} ${action.gateway}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { failures };
}

import type { Action, GatewayView } from '../fleet/fleet.ts';

/** The rate at which a gateway is ordered to move connections, per second; 0 when it moves none. */
export function rateInForce(gateway: GatewayView): number {
  if (gateway.phase === 'dead') return 0;
  if (gateway.drain !== null) return gateway.drain.ratePerSecond;
  return gateway.shed !== null && gateway.shed.remaining > 0 ? gateway.shed.ratePerSecond : 0;
}

/**
 * Keeps the fleet-wide sum of rates while actions are applied one by one (invariant I3). An action that failed may have had its effect or not, so
 * the higher of the two rates counts from then on.
 */
export class RatesInForce {
  readonly #rates = new Map<string, number>();
  #sum = 0;

  constructor(gateways: readonly GatewayView[]) {
    for (const gateway of gateways) {
      const rate = rateInForce(gateway);
      if (rate > 0) this.#set(gateway.name, rate);
    }
  }

  /** Whether the action keeps the sum within `budget`; one that raises no rate always may. */
  allows(action: Action, budget: number): boolean {
    const before = this.#rates.get(action.gateway) ?? 0;
    const after = rateAfter(action);
    if (after === null || after <= before) return true;
    return this.#sum - before + after <= budget + ROUNDING;
  }

  applied(action: Action): void {
    const after = rateAfter(action);
    if (after !== null) this.#set(action.gateway, after);
  }

  failed(action: Action): void {
    const after = rateAfter(action);
    if (after !== null && after > (this.#rates.get(action.gateway) ?? 0)) this.#set(action.gateway, after);
  }

  #set(gateway: string, rate: number): void {
    this.#sum += rate - (this.#rates.get(gateway) ?? 0);
    this.#rates.set(gateway, rate);
  }
}

/** Sums of fractions are a hair off. */
const ROUNDING = 1e-6;

/** The gateway's rate when the action is done; `null` when the action doesn't touch it. */
function rateAfter(action: Action): number | null {
  switch (action.kind) {
    case 'drain':
      return action.ratePerSecond;
    case 'shed':
      return action.count > 0 ? action.ratePerSecond : 0;
    case 'uncordon':
    case 'delete':
      return 0;
    default:
      return null;
  }
}

import type { Action, GatewayView } from '../fleet/fleet.ts';
import type { Snapshot } from '../snapshot.ts';
import type { NumberPlan } from './number.ts';
import { type Mover, shareBudget } from './rates.ts';
import { surpluses } from './rebalance.ts';
import { held, isAccepting, type Roles } from './roles.ts';
import { freeRoom } from './room.ts';

/**
 * How fast each gateway moves its connections away: drains first, what is left of the budget for rebalancing. The budget is the configured ceiling, less what
 * gateways that stop by themselves move, and no more than the others accept; without room nothing moves. What lowers a rate comes before what raises one,
 * so that the sum is within the budget at every moment (invariant I3).
 */
export function planMoves(snapshot: Snapshot, roles: Roles, { begun, takenBack }: NumberPlan): Action[] {
  const { spec } = snapshot.cluster;
  const draining = roles.draining.filter(({ name, phase }) => !takenBack.has(name) && phase !== 'starting');
  const drains = [...draining, ...begun.map(({ gateway }) => gateway)];
  const leaving = new Set(drains.map(({ name }) => name));
  const receivers = snapshot.gateways.filter((gateway) => isAccepting(gateway) && !leaving.has(gateway.name));
  const own = roles.leaving.reduce((sum, gateway) => sum + (gateway.drain?.ratePerSecond ?? 0), 0);
  const accepted = receivers.length * spec.gateway.acceptRatePerSecond;
  const budget = freeRoom(snapshot.gateways, leaving) === 0 ? 0 : Math.max(0, Math.min(spec.drain.maxConnectionsPerSecond - own, accepted));

  const drainMovers = drains.map(
    (gateway): Mover => ({ gateway: gateway.name, present: gateway.drain?.ratePerSecond ?? 0, wanted: Math.max(1, held(gateway)) }),
  );
  const drainRates = shareBudget(drainMovers, budget);
  const left = budget - sum(drainRates.values());
  const surplus = drains.length > 0 ? [] : surpluses(snapshot, roles);
  const shedMovers = surplus.map(
    ({ gateway, count }): Mover => ({ gateway: gateway.name, present: gateway.shed?.ratePerSecond ?? 0, wanted: count }),
  );
  const shedRates = shareBudget(shedMovers, left);

  const changes: { readonly action: Action; readonly by: number }[] = [];
  for (const gateway of drains) {
    const rate = drainRates.get(gateway.name) ?? 0;
    const present = gateway.drain?.ratePerSecond ?? null;
    if (rate === present) continue;
    const reason = begun.find((victim) => victim.gateway === gateway)?.reason ?? 'the budget is shared anew';
    const drain = { kind: 'drain', gateway: gateway.name, ratePerSecond: rate, timeoutMs: spec.drain.timeoutMs, reason } as const;
    changes.push({ action: drain, by: rate - (present ?? gateway.shed?.ratePerSecond ?? 0) });
  }
  for (const { gateway, count, mean } of surplus) {
    const rate = shedRates.get(gateway.name) ?? 0;
    if (rate === 0 || isShedding(gateway, rate)) continue;
    const reason = `it holds ${held(gateway)} connections, the mean is ${mean}`;
    changes.push({
      action: { kind: 'shed', gateway: gateway.name, count, ratePerSecond: rate, reason },
      by: rate - (gateway.shed?.ratePerSecond ?? 0),
    });
  }
  for (const gateway of roles.current.concat(roles.outdated)) {
    if (gateway.shed === null || gateway.shed.remaining === 0 || leaving.has(gateway.name) || (shedRates.get(gateway.name) ?? 0) > 0)
      continue;
    changes.push({
      action: { kind: 'shed', gateway: gateway.name, count: 0, ratePerSecond: 0, reason: 'nothing is above the mean any more' },
      by: -gateway.shed.ratePerSecond,
    });
  }
  return changes.sort((a, b) => a.by - b.by).map(({ action }) => action);
}

/** A shed at this rate goes on, and needs no new word. */
const isShedding = ({ shed }: GatewayView, rate: number): boolean => shed !== null && shed.remaining > 0 && shed.ratePerSecond === rate;

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, n) => total + n, 0);

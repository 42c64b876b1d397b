import type { Action, GatewayView } from '../fleet/fleet.ts';
import type { Draft } from './draft.ts';
import { rateInForce } from './rates-in-force.ts';
import { shedsOf } from './rebalance.ts';
import { held, isAccepting, roomOf } from './roles.ts';
import { type Mover, shareBudget } from './share.ts';

/** The share of the receivers' accept rate that moved connections may use; the rest is for those who come by themselves. */
const ACCEPT_SHARE = 0.5;
/** Before its deadline a drain should be over by this, ms: the last clients need time to go. */
const SPARE_MS = 5_000;
/** In how many seconds a gateway whose drain's deadline is over closes what it has. */
const FORCED_SECONDS = 10;

/**
 * How fast each gateway moves its connections away. The budget is the configured ceiling and no more than the receivers accept (none do when the
 * ChatCluster goes), less what moves whatever we say. What lowers a rate comes before what raises one, so that the sum is within the budget at every moment (invariant I3).
 */
export function pace(draft: Draft): void {
  const { going, paused, begun, snapshot } = draft;
  const sheds = shedsOf(draft);
  if (going.length + paused.length + begun.length + sheds.length === 0) return;
  const { timeoutMs } = snapshot.cluster.spec.drain;
  const drains: readonly Draining[] = [
    ...going.filter((gateway) => isSteerable(gateway, snapshot.now)).map((gateway) => ({ gateway, reason: 'the budget is shared anew' })),
    ...begun.map(({ gateway, reason }) => ({ gateway, reason })),
  ];
  const movers: Mover[] = drains.map(({ gateway }) => ({
    present: rateInForce(gateway),
    // Somebody may come to an empty one until it is cordoned.
    unasked: Math.max(gateway.drain === null ? 1 : 0, held(gateway) - gateway.migrating),
    least: leastRate(gateway, snapshot.now, timeoutMs),
  }));
  // A shed that ends leaves all of its rate to the others.
  for (const { gateway, count } of sheds) movers.push({ present: count > 0 ? rateInForce(gateway) : 0, unasked: count, least: 0 });
  const rates = shareBudget(movers, budgetOf(draft));

  for (const gateway of paused) order(draft, gateway, 0, drainOf(gateway, 0, timeoutMs, 'the others have no room at the moment'));
  drains.forEach(({ gateway, reason }, i) => {
    const rate = rates[i] ?? 0;
    const isNew = gateway.drain === null;
    if (isNew || rate !== gateway.drain?.ratePerSecond) order(draft, gateway, rate, drainOf(gateway, rate, timeoutMs, reason));
  });
  sheds.forEach(({ gateway, count, reason }, i) => {
    const rate = rates[drains.length + i] ?? 0;
    const { remaining, ratePerSecond } = gateway.shed ?? { remaining: 0, ratePerSecond: 0 };
    if (count === remaining && (rate === ratePerSecond || count === 0)) return;
    if (count > 0 && rate === 0 && remaining === 0) return;
    const why = count === remaining ? 'the budget is shared anew' : reason;
    order(draft, gateway, count > 0 ? rate : 0, {
      kind: 'shed',
      gateway: gateway.name,
      count,
      ratePerSecond: count > 0 ? rate : 0,
      reason: why,
    });
  });
}

interface Draining {
  readonly gateway: GatewayView;
  readonly reason: string;
}

const drainOf = ({ name }: GatewayView, ratePerSecond: number, timeoutMs: number, reason: string): Action => ({
  kind: 'drain',
  gateway: name,
  ratePerSecond,
  timeoutMs,
  reason,
});

function order(draft: Draft, gateway: GatewayView, rate: number, action: Action): void {
  const present = rateInForce(gateway);
  if (action.kind === 'drain' && rate === present && gateway.drain !== null) return;
  (rate < present ? draft.slower : draft.faster).push(action);
}

/** Whether it heeds a new rate: one that doesn't answer or whose deadline is over does not. */
const isSteerable = ({ phase, drain }: GatewayView, now: number): boolean => phase !== 'unreachable' && (drain?.deadlineAt ?? now) > now;

function leastRate({ drain, connections, migrating }: GatewayView, now: number, timeoutMs: number): number {
  const left = (drain === null ? timeoutMs : drain.deadlineAt - now) - SPARE_MS;
  return (Math.max(0, (connections ?? 0) - migrating) * 1000) / Math.max(1000, left);
}

function budgetOf({ snapshot, roles, going, begun }: Draft): number {
  const { spec } = snapshot.cluster;
  let receivers = 0;
  for (const gateway of roles.current.concat(roles.outdated)) {
    if (isAccepting(gateway) && roomOf(gateway) > 0 && !begun.some((victim) => victim.gateway === gateway)) receivers += 1;
  }
  let uncontrolled = 0;
  // One that sheds and doesn't answer can't be slowed down.
  for (const gateway of snapshot.gateways)
    if (gateway.phase === 'unreachable' && gateway.drain === null) uncontrolled += rateInForce(gateway);
  for (const gateway of roles.leaving) uncontrolled += rateInForce(gateway);
  for (const gateway of going) {
    if ((gateway.drain?.deadlineAt ?? 0) <= snapshot.now) uncontrolled += held(gateway) / FORCED_SECONDS;
    else if (!isSteerable(gateway, snapshot.now)) uncontrolled += rateInForce(gateway);
  }
  const left = spec.drain.maxConnectionsPerSecond - uncontrolled;
  if (snapshot.cluster.controls.removing) return Math.max(0, left);
  const accepted = receivers * spec.gateway.acceptRatePerSecond * ACCEPT_SHARE;
  return Math.max(0, Math.min(left, accepted));
}

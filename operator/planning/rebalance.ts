import type { GatewayView } from '../fleet/fleet.ts';
import type { Draft } from './draft.ts';
import { Looks } from './looks.ts';
import { isAccepting, roomOf } from './roles.ts';

/** How many connections a gateway should still be asked to move. 0: none any more. */
export interface Shed {
  readonly gateway: GatewayView;
  readonly count: number;
  readonly reason: string;
}

/** A gateway is left alone unless it is above the mean by more than so many connections: small fleets can't be more even than that. */
const LEAST_EXCESS = 2;
/** The most that a gateway is above the mean when a person asked to even out the connections, a fraction of the mean. */
const ASKED_SKEW = 0.03;
/** The share of the receivers' room that may be used. */
const ROOM_SHARE = 0.9;

/**
 * Gateways above the mean by more than `maxSkew` shed what they have above the mean, so that after it they are well below the limit and a constant load
 * comes to rest (invariant I5). What may have come or gone between the looks at them is no skew, and begins no shed. With `Hash` they shed only what
 * is above the limit: below it the balancer sends clients back to where they were.
 * While others drain or are rolled out nobody sheds: that moves connections anyway.
 * A request of a person (`controls.rebalance`) does it once, more exactly, and also where it is switched off; it is met when nothing is left to be done.
 */
export function shedsOf(draft: Draft): readonly Shed[] {
  const { roles, snapshot } = draft;
  const { rebalance, balancing } = snapshot.cluster.spec;
  const isAsked = snapshot.cluster.controls.rebalance !== null && snapshot.cluster.controls.rebalance !== draft.rebalanced;
  const isBusy = roles.outdated.length + roles.draining.length + roles.requested.length + draft.begun.length > 0;
  if (isAsked && isBusy) draft.waiting.push('the connections are evened out when no gateway is drained or replaced any more');
  if (!(rebalance.enabled || isAsked) || isBusy || anyUnknown(draft)) {
    if (isAsked && !isBusy && roles.current.length < 2 && draft.desired < 2) draft.rebalanced = snapshot.cluster.controls.rebalance;
    return endAll(draft);
  }
  const accepting = roles.current.filter(isAccepting);
  const mean = accepting.reduce((sum, { connections }) => sum + (connections ?? 0), 0) / accepting.length;
  const skew = isAsked && balancing.algorithm !== 'Hash' ? Math.min(ASKED_SKEW, rebalance.maxSkew) : rebalance.maxSkew;
  const limitOf = (average: number): number => Math.max(average * (1 + skew), average + LEAST_EXCESS);
  const targetOf = (average: number): number => (balancing.algorithm === 'Hash' ? Math.floor(limitOf(average)) : Math.ceil(average));
  const [limit, target] = [limitOf(mean), targetOf(mean)];
  const sheds: Shed[] = [];
  let looks: Looks | null = null;
  let isEven = true;
  for (const gateway of accepting) {
    const holds = (gateway.connections ?? 0) - gateway.migrating;
    const remaining = gateway.shed?.remaining ?? 0;
    const count = Math.max(0, holds - target);
    isEven &&= remaining === 0 && holds <= limit;
    if (remaining > 0) sheds.push({ gateway, count: Math.min(remaining, count), reason: `the mean is ${Math.round(mean)} now` });
    if (remaining > 0 || holds <= limit) continue;
    looks ??= new Looks(accepting, snapshot.cluster.spec.gateway.acceptRatePerSecond);
    const surely = holds - Math.ceil(looks.takenBy(gateway));
    const meanThen = mean + looks.lostAfter(gateway) / accepting.length;
    if (surely > limitOf(meanThen))
      sheds.push({
        gateway,
        count: surely - targetOf(meanThen),
        reason: `it holds ${holds} connections, the mean is ${Math.round(mean)}`,
      });
  }
  if (isAsked && isEven && isComplete(draft)) draft.rebalanced = snapshot.cluster.controls.rebalance;
  return sheds.length === 0 ? sheds : withinRoom(sheds, roles.current, mean);
}

/** Whether all that shall share the connections do, and nobody is on the way. */
function isComplete({ roles, desired }: Draft): boolean {
  return roles.current.length >= desired && roles.current.every((gateway) => isAccepting(gateway) && gateway.migrating === 0);
}

/** No more than those below the mean have room for. */
function withinRoom(sheds: readonly Shed[], gateways: readonly GatewayView[], mean: number): readonly Shed[] {
  let room = 0;
  for (const gateway of gateways) {
    if (isAccepting(gateway) && (gateway.connections ?? 0) <= mean) room += roomOf(gateway);
  }
  let left = Math.floor(room * ROOM_SHARE);
  return sheds.map((shed) => {
    const count = Math.min(shed.count, left);
    left -= count;
    return count === shed.count ? shed : { ...shed, count };
  });
}

/** Also those of gateways that are outdated by now, or wait to be drained: their rates would keep the drains from theirs. */
function endAll({ roles, begun }: Draft): readonly Shed[] {
  let sheds: Shed[] | null = null;
  for (const gateways of [roles.current, roles.outdated, roles.requested]) {
    for (const gateway of gateways) {
      if (gateway.shed === null || gateway.shed.remaining === 0 || gateway.phase === 'unreachable') continue;
      // A drain takes the place of its shed.
      if (begun.some((victim) => victim.gateway === gateway)) continue;
      sheds ??= [];
      sheds.push({ gateway, count: 0, reason: 'other moves come first' });
    }
  }
  return sheds ?? NONE;
}

const NONE: readonly Shed[] = [];

/** Without every count the mean isn't known. */
function anyUnknown({ roles }: Draft): boolean {
  let accepting = 0;
  for (const gateway of roles.current) {
    if (!isAccepting(gateway)) continue;
    if (gateway.connections === null) return true;
    accepting += 1;
  }
  return accepting < 2;
}

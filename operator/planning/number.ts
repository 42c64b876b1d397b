import type { Action, GatewayView } from '../fleet/fleet.ts';
import type { PlanningMemory, Snapshot } from '../snapshot.ts';
import { held, isAccepting, type Roles } from './roles.ts';
import { freeRoom, toBeMoved } from './room.ts';
import { chooseVictims, type Victim } from './victims.ts';

/** What the number of gateways asks for. */
export interface NumberPlan {
  readonly actions: readonly Action[];
  readonly memory: PlanningMemory;
  /** Gateways whose drain begins now. */
  readonly begun: readonly Victim[];
  /** Gateways whose drain is taken back now. */
  readonly takenBack: ReadonlySet<string>;
}

/** Room beyond what is moved, as a fraction of all connections, that must be there before a drain begins: or else it would begin and be taken back. */
const RESERVE = 0.05;

/**
 * Makes the number of gateways the desired one: takes drains back, creates, or lets drains begin.
 * `desired` is null when it can't be said: then nothing is removed, and what crashed is replaced up to the last number.
 */
export function planNumber(snapshot: Snapshot, roles: Roles, desired: number | null, memory: PlanningMemory): NumberPlan {
  const { current, outdated } = roles;
  const serving = [...current, ...outdated];
  const wanted = desired ?? memory.desired ?? serving.length;
  const actions: Action[] = [];
  const takenBack = takeBack(snapshot, roles, Math.max(0, wanted - serving.length));
  for (const { gateway, reason } of takenBack) actions.push({ kind: 'uncordon', gateway: gateway.name, reason });

  const back = takenBack.filter(({ gateway }) => gateway.revision === snapshot.revision).length;
  const surge = outdated.length > 0 ? snapshot.cluster.spec.rollout.maxSurge : 0;
  const missing = Math.min(wanted - current.length - back, wanted + surge - serving.length - takenBack.length);
  let { lastOrdinal } = memory;
  for (const { ordinal } of snapshot.gateways) lastOrdinal = Math.max(lastOrdinal, ordinal);
  for (let i = 0; i < missing; i++) {
    lastOrdinal++;
    const reason =
      outdated.length > 0 ? 'the settings changed' : `${wanted} gateways are needed, ${serving.length + takenBack.length} are there`;
    actions.push({ kind: 'create', gateway: `${snapshot.cluster.name}-${lastOrdinal}`, reason });
  }
  const begun = takenBack.length > 0 || (desired === null && roles.requested.length === 0) ? [] : begin(snapshot, roles, desired, actions);
  return { actions, memory: { lastOrdinal, desired: wanted }, begun, takenBack: new Set(takenBack.map(({ gateway }) => gateway.name)) };
}

/** Drains to be taken back: because gateways are missing, or because those that stay can't take what is to be moved (invariant I2). */
function takeBack({ gateways, revision, drainRequests }: Snapshot, { draining }: Roles, missing: number): Victim[] {
  const candidates = draining
    .filter((gateway) => gateway.phase === 'ready' && !drainRequests.includes(gateway.name))
    .sort((a, b) => Number(b.revision === revision) - Number(a.revision === revision) || held(b) - held(a));
  const taken: Victim[] = candidates
    .filter((gateway) => gateway.revision === revision)
    .slice(0, missing)
    .map((gateway) => ({ gateway, reason: 'it is needed again' }));
  const left = new Set(draining.filter((gateway) => !taken.some((victim) => victim.gateway === gateway)));
  for (const gateway of candidates) {
    if (!left.has(gateway)) continue;
    const room = freeRoom(gateways, new Set());
    if (toBeMoved([...left]) <= room) break;
    left.delete(gateway);
    taken.push({ gateway, reason: `the others have room for ${room} connections only` });
  }
  return taken;
}

/** Lets drains begin, one after the other as long as there is room; a gateway that never took a connection is deleted instead. */
function begin(snapshot: Snapshot, roles: Roles, desired: number | null, actions: Action[]): Victim[] {
  const { requested, current, outdated, draining } = roles;
  const serving = [...current, ...outdated];
  const gone = new Set<string>();
  const begun: Victim[] = [];
  const total = toBeMoved(snapshot.gateways.filter(({ phase }) => phase !== 'dead'));
  const tryToDrain = (victim: Victim): boolean => {
    const { gateway } = victim;
    const moving = toBeMoved(draining) + toBeMoved(begun.map((other) => other.gateway)) + held(gateway);
    const without = new Set([...gone, gateway.name]);
    if (held(gateway) > 0 && freeRoom(snapshot.gateways, without) < moving + Math.ceil(total * RESERVE)) return false;
    gone.add(gateway.name);
    begun.push(victim);
    return true;
  };
  for (const gateway of requested) tryToDrain({ gateway, reason: 'a person asked for it' });
  if (desired === null) return begun;

  // Only gateways that take connections count: one that is starting can't replace anybody yet.
  const ready = serving.filter(isServing).length;
  const unready = serving.length - ready;
  let surplus = outdated.length > 0 ? ready - desired : serving.length - desired;
  if (outdated.length > 0) surplus = Math.max(surplus, Math.min(unready, serving.length - desired));
  for (const victim of chooseVictims(serving, Math.max(0, surplus), snapshot.revision)) {
    const { gateway } = victim;
    if (gateway.phase === 'starting' && held(gateway) === 0) {
      if (gateway.revision === snapshot.revision && outdated.length > 0) continue;
      actions.push({ kind: 'delete', gateway: gateway.name, reason: `not needed: ${victim.reason}` });
    } else if (!tryToDrain({ gateway, reason: victim.reason })) break;
  }
  return begun;
}

const isServing = (gateway: GatewayView): boolean => isAccepting(gateway) || (gateway.phase === 'ready' && gateway.cordoned);

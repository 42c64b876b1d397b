import type { Action } from '../fleet/fleet.ts';
import type { PlanningMemory, Snapshot } from '../snapshot.ts';
import { held, type Roles } from './roles.ts';
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
  /** What is held back, and why: one line each. */
  readonly waiting: readonly string[];
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
  const { begun, waiting } = takenBack.length > 0 ? { begun: [], waiting: [] } : begin(snapshot, roles, desired, actions);
  return {
    actions,
    memory: { lastOrdinal, desired: wanted },
    begun,
    takenBack: new Set(takenBack.map(({ gateway }) => gateway.name)),
    waiting,
  };
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

/**
 * Lets drains begin, one after the other as long as there is room; a gateway that never took a connection is deleted instead. In a rollout only gateways that
 * take connections count as there: one that is starting can't replace anybody yet.
 */
function begin(
  snapshot: Snapshot,
  { requested, current, outdated, draining }: Roles,
  desired: number | null,
  actions: Action[],
): { readonly begun: Victim[]; readonly waiting: string[] } {
  const begun: Victim[] = [];
  const waiting: string[] = [];
  const leaving = new Set<string>();
  const reserve = Math.ceil(toBeMoved(snapshot.gateways) * RESERVE);
  let moving = toBeMoved(draining);
  const tryToDrain = (victim: Victim): boolean => {
    const { gateway } = victim;
    const room = freeRoom(snapshot.gateways, new Set([...leaving, gateway.name]));
    if (held(gateway) > 0 && room < moving + held(gateway) + reserve) {
      waiting.push(
        `${gateway.name} waits to be drained: ${moving + held(gateway)} connections would be moved, the others have room for ${room}`,
      );
      return false;
    }
    moving += held(gateway);
    leaving.add(gateway.name);
    begun.push(victim);
    return true;
  };
  for (const gateway of requested) tryToDrain({ gateway, reason: 'a person asked for it' });
  if (desired === null) return { begun, waiting };

  const serving = [...current, ...outdated];
  const there = outdated.length > 0 ? serving.filter(({ phase }) => phase === 'ready').length : serving.length;
  const old = outdated.filter(({ phase }) => phase !== 'ready').length;
  const surplus = Math.max(there - desired, Math.min(old, serving.length - desired));
  for (const { gateway, reason } of chooseVictims(serving, Math.max(0, surplus), snapshot.revision)) {
    if (gateway.phase === 'starting' && held(gateway) === 0) {
      // In a rollout the newcomers are the ones to wait for.
      if (gateway.revision !== snapshot.revision || outdated.length === 0) {
        actions.push({ kind: 'delete', gateway: gateway.name, reason: `not needed: ${reason}` });
      }
    } else if (!tryToDrain({ gateway, reason })) break;
  }
  return { begun, waiting };
}

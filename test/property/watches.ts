import type { GatewayView } from '../../operator/fleet/fleet.ts';
import type { SimulatedGateway } from '../../operator/fleet/simulated/gateway.ts';
import { rateInForce } from '../../operator/planning/rates-in-force.ts';
import type { Observer, World } from '../fakes/operator.ts';

/** An observer that knows one invariant. `tell` gets what must not be; it looks at what is true in the fleet, not at what was observed. */
export interface Watch extends Observer {
  tell: (text: string) => void;
}

const silent = () => undefined;

/** After a drain's deadline a gateway has so long to close what is left, ms. */
const CLOSING_MS = 10_000;

/** I1. A ChatCluster that is removed at once is spared nothing; else a gateway that doesn't answer is spared for as long as a drain takes. */
export function deletesOnlyTheEmpty(world: World): Watch {
  const { fleet } = world;
  const isOver = (gateway: SimulatedGateway): boolean => {
    const { controls, spec } = world.cluster;
    if (!controls.removing || world.removedAt === null) return false;
    if (spec.drain.onDeletion === 'Immediate') return true;
    return gateway.phase === 'unreachable' && fleet.now >= world.removedAt + spec.drain.timeoutMs + CLOSING_MS;
  };
  return {
    tell: silent,
    before(action) {
      if (action.kind !== 'delete') return;
      const gateway = fleet.gateway(action.gateway);
      if (gateway === undefined || gateway.held === 0 || gateway.phase === 'dead') return;
      if (gateway.drain !== null && fleet.now >= gateway.drain.deadlineAt) return;
      if (isOver(gateway)) return;
      this.tell(`${gateway.name} is deleted with ${gateway.held} connections`);
    },
  };
}

/** I2: of the drains that can be stopped, and judged where the operator could do all that it wanted. */
export function roomKept({ fleet }: World): Watch {
  const moves = (gateway: SimulatedGateway) =>
    gateway.phase === 'ready' && gateway.drain !== null && gateway.drain.ratePerSecond > 0 && fleet.now < gateway.drain.deadlineAt;
  const judge = (watch: Watch, when: string) => {
    let toMove = 0;
    let room = 0;
    for (const gateway of fleet.gateways()) {
      if (moves(gateway)) toMove += gateway.held;
      else if (gateway.isAccepting) room += gateway.capacity - gateway.held;
    }
    if (toMove > room) watch.tell(`${when} ${toMove} connections are to be moved, and there is room for ${room}`);
  };
  return {
    tell: silent,
    before(action) {
      if (action.kind !== 'drain' || action.ratePerSecond === 0) return;
      const gateway = fleet.gateway(action.gateway);
      if (gateway?.drain !== null) return;
      const others = fleet.gateways().filter((other) => other !== gateway && other.isAccepting);
      const room = others.reduce((sum, other) => sum + other.capacity - other.held, 0);
      if (gateway.held > room)
        this.tell(`the drain of ${gateway.name} starts with ${gateway.held} connections, and there is room for ${room}`);
    },
    afterRound(clean) {
      if (clean) judge(this, 'after a round');
    },
  };
}

/** I3: the rates that are in force, and what is really moved. What drains by itself or doesn't answer is not the operator's to slow down. */
export function budgetKept(world: World): Watch {
  const { fleet } = world;
  const budget = () => world.cluster.spec.drain.maxConnectionsPerSecond;
  // A budget that was lowered counts from the first round that could put it through.
  let allowed = budget();
  let moved = 0;
  const isOwn = ({ phase }: GatewayView) => phase === 'terminating' || phase === 'unreachable';
  const judge = (watch: Watch) => {
    let sum = 0;
    for (const gateway of fleet.gateways()) if (!isOwn(gateway)) sum += rateInForce(gateway);
    if (sum > allowed + 1e-6) watch.tell(`rates of ${sum} are in force, the budget is ${allowed}`);
  };
  return {
    tell: silent,
    before() {
      allowed = Math.max(allowed, budget());
    },
    after() {
      judge(this);
    },
    afterRound(clean) {
      allowed = clean ? budget() : Math.max(allowed, budget());
      judge(this);
    },
    afterStep() {
      // Each that moves any may be one ahead by its fraction.
      const own = fleet.gateways().reduce((sum, gateway) => sum + (isOwn(gateway) ? rateInForce(gateway) : 0), 0);
      const most = allowed + own + fleet.gateways().length;
      const { moved: now } = fleet.totals;
      if (now - moved > most) this.tell(`${now - moved} connections were moved in a second, the budget is ${allowed}`);
      moved = now;
    },
  };
}

const TAKEN_BACK = /^a person took (it|the drain) back$|^the others have room for \d+ connections, \d+ would have to move$/;

/**
 * During a rollout that isn't paused nobody is moved onto another old gateway. Told is when one of them takes connections though others are being moved, the
 * operator could do all that it wanted, and the new ones that no person asked to drain have room for all of it, and for a tenth of what all that take
 * connections could hold. One that a person took back, or whose drain found too little room for all that were moved, takes some for a round.
 */
export function movedToNew(world: World): Watch {
  const { fleet } = world;
  const isOld = (gateway: SimulatedGateway) => gateway.revision !== fleet.revision();
  const isPaused = () => {
    const progressing = world
      .operator()
      .status()
      ?.conditions.find(({ type }) => type === 'Progressing');
    return progressing?.message.startsWith('The rollout is paused') === true;
  };
  const isMoved = (gateway: SimulatedGateway) => gateway.phase === 'ready' && gateway.drain !== null && gateway.drain.ratePerSecond > 0;
  const takenBack = new Set<string>();
  return {
    tell: silent,
    after({ kind, gateway, reason }) {
      if (kind === 'uncordon' && TAKEN_BACK.test(reason)) takenBack.add(gateway);
    },
    afterRound(clean) {
      const asked = new Set(takenBack);
      takenBack.clear();
      if (!clean) return;
      const gateways = fleet.gateways();
      const open = gateways.filter((gateway) => gateway.isAccepting && !isOld(gateway) && !world.drainRequests().includes(gateway.name));
      const toMove = gateways.reduce((sum, gateway) => sum + (gateway.drain !== null ? gateway.held : 0), 0);
      const room = open.reduce((sum, gateway) => sum + gateway.capacity - gateway.held, 0);
      const old = gateways.filter((gateway) => gateway.isAccepting && isOld(gateway) && !asked.has(gateway.name));
      const reserve = Math.ceil([...open, ...old].reduce((sum, gateway) => sum + gateway.capacity, 0) / 10);
      if (!gateways.some((gateway) => isOld(gateway) && isMoved(gateway)) || open.length === 0 || old.length === 0) return;
      if (room >= toMove + reserve && !isPaused())
        this.tell(`${old.map(({ name }) => name).join(', ')} of the old settings may take who is moved`);
    },
  };
}

/** Rounds in a row after which what may be done must have been done. */
const ROUNDS = 2;
/** A gateway that has not answered for so long is passed over, ms. */
const SILENT_MS = 4_000;

/**
 * Newcomers are kept from gateways that don't answer: from no more than there are others that take connections (the operator itself may be cut off), and
 * from all of them when there are as many others, with room.
 */
export function passedOver(world: World): Watch {
  const { fleet } = world;
  const isSilent = ({ phase }: SimulatedGateway) => phase === 'unreachable';
  const open = () => fleet.gateways().filter((gateway) => gateway.isAccepting && gateway.drain === null);
  const due = new Map<string, number>();
  return {
    tell: silent,
    before(action) {
      const gateway = fleet.gateway(action.gateway);
      if (action.kind !== 'cordon' || gateway === undefined || !isSilent(gateway)) return;
      const count = fleet.gateways().filter(isSilent).length;
      if (open().length < count)
        this.tell(`${gateway.name} is passed over: ${count} don't answer, and only ${open().length} take connections`);
    },
    afterRound(clean) {
      const all = fleet.gateways().filter(isSilent);
      // Whom a person asked to drain goes as soon as it may.
      const others = open().filter(({ name }) => !world.drainRequests().includes(name));
      const isDue = others.length >= all.length && others.some(({ capacity, held }) => held < capacity) && !world.cluster.controls.removing;
      for (const { name, cordoned, drain, observedAt } of all) {
        const since = fleet.now - (observedAt ?? 0);
        const isLeft = clean && isDue && !cordoned && drain === null && since >= SILENT_MS && !world.drainRequests().includes(name);
        due.set(name, isLeft ? (due.get(name) ?? 0) + 1 : 0);
        if ((due.get(name) ?? 0) > ROUNDS) this.tell(`${name} has not answered for ${since} ms, and newcomers are led to it`);
      }
    },
  };
}

/** I4: those that stay are counted; not who is drained, ends or is dead, nor who is to be drained because a person asked for it. */
export function sizeKept(world: World): Watch {
  const { fleet } = world;
  const stays = (gateway: GatewayView) =>
    gateway.phase !== 'dead' && gateway.phase !== 'terminating' && gateway.drain === null && !world.drainRequests().includes(gateway.name);
  const count = () => fleet.gateways().filter(stays).length;
  return {
    tell: silent,
    after(action) {
      if (action.kind !== 'create') return;
      const { scaling, rollout } = world.cluster.spec;
      const isRollout = fleet.gateways().some((gateway) => stays(gateway) && gateway.revision !== fleet.revision());
      const most = scaling.maxReplicas + (isRollout ? rollout.maxSurge : 0);
      if (count() > most) this.tell(`${count()} gateways are there, ${most} may be`);
    },
    afterRound(clean) {
      const { minReplicas } = world.cluster.spec.scaling;
      if (world.cluster.controls.removing) return;
      if (clean && count() < minReplicas) this.tell(`${count()} gateways are there, ${minReplicas} must be`);
    },
  };
}

/** I7: whoever acts has the lease, and nobody else got it since. */
export function oneActs({ lease }: World): Watch {
  let last = { operator: '', fence: 0 };
  return {
    tell: silent,
    before(action, operator) {
      if (lease.holder !== operator) this.tell(`${operator} does ${action.kind} ${action.gateway}, and ${lease.holder} holds the lease`);
      if (operator !== last.operator && lease.fence <= last.fence) this.tell(`${operator} acts in the tenure of ${last.operator}`);
      last = { operator, fence: lease.fence };
    },
  };
}

import type { ChatCluster, Controls, MetricSpec } from '../../operator/api/spec.ts';
import type { Fate } from '../../operator/fleet/simulated/options.ts';
import type { Operator } from '../../operator/loop/operator.ts';
import { cluster } from '../fakes/chat-cluster.ts';
import { type Observer, World } from '../fakes/operator.ts';
import fc from '../setup/random-cases.ts';

/** Numbers that a spec is made of; small, so that every limit is met often. */
interface Settings {
  readonly min: number;
  /** Gateways above `min` that there may be. */
  readonly more: number;
  readonly target: number;
  readonly rate: number;
  readonly surge: number;
  readonly skew: number;
  readonly rebalances: boolean;
  readonly algorithm: 'LeastConnections' | 'RoundRobin' | 'Hash';
  readonly timeoutSeconds: number;
  readonly settings: number;
  /** Whether the others must suffice when the largest zone goes away; false if not given. */
  readonly zoneFailure?: boolean;
  /** Accepts a second for which there must be a gateway, beside the connections; if not given, accepts don't count. */
  readonly accepts?: number;
  /** Gateways that somebody else asks for; `null`: the operator decides. */
  readonly replicas: number | null;
}

/** What happens to a fleet, one after the other. Gateways are named by an index into those that there are. */
export type Event =
  | { readonly kind: 'arrive' | 'leave' | 'disconnect'; readonly clients: number }
  | { readonly kind: 'crash' | 'terminate' | 'drain' | 'take back' | 'unreachable' | 'reachable'; readonly index: number }
  | { readonly kind: 'hold'; readonly up: boolean; readonly down: boolean }
  | { readonly kind: 'even out'; readonly request: string }
  | { readonly kind: 'fail'; readonly fates: readonly Fate[] }
  | { readonly kind: 'change'; readonly to: Partial<Settings> }
  | { readonly kind: 'kill'; readonly after: number }
  | { readonly kind: 'pause'; readonly after: number }
  | { readonly kind: 'resume' };

export interface History {
  readonly seed: number;
  readonly start: Settings;
  /** Until a new gateway is ready, ms; taken in turn. */
  readonly startups: readonly number[];
  readonly zones: number;
  /** Each event, and the seconds after it. */
  readonly events: readonly { readonly event: Event; readonly seconds: number }[];
}

const CAPACITY = 40;
/** How long people go on asking at the end, seconds. */
const PATIENCE = 30;
/** Gateways with these settings never get ready; with these, many clients lose their position. */
const BROKEN = 3;
const FORGETFUL = 2;

const settings = {
  min: fc.integer({ min: 1, max: 3 }),
  more: fc.integer({ min: 0, max: 4 }),
  target: fc.constantFrom(50, 80, 95),
  rate: fc.constantFrom(2, 5, 20),
  surge: fc.integer({ min: 1, max: 2 }),
  skew: fc.constantFrom(0.1, 0.2, 0.5),
  rebalances: fc.boolean(),
  algorithm: fc.constantFrom('LeastConnections', 'RoundRobin', 'Hash'),
  timeoutSeconds: fc.constantFrom(25, 60),
  settings: fc.integer({ min: 0, max: BROKEN }),
  replicas: fc.option(fc.integer({ min: 0, max: 8 }), { freq: 3 }),
} as const;

const index = fc.nat({ max: 7 });
const events = {
  arrive: fc.record({ kind: fc.constant('arrive'), clients: fc.integer({ min: 1, max: 120 }) }),
  leave: fc.record({ kind: fc.constant('leave'), clients: fc.integer({ min: 1, max: 120 }) }),
  disconnect: fc.record({ kind: fc.constant('disconnect'), clients: fc.integer({ min: 1, max: 60 }) }),
  crash: fc.record({ kind: fc.constant('crash'), index }),
  terminate: fc.record({ kind: fc.constant('terminate'), index }),
  drain: fc.record({ kind: fc.constant('drain'), index }),
  takeBack: fc.record({ kind: fc.constant('take back'), index }),
  unreachable: fc.record({ kind: fc.constantFrom('unreachable', 'reachable'), index }),
  fail: fc.record({
    kind: fc.constant('fail'),
    fates: fc.array(fc.constantFrom('done', 'failed', 'failed-after-effect'), { minLength: 1, maxLength: 6 }),
  }),
  change: fc.record({
    kind: fc.constant('change'),
    to: fc.oneof(...Object.entries(settings).map(([key, value]) => fc.record({ [key]: value as fc.Arbitrary<unknown> }))) as fc.Arbitrary<
      Partial<Settings>
    >,
  }),
  hold: fc.record({ kind: fc.constant('hold'), up: fc.boolean(), down: fc.boolean() }),
  evenOut: fc.record({ kind: fc.constant('even out'), request: fc.constantFrom('a', 'b', 'c') }),
  kill: fc.record({ kind: fc.constant('kill'), after: fc.integer({ min: -1, max: 4 }) }),
  pause: fc.record({ kind: fc.constant('pause'), after: fc.integer({ min: 0, max: 3 }) }),
  resume: fc.record({ kind: fc.constant('resume') }),
} as const satisfies Record<string, fc.Arbitrary<Event>>;

type Weights = Partial<Record<keyof typeof events, number>>;

const weighted = (kinds: Weights): fc.Arbitrary<Event> =>
  fc.oneof(
    ...Object.entries(kinds).map(([kind, weight]) => ({ weight, arbitrary: events[kind as keyof typeof events] as fc.Arbitrary<Event> })),
  );

/** What happens to the fleet and its spec, while the operator itself lives on and each action succeeds. */
const TO_THE_FLEET: Weights = { arrive: 6, leave: 5, disconnect: 1, crash: 2, terminate: 1, drain: 2, change: 4, hold: 1, evenOut: 1 };
const TO_THE_OPERATOR: Weights = { takeBack: 1, unreachable: 2, fail: 2, kill: 2, pause: 1, resume: 1 };

/** All that can happen; `more` of what is hard on one invariant. */
export const everything = (more: Weights = {}): fc.Arbitrary<Event> => weighted({ ...TO_THE_FLEET, ...TO_THE_OPERATOR, ...more });

/** What can happen to a fleet, and the operator's death. */
export const ONLY_KILLS = weighted({ ...TO_THE_FLEET, kill: 8 });

/** Histories of such events. */
export const historyOf = (event: fc.Arbitrary<Event>, maxLength = 20): fc.Arbitrary<History> =>
  fc.record({
    seed: fc.nat({ max: 1_000 }),
    start: fc.record(settings) as fc.Arbitrary<Settings>,
    startups: fc.array(fc.integer({ min: 0, max: 8_000 }), { minLength: 1, maxLength: 3 }),
    zones: fc.integer({ min: 0, max: 3 }),
    events: fc.array(fc.record({ event, seconds: fc.integer({ min: 1, max: 12 }) }), { minLength: 1, maxLength }),
  });

/** Such histories of fleets in two or three zones, of which the largest may go away. */
export const inZones = (histories: fc.Arbitrary<History>): fc.Arbitrary<History> =>
  histories.map((history) => ({ ...history, zones: 2 + (history.seed % 2), start: { ...history.start, zoneFailure: true } }));

/** Such histories of fleets that also scale by how many come in. */
export const byAccepts = (histories: fc.Arbitrary<History>): fc.Arbitrary<History> =>
  histories.map((history) => ({ ...history, start: { ...history.start, accepts: (1 + (history.seed % 5)) / 10 } }));

const NO_CONTROLS: Controls = { paused: { up: false, down: false }, rebalance: null, removing: false };

const accepting = (each: number): MetricSpec => ({
  name: 'accepts',
  source: { kind: 'gateways', figure: 'AcceptRate' },
  target: { kind: 'per-gateway', value: each, full: null },
});

function clusterOf(s: Settings, controls: Controls): ChatCluster {
  const made = cluster({
    gateway: { connectionsPerGateway: CAPACITY, acceptRatePerSecond: 25, messagesPerSecond: 1 + s.settings },
    scaling: {
      minReplicas: s.min,
      maxReplicas: s.min + s.more,
      targetUtilization: s.target / 100,
      tolerance: 0,
      standby: { zoneFailure: s.zoneFailure ?? false },
      metrics: s.accepts === undefined ? [] : [accepting(s.accepts)],
      scaleDown: { stabilizationMs: 5_000 },
      mode: s.replicas === null ? 'Auto' : 'External',
      replicas: s.replicas,
    },
    drain: { timeoutMs: s.timeoutSeconds * 1_000, maxConnectionsPerSecond: s.rate },
    rebalance: { enabled: s.rebalances, maxSkew: s.skew },
    rollout: { maxSurge: s.surge, progressDeadlineMs: 20_000, maxFailedResumes: 0.1 },
    balancing: { algorithm: s.algorithm },
  });
  return { ...made, controls };
}

/** Plays histories on a world of its own. */
export class Player {
  readonly world: World;
  readonly #history: History;
  #settings: Settings;
  readonly #mayBreak: boolean;
  #controls = NO_CONTROLS;
  #broken: string | null = null;
  #forgetful: string | null = null;
  #wishes: (() => boolean)[] = [];

  /** `mayBreak`: some settings keep gateways from ever getting ready, or make their clients lose their position. */
  constructor(history: History, observer: Observer = {}, mayBreak = true) {
    this.#history = history;
    this.#mayBreak = mayBreak;
    this.#settings = history.start;
    this.world = new World(
      {
        cluster: clusterOf(history.start, NO_CONTROLS),
        seed: history.seed,
        zones: ['a', 'b', 'c'].slice(0, history.zones),
        load: history.start.accepts === undefined ? null : { messagesPerConnection: 0 },
        behaviour: (gateway, revision) => ({
          startupMs: revision === this.#broken ? null : this.#startup(gateway),
          gapShare: revision === this.#forgetful ? 0.3 : 0,
        }),
      },
      observer,
    );
    this.#change({});
  }

  /** Plays all events, without those in `but`. */
  async play(but: readonly Event['kind'][] = []): Promise<void> {
    for (const { event, seconds } of this.#history.events) {
      if (!but.includes(event.kind)) this.#happen(event);
      for (let i = 0; i < seconds; i++) await this.#step();
    }
    for (let i = 0; i < PATIENCE && this.#wishes.length > 0; i++) await this.#step();
  }

  /** Nobody holds scaling back any more, or decides instead of the operator. */
  letGo(): void {
    this.#controls = { ...this.#controls, paused: NO_CONTROLS.paused };
    this.#change({ replicas: null });
  }

  /** The ChatCluster is deleted. */
  remove(onDeletion: 'Drain' | 'Immediate'): void {
    this.#controls = { ...this.#controls, removing: true };
    const { spec } = this.world.cluster;
    this.world.setCluster({ ...this.world.cluster, controls: this.#controls, spec: { ...spec, drain: { ...spec.drain, onDeletion } } });
  }

  /** People who find no operator that heeds them ask again. */
  async #step(): Promise<void> {
    this.#wishes = this.#wishes.filter((wish) => !wish());
    await this.world.step();
  }

  /** Clients that the most gateways hold at the target. */
  fitting(): number {
    const { scaling } = this.world.cluster.spec;
    return Math.floor(scaling.maxReplicas * CAPACITY * scaling.targetUtilization);
  }

  #happen(event: Event): void {
    const { world } = this;
    const { fleet } = world;
    switch (event.kind) {
      case 'arrive':
        // No more than fit: a fleet that is always full shows nothing else.
        fleet.arrive(Math.min(event.clients, Math.max(0, 2 * CAPACITY + this.fitting() - fleet.connections - fleet.waiting)));
        break;
      case 'leave':
        fleet.leave(event.clients);
        break;
      case 'disconnect':
        fleet.disconnect(event.clients);
        break;
      case 'crash':
        fleet.crash(this.#gateway(event.index));
        break;
      case 'terminate':
        fleet.terminate(this.#gateway(event.index));
        break;
      case 'drain':
        this.#wish(this.#gateway(event.index), (operator, name) => operator.requestDrain(name));
        break;
      case 'take back':
        this.#wish(this.#gateway(event.index), (operator, name) => operator.cancelDrain(name));
        break;
      case 'unreachable':
      case 'reachable':
        fleet.setReachable(this.#gateway(event.index), event.kind === 'reachable');
        break;
      case 'hold':
        this.#controls = { ...this.#controls, paused: { up: event.up, down: event.down } };
        this.#change({});
        break;
      case 'even out':
        this.#controls = { ...this.#controls, rebalance: event.request };
        this.#change({});
        break;
      case 'fail':
        world.fail(...event.fates);
        break;
      case 'change':
        this.#change(event.to);
        break;
      case 'kill':
        world.killAfter(event.after);
        break;
      case 'pause':
        world.pauseAfter(event.after);
        break;
      case 'resume':
        world.resume();
        break;
    }
  }

  #wish(name: string, ask: (operator: Operator, name: string) => boolean): void {
    const isGone = () => ['dead', 'terminating', undefined].includes(this.world.fleet.gateway(name)?.phase);
    this.#wishes.push(() => isGone() || ask(this.world.operator(), name));
  }

  #change(to: Partial<Settings>): void {
    this.#settings = { ...this.#settings, ...to };
    this.world.setCluster(clusterOf(this.#settings, this.#controls));
    if (this.#mayBreak && this.#settings.settings === BROKEN) this.#broken = this.world.fleet.revision();
    if (this.#mayBreak && this.#settings.settings === FORGETFUL) this.#forgetful = this.world.fleet.revision();
  }

  #gateway(index: number): string {
    const gateways = this.world.fleet.gateways();
    return gateways[index % Math.max(1, gateways.length)]?.name ?? '';
  }

  #startup(gateway: string): number {
    const { startups } = this.#history;
    return startups[Number(/\d+$/.exec(gateway)?.[0] ?? 0) % startups.length] ?? 0;
  }
}

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Action } from '../fleet/fleet.ts';
import type { ClusterStatus } from '../status/status.ts';

const PREFIX = 'chatcluster_';
const CLUSTER = ['namespace', 'chatcluster'] as const;

/** Names a ChatCluster among all. */
export interface ClusterKey {
  readonly namespace: string;
  readonly name: string;
}

/** What the process itself knows when `/metrics` is read. */
export interface ProcessFigures {
  readonly leaseHeld: boolean;
  /** By resource: since the informer last heard of the API server, ms. */
  readonly staleMs: Readonly<Record<string, number>>;
}

/** The operator's metrics: those of each ChatCluster, which end with it, and those of the process. */
export class OperatorMetrics {
  readonly #registry = new Registry();
  readonly #desired = this.#gauge('desired_gateways', 'Gateways that there should be.');
  readonly #needed = this.#gauge('needed_gateways', 'Gateways that the load needs, before windows, policies, pauses and limits.');
  readonly #min = this.#gauge('min_gateways', 'The least gateways now, by the spec or the schedules that are active.');
  readonly #max = this.#gauge('max_gateways', 'The most gateways now, by the spec or the schedules that are active.');
  readonly #present = this.#gauge('gateways', 'Gateways by state.', ['state']);
  readonly #connections = this.#gauge('connections', 'Connections that the gateways hold.');
  readonly #capacity = this.#gauge('capacity_connections', 'Connections that the gateways that take any could hold.');
  readonly #draining = this.#gauge('draining_connections', 'Connections still to be moved away from gateways that drain.');
  readonly #moved = this.#gauge('moved_connections_per_second', 'Connections asked to move in the last second.');
  readonly #latency = this.#gauge('delivery_latency_seconds', "99th percentile from a message's storing to its writing to sockets.");
  readonly #conditions = this.#gauge('condition', '1 for the status that a condition has.', ['type', 'status']);
  readonly #gauges = [
    this.#desired,
    this.#needed,
    this.#min,
    this.#max,
    this.#connections,
    this.#capacity,
    this.#draining,
    this.#moved,
    this.#latency,
  ];
  readonly #decisions = this.#counter('decisions_total', 'Decisions by kind.', ['kind']);
  readonly #actions = this.#counter('actions_total', 'Actions on gateways by kind and outcome.', ['kind', 'outcome']);
  readonly #rounds = new Histogram({
    name: `${PREFIX}reconcile_duration_seconds`,
    help: 'Duration of a round: observe, recommend, plan, act.',
    labelNames: CLUSTER,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [this.#registry],
  });
  readonly #statusWrites = this.#counter('status_writes_total', 'Writes of the status, by what they were for.', ['reason']);
  readonly #requests = new Counter({
    name: `${PREFIX}api_requests_total`,
    help: 'Requests to the API server by verb, resource and HTTP status; 0: there was no answer.',
    labelNames: ['verb', 'resource', 'code'],
    registers: [this.#registry],
  });
  readonly #lastDecision = new Map<string, number>();
  /** ChatClusters whose spec, or what it needs, can't be had. */
  readonly #problems = new Set<string>();

  /** `figures` is asked when somebody reads the metrics. */
  constructor(figures: () => ProcessFigures) {
    collectDefaultMetrics({ register: this.#registry });
    new Gauge({
      name: `${PREFIX}lease_held`,
      help: '1 while this process is the one that acts.',
      registers: [this.#registry],
      collect() {
        this.set(figures().leaseHeld ? 1 : 0);
      },
    });
    new Gauge({
      name: `${PREFIX}informer_stale_seconds`,
      help: 'Since the informer of a resource last heard of the API server.',
      labelNames: ['resource'],
      registers: [this.#registry],
      collect() {
        for (const [resource, ms] of Object.entries(figures().staleMs)) this.set({ resource }, ms / 1000);
      },
    });
  }

  /** What a round of a ChatCluster ended with, and how long it took, ms. */
  round({ namespace, name }: ClusterKey, status: ClusterStatus, durationMs: number): void {
    const labels = { namespace, chatcluster: name };
    if (status.desired !== null) this.#desired.set(labels, status.desired);
    if (status.needed === null) this.#needed.remove(labels);
    else this.#needed.set(labels, status.needed);
    this.#min.set(labels, status.limits.min);
    this.#max.set(labels, status.limits.max);
    this.#connections.set(labels, status.connections);
    this.#capacity.set(labels, status.capacity);
    this.#moved.set(labels, status.movedPerSecond);
    if (status.deliveryLatencyMs === null) this.#latency.remove(labels);
    else this.#latency.set(labels, status.deliveryLatencyMs / 1000);
    this.#draining.set(labels, sum(status.drains.map(({ remaining }) => remaining)));
    for (const state of STATES)
      this.#present.set({ ...labels, state }, status.gateways.filter((gateway) => gateway.state === state).length);
    for (const { type, status: value } of status.conditions)
      if (type !== 'Degraded' || !this.#problems.has(keyOf(labels))) this.#setCondition(labels, type, value);
    this.#rounds.observe(labels, durationMs / 1000);
    this.#begin(labels);
    this.#countDecisions(labels, status);
  }

  /** Whether a ChatCluster's spec, or what it needs, can't be had: it is degraded then, whatever its rounds say, and also when there are none. */
  problem({ namespace, name }: ClusterKey, isThere: boolean): void {
    const labels = { namespace, chatcluster: name };
    const key = keyOf(labels);
    if (isThere) this.#problems.add(key);
    if (isThere || this.#problems.delete(key)) this.#setCondition(labels, 'Degraded', isThere ? 'True' : 'False');
  }

  acted({ namespace, name }: ClusterKey, kind: Action['kind'], outcome: (typeof OUTCOMES)[number]): void {
    this.#actions.inc({ namespace, chatcluster: name, kind, outcome });
  }

  wroteStatus({ namespace, name }: ClusterKey, reason: (typeof WRITES)[number]): void {
    this.#statusWrites.inc({ namespace, chatcluster: name, reason });
  }

  /** `code`: the HTTP status; 0 when there was no answer. */
  requested(verb: string, resource: string, code: number): void {
    this.#requests.inc({ verb, resource, code: String(code) });
  }

  /** Ends what was told of a ChatCluster. */
  forget({ namespace, name }: ClusterKey): void {
    const labels = { namespace, chatcluster: name };
    for (const gauge of this.#gauges) gauge.remove(labels);
    for (const state of STATES) this.#present.remove({ ...labels, state });
    for (const type of CONDITIONS) for (const status of VALUES) this.#conditions.remove({ ...labels, type, status });
    this.#rounds.remove(labels);
    for (const kind of DECISIONS) this.#decisions.remove({ ...labels, kind });
    for (const kind of ACTIONS) for (const outcome of OUTCOMES) this.#actions.remove({ ...labels, kind, outcome });
    for (const reason of WRITES) this.#statusWrites.remove({ ...labels, reason });
    this.#lastDecision.delete(keyOf(labels));
    this.#problems.delete(keyOf(labels));
  }

  /** The text of `/metrics`, and its content type. */
  async read(): Promise<{ readonly type: string; readonly text: string }> {
    return { type: this.#registry.contentType, text: await this.#registry.metrics() };
  }

  #setCondition(labels: Labels, type: string, status: string): void {
    for (const value of VALUES) this.#conditions.set({ ...labels, type, status: value }, status === value ? 1 : 0);
  }

  /** Counters begin at 0: the first of a kind is an increase too. */
  #begin(labels: Labels): void {
    if (this.#lastDecision.has(keyOf(labels))) return;
    this.#lastDecision.set(keyOf(labels), Number.NEGATIVE_INFINITY);
    for (const kind of DECISIONS) this.#decisions.inc({ ...labels, kind }, 0);
    for (const kind of ACTIONS) for (const outcome of OUTCOMES) this.#actions.inc({ ...labels, kind, outcome }, 0);
    for (const reason of WRITES) this.#statusWrites.inc({ ...labels, reason }, 0);
  }

  #countDecisions(labels: Labels, { decisions }: ClusterStatus): void {
    const last = this.#lastDecision.get(keyOf(labels)) ?? Number.NEGATIVE_INFINITY;
    for (const { at, kind } of decisions) if (at > last) this.#decisions.inc({ ...labels, kind });
    const newest = decisions[0]?.at;
    if (newest !== undefined) this.#lastDecision.set(keyOf(labels), newest);
  }

  #gauge(name: string, help: string, more: readonly string[] = []): Gauge {
    return new Gauge({ name: `${PREFIX}${name}`, help, labelNames: [...CLUSTER, ...more], registers: [this.#registry] });
  }

  #counter(name: string, help: string, more: readonly string[]): Counter {
    return new Counter({ name: `${PREFIX}${name}`, help, labelNames: [...CLUSTER, ...more], registers: [this.#registry] });
  }
}

interface Labels {
  readonly namespace: string;
  readonly chatcluster: string;
}

const STATES = [
  'starting',
  'ready',
  'cordoned',
  'draining',
  'unreachable',
  'terminating',
  'dead',
] as const satisfies readonly ClusterStatus['gateways'][number]['state'][];
const CONDITIONS = ['Available', 'Progressing', 'ScalingActive', 'ScalingLimited', 'Draining', 'Degraded'] as const;
const VALUES = ['True', 'False', 'Unknown'] as const;

const ACTIONS = ['create', 'cordon', 'uncordon', 'drain', 'shed', 'delete'] as const satisfies readonly Action['kind'][];
const OUTCOMES = ['done', 'failed'] as const;
const DECISIONS = ['scale', ...ACTIONS] as const;
const WRITES = ['state', 'something', 'progress', 'figures'] as const;

const keyOf = ({ namespace, chatcluster }: Labels) => `${namespace}/${chatcluster}`;
const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);

import type { GatewayStatus } from '../protocol/admin.ts';
import { type BrokerTelemetry, FAILURE_KINDS } from './broker/telemetry.ts';
import type { Counters } from './counters.ts';

/** What the metrics are read from, when they are asked for. */
export interface MetricSources {
  readonly status: () => GatewayStatus;
  readonly counters: Counters;
  readonly channels: () => number;
  readonly heldPolls: () => number;
  readonly publishLatency: { takeP99(): number | null };
  readonly telemetry: BrokerTelemetry;
}

interface Reading {
  readonly status: GatewayStatus;
  readonly counters: Counters;
  readonly channels: number;
  readonly heldPolls: number;
  readonly publishLatencyMs: number | null;
  readonly telemetry: BrokerTelemetry;
  readonly memory: NodeJS.MemoryUsage;
  readonly cpu: NodeJS.CpuUsage;
}

type Metric =
  | {
      readonly kind: 'counter' | 'gauge';
      readonly help: string;
      /** Null: nothing to tell now. */
      readonly read: (reading: Reading) => number | null;
    }
  | {
      readonly kind: 'counters';
      readonly help: string;
      readonly label: string;
      /** By the label's value. */
      readonly read: (reading: Reading) => ReadonlyMap<string, number>;
    };

type ReadOne = (reading: Reading) => number | null;
const counter = (help: string, read: ReadOne): Metric => ({ kind: 'counter', help, read });
const gauge = (help: string, read: ReadOne): Metric => ({ kind: 'gauge', help, read });
const seconds = (ms: number | null) => (ms === null ? null : ms / 1000);

/** By name, without the `chatcluster_gateway_` before it. */
const METRICS: Readonly<Record<string, Metric>> = {
  connections: gauge('Connections that it holds.', ({ status }) => status.connections),
  migrating: gauge('Connections that were asked to move and have not gone yet.', ({ status }) => status.migrating),
  capacity: gauge('The most connections that it takes.', ({ status }) => status.capacity),
  held_polls: gauge('Long polls that wait for an answer.', ({ heldPolls }) => heldPolls),
  channels: gauge('Channels that it holds.', ({ channels }) => channels),
  cordoned: gauge('1 while it takes no new connection.', ({ status }) => (status.state === 'accepting' ? 0 : 1)),
  draining: gauge('1 while it moves all its connections away.', ({ status }) => (status.state === 'draining' ? 1 : 0)),
  startup_seconds: gauge("From the process' start until it could take connections.", ({ status }) => status.startupMs / 1000),
  event_loop_delay_p99_seconds: gauge(
    "99th percentile of the event loop's delay since it was last asked for.",
    ({ status }) => status.eventLoopDelayMs / 1000,
  ),
  delivery_latency_p99_seconds: gauge(
    "99th percentile from a message's storing to its writing to sockets since it was last asked for.",
    ({ status }) => seconds(status.deliveryLatencyMs),
  ),
  publish_latency_p99_seconds: gauge(
    '99th percentile from asking the broker to store a message to its answer since it was last asked for.',
    ({ publishLatencyMs }) => seconds(publishLatencyMs),
  ),
  broker_degraded: gauge('1 while the broker is away.', ({ status }) => (status.broker === 'ok' ? 0 : 1)),
  broker_waiting: gauge('Publishes that wait to be sent to the broker or answered by it.', ({ telemetry }) => telemetry.waiting),
  broker_live_lag_seconds: gauge('What the broker delivers live is at least so old.', ({ telemetry }) => seconds(telemetry.liveLagMs)),
  broker_reconnects_total: counter('Connections to the broker that were made anew.', ({ telemetry }) => telemetry.reconnects),
  broker_failures_total: {
    kind: 'counters',
    help: 'Calls to the broker that failed, each try counted.',
    label: 'kind',
    // From 0 on: the first of a kind is an increase too.
    read: ({ telemetry }) => new Map(FAILURE_KINDS.map((kind) => [kind, telemetry.failures.get(kind) ?? 0])),
  },
  scripts_total: counter('Scripts that the broker was asked to run.', ({ telemetry }) => telemetry.scripts),
  resident_memory_bytes: gauge('Resident memory of the process.', ({ memory }) => memory.rss),
  heap_used_bytes: gauge('JavaScript heap that is in use.', ({ memory }) => memory.heapUsed),
  cpu_seconds_total: counter('CPU time of the process.', ({ cpu }) => (cpu.user + cpu.system) / 1e6),
  accepted_total: counter('Connections admitted.', ({ status }) => status.acceptedTotal),
  refused_total: counter('Connections refused.', ({ status }) => status.refusedTotal),
  migrated_total: counter('Connections asked to move.', ({ status }) => status.migratedTotal),
  forced_total: counter('Connections closed because their time to move was over.', ({ status }) => status.forcedTotal),
  received_total: counter('Client messages of any kind.', ({ counters }) => counters.received),
  published_total: counter('Publishes acknowledged.', ({ counters }) => counters.published),
  delivered_total: counter('Messages written to connections.', ({ counters }) => counters.delivered),
  recovered_total: counter('Subscribes that went on exactly at their position.', ({ counters }) => counters.recovered),
  resume_gaps_total: counter('Subscribes with a position that were answered by a gap.', ({ counters }) => counters.resumeGaps),
  gaps_total: counter('Gaps told to clients.', ({ counters }) => counters.gaps),
  forks_total: counter("Lost tails of a channel's history that were found.", ({ counters }) => counters.forks),
  holes_filled_total: counter('Holes in live delivery that were filled from the history.', ({ counters }) => counters.holesFilled),
  history_reads_total: counter('History reads that the broker was asked for.', ({ counters }) => counters.historyReads),
  slow_consumers_total: counter('Connections closed because they read too slowly.', ({ counters }) => counters.slowConsumers),
  rate_limited_total: counter('Messages refused by a rate limit.', ({ counters }) => counters.rateLimited),
};

/** Makes the text of `/metrics` in a registry of its own. prom-client is loaded with the first call: starting need not wait for it. */
export function createMetrics(sources: MetricSources): () => Promise<{ type: string; text: string }> {
  const { status, counters, channels, heldPolls, publishLatency, telemetry } = sources;
  let loaded: ReturnType<typeof load> | null = null;
  return async () => {
    loaded ??= load();
    const { registry, metrics } = await loaded;
    const reading = {
      status: status(),
      counters,
      channels: channels(),
      heldPolls: heldPolls(),
      publishLatencyMs: publishLatency.takeP99(),
      telemetry,
      memory: process.memoryUsage(),
      cpu: process.cpuUsage(),
    };
    for (const show of metrics) show(reading);
    return { type: registry.contentType, text: await registry.metrics() };
  };
}

async function load() {
  const { Counter, Gauge, Registry } = await import('prom-client');
  const registry = new Registry();
  const metrics = Object.entries(METRICS).map(([shortName, metric]) => {
    const options = { name: `chatcluster_gateway_${shortName}`, help: metric.help, registers: [registry] };
    if (metric.kind === 'counters') return countEachTo(new Counter({ ...options, labelNames: [metric.label] }), metric.label, metric.read);
    return metric.kind === 'counter' ? countTo(new Counter(options), metric.read) : setTo(new Gauge(options), metric.read);
  });
  return { registry, metrics };
}

// The counts are kept elsewhere, as plain numbers: here they are only shown.

function countTo(counter: { reset(): void; inc(value: number): void }, read: ReadOne): (reading: Reading) => void {
  return (reading) => {
    counter.reset();
    counter.inc(read(reading) ?? 0);
  };
}

function countEachTo(
  counter: { reset(): void; inc(labels: Record<string, string>, value: number): void },
  label: string,
  read: (reading: Reading) => ReadonlyMap<string, number>,
): (reading: Reading) => void {
  return (reading) => {
    counter.reset();
    for (const [value, count] of read(reading)) counter.inc({ [label]: value }, count);
  };
}

function setTo(gauge: { set(value: number): void; remove(): void }, read: ReadOne): (reading: Reading) => void {
  return (reading) => {
    const value = read(reading);
    if (value === null) gauge.remove();
    else gauge.set(value);
  };
}

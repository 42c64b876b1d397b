import type { GatewayStatus } from '../protocol/admin.ts';
import type { Counters } from './counters.ts';

/** What the metrics are read from, when they are asked for. */
export interface MetricSources {
  readonly status: () => GatewayStatus;
  readonly counters: Counters;
  readonly channels: () => number;
}

interface Reading {
  readonly status: GatewayStatus;
  readonly counters: Counters;
  readonly channels: number;
  readonly memory: NodeJS.MemoryUsage;
  readonly cpu: NodeJS.CpuUsage;
}

interface Metric {
  readonly kind: 'counter' | 'gauge';
  readonly help: string;
  /** Null: nothing to tell now. */
  readonly read: (reading: Reading) => number | null;
}

const counter = (help: string, read: Metric['read']): Metric => ({ kind: 'counter', help, read });
const gauge = (help: string, read: Metric['read']): Metric => ({ kind: 'gauge', help, read });

/** By name, without the `chatcluster_gateway_` before it. */
const METRICS: Readonly<Record<string, Metric>> = {
  connections: gauge('Connections that it holds.', ({ status }) => status.connections),
  migrating: gauge('Connections that were asked to move and have not gone yet.', ({ status }) => status.migrating),
  capacity: gauge('The most connections that it takes.', ({ status }) => status.capacity),
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
    ({ status }) => (status.deliveryLatencyMs === null ? null : status.deliveryLatencyMs / 1000),
  ),
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
  gaps_total: counter('Gaps told to clients.', ({ counters }) => counters.gaps),
  holes_filled_total: counter('Holes in live delivery that were filled from the history.', ({ counters }) => counters.holesFilled),
  history_reads_total: counter('History reads that the broker was asked for.', ({ counters }) => counters.historyReads),
  slow_consumers_total: counter('Connections closed because they read too slowly.', ({ counters }) => counters.slowConsumers),
  rate_limited_total: counter('Messages refused by a rate limit.', ({ counters }) => counters.rateLimited),
};

/** Makes the text of `/metrics` in a registry of its own. prom-client is loaded with the first call: starting need not wait for it. */
export function createMetrics({ status, counters, channels }: MetricSources): () => Promise<{ type: string; text: string }> {
  let loaded: ReturnType<typeof load> | null = null;
  return async () => {
    loaded ??= load();
    const { registry, metrics } = await loaded;
    const reading = { status: status(), counters, channels: channels(), memory: process.memoryUsage(), cpu: process.cpuUsage() };
    for (const { set, read } of metrics) set(read(reading));
    return { type: registry.contentType, text: await registry.metrics() };
  };
}

async function load() {
  const { Counter, Gauge, Registry } = await import('prom-client');
  const registry = new Registry();
  const metrics = Object.entries(METRICS).map(([shortName, { kind, help, read }]) => {
    const options = { name: `chatcluster_gateway_${shortName}`, help, registers: [registry] };
    return { read, set: kind === 'counter' ? countTo(new Counter(options)) : setTo(new Gauge(options)) };
  });
  return { registry, metrics };
}

function countTo(counter: { reset(): void; inc(value: number): void }): (value: number | null) => void {
  return (value) => {
    // The count is kept elsewhere, as a plain number: here it is only shown.
    counter.reset();
    if (value !== null) counter.inc(value);
  };
}

function setTo(gauge: { set(value: number): void; remove(): void }): (value: number | null) => void {
  return (value) => {
    if (value === null) gauge.remove();
    else gauge.set(value);
  };
}

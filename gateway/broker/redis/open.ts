import { BrokerUnavailable } from '../broker.ts';
import { RedisBroker } from './broker.ts';
import { ClusterTopology } from './cluster-topology.ts';
import type { Failure } from './failure.ts';
import { type NodeEvents, RedisNode } from './node.ts';
import { REDIS_LIMITS, type RedisOptions } from './options.ts';
import { Reporter } from './reporter.ts';
import { SingleTopology, type Topology } from './topology.ts';

/** Trouble that waiting does not heal, when it is met before Redis has answered once. */
const FATAL: ReadonlySet<Failure['kind']> = new Set(['password', 'version', 'permission']);

/**
 * Opens a broker on Redis: resolves when Redis has answered, however long that takes. Rejects with one line for people when it never will
 * (wrong password, too old …), and with BrokerUnavailable when `signal` is aborted before.
 */
export function openRedis(options: RedisOptions, signal?: AbortSignal): Promise<RedisBroker> {
  const { log, telemetry, now = () => performance.now() } = options;
  const reporter = new Reporter(log, telemetry, now);
  return new Promise((resolve, reject) => {
    let last = 'Redis did not answer.';
    let settled = false;
    const settle = (end: () => void) => {
      if (settled) return;
      settled = true;
      signal?.removeEventListener('abort', abort);
      end();
    };
    const fail = (error: Error) => settle(() => void broker.close().then(() => reject(error)));
    const abort = () => fail(new BrokerUnavailable(last));
    const broker = new RedisBroker({
      topology: (events, changed) => makeTopology(options, events, changed),
      telemetry,
      keyPrefix: options.keyPrefix,
      replicated: options.durability === 'replicated',
      history: options.history,
      limits: { ...REDIS_LIMITS, ...options.limits },
      now,
      random: Math.random,
      reporter,
      failed(place, failure) {
        last = `Redis at ${place}: ${failure.text}`;
        if (!settled && FATAL.has(failure.kind)) fail(new Error(last));
      },
    });
    broker.watchHealth(({ kind }) => {
      if (kind === 'ok') settle(() => resolve(broker));
    });
    broker.start();
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort);
  });
}

function makeTopology({ place, access, limits }: RedisOptions, events: NodeEvents, changed: () => void): Topology {
  const { silenceMs, maxReconnectMs } = { ...REDIS_LIMITS, ...limits };
  const settings = { access, silenceMs, maxReconnectMs, random: Math.random };
  if (place.kind !== 'cluster') return new SingleTopology(new RedisNode(place, settings, events, false));
  return new ClusterTopology({
    seeds: place.nodes,
    makeNode: (address) => new RedisNode({ kind: 'server', address }, settings, events, true),
    changed,
    random: Math.random,
  });
}

import { BrokerUnavailable } from '../broker.ts';
import { RedisBroker } from './broker.ts';
import { ClusterTopology } from './cluster-topology.ts';
import { type NodeEvents, RedisNode } from './node.ts';
import { REDIS_LIMITS, type RedisOptions } from './options.ts';
import { Reporter } from './reporter.ts';
import { SingleTopology, type Topology } from './topology.ts';

/** What is heard of a Redis that has not answered yet. */
export interface Starting {
  /** It has answered for the first time. */
  answered(): void;
  /** One line for people: why it doesn't answer. `hopeless`: waiting does not heal it (wrong password, too old …). */
  failed(text: string, hopeless: boolean): void;
}

/** Begins to connect to Redis, and goes on by itself; calls wait a while for its answer. */
export function startRedis(options: RedisOptions, starting: Starting): RedisBroker {
  const { log, telemetry, now = () => performance.now() } = options;
  let hasAnswered = false;
  const broker = new RedisBroker({
    topology: (events, changed) => makeTopology(options, events, changed),
    telemetry,
    keyPrefix: prefixOf(options),
    replicated: options.durability === 'replicated',
    history: options.history,
    limits: { ...REDIS_LIMITS, ...options.limits },
    now,
    random: Math.random,
    reporter: new Reporter(log, telemetry, now),
    failed(place, { retry, text }) {
      if (!hasAnswered) starting.failed(`Redis at ${place}: ${text}`, !retry);
    },
  });
  broker.watchHealth(({ kind }) => {
    if (hasAnswered || kind !== 'ok') return;
    hasAnswered = true;
    starting.answered();
  });
  broker.start();
  return broker;
}

/**
 * Opens a broker on Redis: resolves when Redis has answered, however long that takes. Rejects with one line for people when it never will
 * (wrong password, too old …), and with BrokerUnavailable when `signal` is aborted before.
 */
export function openRedis(options: RedisOptions, signal?: AbortSignal): Promise<RedisBroker> {
  return new Promise((resolve, reject) => {
    let last = 'Redis did not answer.';
    const fail = (error: Error) => {
      signal?.removeEventListener('abort', abort);
      void broker.close().then(() => reject(error));
    };
    const abort = () => fail(new BrokerUnavailable(last));
    const broker = startRedis(options, {
      answered() {
        signal?.removeEventListener('abort', abort);
        resolve(broker);
      },
      failed(text, hopeless) {
        last = text;
        if (hopeless) fail(new Error(text));
      },
    });
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort);
  });
}

function makeTopology(options: RedisOptions, events: NodeEvents, changed: () => void): Topology {
  const { place, access, durability } = options;
  const { silenceMs, maxReconnectMs } = { ...REDIS_LIMITS, ...options.limits };
  const isCluster = place.kind === 'cluster';
  const isReplicated = durability === 'replicated';
  const settings = { access, silenceMs, maxReconnectMs, random: Math.random, keyPrefix: prefixOf(options), isReplicated, isCluster };
  if (!isCluster) return new SingleTopology(new RedisNode(place, settings, events));
  return new ClusterTopology({
    seeds: place.nodes,
    makeNode: (address) => new RedisNode({ kind: 'server', address }, settings, events),
    changed,
    random: Math.random,
  });
}

/** Pub/sub knows no logical databases: their gateways would hear each other under one prefix. */
const prefixOf = ({ access: { database }, keyPrefix }: RedisOptions): string => (database === 0 ? keyPrefix : `${keyPrefix}@${database}:`);

import type { ChatCluster } from '../api/spec.ts';
import { SimulatedFleet } from '../fleet/simulated/simulated-fleet.ts';
import { LeaseRecord, MemoryLease } from '../lease/memory-lease.ts';
import { Operator } from '../loop/operator.ts';
import { MemoryStateStore } from '../loop/state-store.ts';
import { connectionsPerReplica } from '../scaling/needed.ts';
import { Deployment } from './deployment.ts';
import { needsLoad, withModelled } from './metrics.ts';
import { HpaPeer } from './peers/hpa-peer.ts';
import { KnativePeer } from './peers/knative-peer.ts';
import type { Peer, PeerName, PeerSettings } from './peers/peer.ts';
import { seededRandom } from './random.ts';

export type ContenderName = 'chatcluster' | PeerName;

/** Somebody who decides how many gateways there are, and has a fleet of his own to do it with. */
export interface Contender {
  readonly name: ContenderName;
  readonly fleet: SimulatedFleet;
  /** A second is over. Resolves to how many gateways there should be. `blind`: Prometheus has lost the gateways' series. */
  second(blind: boolean): Promise<number>;
}

/** What all contenders have in common. */
export interface Ground {
  readonly cluster: ChatCluster;
  readonly seed: number;
  /** What the clock of its fleet says at first, ms since 1970. */
  readonly startAt: number;
  /** Until a new gateway is ready, ms. */
  readonly startupMs: number;
  /** Messages that a connection takes and writes in a second; `null` when that isn't known. */
  readonly messagesPerSecond: number | null;
}

/** Virtual time in which nobody else wants the lease. */
const LEASE_MS = 3_600_000;

export function contender(name: ContenderName, ground: Ground): Contender {
  const { seed, startAt, startupMs, messagesPerSecond } = ground;
  const cluster = withModelled(ground.cluster, messagesPerSecond);
  const load = needsLoad(cluster) ? { messagesPerConnection: messagesPerSecond ?? 0 } : null;
  const fleet = new SimulatedFleet({ cluster, seed, startAt, load, behaviour: () => ({ startupMs }) });
  return name === 'chatcluster' ? ours(cluster, fleet) : theirs(name, { ...ground, cluster }, fleet);
}

/** The control loop that runs everywhere else too. */
function ours(cluster: ChatCluster, fleet: SimulatedFleet): Contender {
  const store = new MemoryStateStore();
  const operator = new Operator({
    cluster,
    fleet,
    store,
    lease: new MemoryLease(new LeaseRecord(), 'simulation', LEASE_MS),
    clock: { now: () => fleet.now, sleep: async () => undefined },
    problem: () => undefined,
  });
  let nextAt = 0;
  let desired = 0;
  const second = async (): Promise<number> => {
    if (fleet.now < nextAt) return desired;
    nextAt = fleet.now + cluster.spec.scaling.intervalMs;
    await operator.round();
    desired = (await store.load())?.memory.scaling.desired ?? 0;
    return desired;
  };
  return { name: 'chatcluster', fleet, second };
}

/** A Deployment whose number of Pods a peer sets. */
function theirs(name: PeerName, { cluster, seed }: Ground, fleet: SimulatedFleet): Contender {
  const settings: PeerSettings = { cluster, target: connectionsPerReplica(cluster.spec) };
  const peer = peerNamed(name, settings, seed);
  const deployment = new Deployment({ fleet, name: cluster.name, graceMs: peer.graceMs, random: seededRandom(seed) });
  let replicas = cluster.spec.scaling.minReplicas;
  const second = async (blind: boolean): Promise<number> => {
    replicas = peer.second({ now: fleet.now, replicas, gateways: fleet.gateways(), waiting: fleet.waiting, blind });
    deployment.reconcile(replicas);
    return replicas;
  };
  return { name, fleet, second };
}

function peerNamed(name: PeerName, settings: PeerSettings, seed: number): Peer {
  switch (name) {
    case 'hpa':
    case 'keda':
      return new HpaPeer(name, settings);
    case 'knative':
      return new KnativePeer(settings, seed);
  }
}

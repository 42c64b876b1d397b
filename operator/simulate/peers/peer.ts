import type { ChatCluster } from '../../api/spec.ts';
import type { SimulatedGateway } from '../../fleet/simulated/gateway.ts';

/** An autoscaler that ours is compared with. */
export type PeerName = 'hpa' | 'keda' | 'knative';

export const PEER_NAMES: readonly PeerName[] = ['hpa', 'keda', 'knative'];

/** What a peer is told in every second. */
export interface Sight {
  readonly now: number;
  /** As many as there should be so far. */
  readonly replicas: number;
  /** All that run, those that are being deleted included. */
  readonly gateways: readonly SimulatedGateway[];
  /** Clients that have no connection and want one. */
  readonly waiting: number;
  /** Prometheus has lost the series of the gateways. */
  readonly blind: boolean;
}

/** What there is to know before the first second. */
export interface PeerSettings {
  readonly cluster: ChatCluster;
  /** Connections that a Pod should hold. */
  readonly target: number;
}

/** A peer with its memory; what it decides, pure functions beside it do. */
export interface Peer {
  readonly name: PeerName;
  /** For how long a Pod goes on that is told to stop, ms. */
  readonly graceMs: number;
  /** Looks, as its rules allow, and answers how many Pods there should be. Called once a second. */
  second(sight: Sight): number;
}

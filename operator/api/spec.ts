/**
 * A ChatCluster as the rest of the operator sees it: parsed, defaults filled in, validated; durations in ms, percentages as
 * fractions. `parse.ts` makes it from what people write (`resource.ts` has that form); nothing else does.
 */
export interface ChatCluster {
  readonly name: string;
  readonly spec: ChatClusterSpec;
}

export interface ChatClusterSpec {
  readonly gateway: GatewaySpec;
  readonly scaling: ScalingSpec;
  readonly drain: DrainSpec;
  readonly rebalance: RebalanceSpec;
  readonly rollout: RolloutSpec;
  readonly balancing: BalancingSpec;
  readonly history: HistorySpec;
  readonly broker: BrokerSpec;
}

/** Settings of each gateway process. A change makes a new revision, which is rolled out. */
export interface GatewaySpec {
  /** Capacity: the most connections that one gateway takes. */
  readonly connectionsPerGateway: number;
  readonly acceptRatePerSecond: number;
  readonly messageBytes: number;
  readonly messagesPerSecond: number;
  readonly channelsPerConnection: number;
  readonly queueBytes: number;
  readonly heartbeatMs: number;
  readonly pollTimeoutMs: number;
}

export interface ScalingSpec {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Time between two decisions, ms. */
  readonly intervalMs: number;
  /** Connections per gateway to aim for, as a fraction of `connectionsPerGateway`. */
  readonly targetUtilization: number;
  /** The change of the ratio (actual / target) below which nothing is done, HPA's `tolerance`, a fraction. */
  readonly tolerance: number;
  readonly standby: StandbySpec;
  readonly scaleUp: { readonly stabilizationMs: number };
  readonly scaleDown: { readonly stabilizationMs: number };
}

/** Spare capacity kept free on top of the recommendation. */
export interface StandbySpec {
  readonly gateways: number;
  /** Spare connections: a number, or a fraction of those there are. */
  readonly connections: { readonly kind: 'count'; readonly count: number } | { readonly kind: 'fraction'; readonly fraction: number };
}

export interface DrainSpec {
  /** From a drain's start until what is left is closed with 1012, ms. */
  readonly timeoutMs: number;
  /** The most connections moved per second, fleet-wide, by everything that moves any. */
  readonly maxConnectionsPerSecond: number;
}

export interface RebalanceSpec {
  readonly enabled: boolean;
  /** How far a gateway may be above the mean before it sheds, a fraction of the mean. */
  readonly maxSkew: number;
}

export interface RolloutSpec {
  /** Gateways that a rollout may add above the desired number. */
  readonly maxSurge: number;
}

export type BalancingAlgorithm = 'RoundRobin' | 'LeastConnections' | 'Hash';

export interface BalancingSpec {
  readonly algorithm: BalancingAlgorithm;
}

export interface HistorySpec {
  readonly maxMessages: number;
  readonly maxAgeMs: number;
}

/** acknowledged: a publish is answered when the primary has the message. replicated: when a replica has it too. */
export type Durability = 'acknowledged' | 'replicated';

/** Where the gateways meet. */
export interface BrokerSpec {
  /** Of a Redis, without a password; null: the broker that is embedded where the cluster runs on one machine. */
  readonly url: string | null;
  readonly keyPrefix: string;
  readonly durability: Durability;
}

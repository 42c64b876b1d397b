/**
 * A ChatCluster as the rest of the operator sees it: parsed, defaults filled in, validated; durations in ms, percentages as
 * fractions. `parse.ts` makes it from what people write (`resource.ts` has that form); nothing else does.
 */
export interface ChatCluster {
  readonly name: string;
  readonly spec: ChatClusterSpec;
  readonly controls: Controls;
  /** Where the limits in force come from, when there are schedules; only in the snapshot of a decision. */
  readonly limits?: LimitSources;
}

/** Why the limits in force aren't those that the spec has outside its schedules; `null` when they are. As in `by schedule "office" until 18:00 Europe/Berlin`. */
export interface LimitSources {
  /** Names of the schedules that are active. */
  readonly active: readonly string[];
  readonly minBy: string | null;
  readonly maxBy: string | null;
}

/** What people ask of a running cluster for a while, by annotations (`operator/api/names.ts`), without a change of its spec. */
export interface Controls {
  /** The number of gateways isn't raised, or isn't lowered, by scaling. */
  readonly paused: { readonly up: boolean; readonly down: boolean };
  /** Names one request to even out the connections now; `null` when there is none. */
  readonly rebalance: string | null;
  /** The ChatCluster is deleted: its gateways go, as `drain.onDeletion` says. */
  readonly removing: boolean;
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
  readonly authentication: AuthenticationSpec;
  readonly pods: PodsSpec;
  readonly service: ServiceSpec;
  /** Of the ChatCluster that answers its long polls, which has none itself; `null` when its own gateways do. */
  readonly longPolling: ChatClusterSpec | null;
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
  /** Who decides how many gateways there are: the operator, or whoever writes `replicas`. */
  readonly mode: 'Auto' | 'External';
  /** With `External`: the number wanted, before minReplicas and maxReplicas; `null`: as many as there are. */
  readonly replicas: number | null;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Times in which other limits hold. In the snapshot of a decision `minReplicas` and `maxReplicas` are those in force then. */
  readonly schedules: readonly ScheduleSpec[];
  /** Time between two decisions, ms. */
  readonly intervalMs: number;
  /** Connections per gateway to aim for, as a fraction of `connectionsPerGateway`. */
  readonly targetUtilization: number;
  /** The change of the ratio (actual / target) below which nothing is done, HPA's `tolerance`, a fraction. */
  readonly tolerance: number;
  readonly standby: StandbySpec;
  readonly scaleUp: ScalingRules;
  readonly scaleDown: ScalingRules;
  readonly panic: PanicSpec;
  /** Whether gateways are ordered for the connections expected when they will be ready. */
  readonly lookAhead: boolean;
  /** What counts beside the connections at `targetUtilization`; each has a name of its own. */
  readonly metrics: readonly MetricSpec[];
  readonly fallback: FallbackSpec;
}

/** HPA's `behavior` in one direction. */
export interface ScalingRules {
  readonly stabilizationMs: number;
  /** Which policy counts: the one that allows the greatest change, or the smallest; with `Disabled` nothing changes in this direction. */
  readonly selectPolicy: 'Max' | 'Min' | 'Disabled';
  /** At least one. */
  readonly policies: readonly ScalingPolicy[];
  /** The tolerance in this direction, a fraction; `null`: that of both. */
  readonly tolerance: number | null;
}

/** A change by at most `value` gateways, or percent of those that there were, within `periodMs`. */
export interface ScalingPolicy {
  readonly type: 'Pods' | 'Percent';
  readonly value: number;
  readonly periodMs: number;
}

export interface PanicSpec {
  /** Panic begins when the connections reach this share of the ready capacity. */
  readonly threshold: number;
  /** It ends when they were below it for so long. */
  readonly windowMs: number;
}

/** A metric, and what it should be. */
export interface MetricSpec {
  readonly name: string;
  readonly source:
    | { readonly kind: 'gateways'; readonly figure: GatewayFigure }
    | { readonly kind: 'prometheus'; readonly prometheus: PrometheusSpec };
  readonly target: MetricTarget;
}

/** What every gateway tells of itself. EventLoopDelay in ms, Cpu in cores, the rates a second. */
export type GatewayFigure = 'Connections' | 'AcceptRate' | 'MessageRate' | 'EventLoopDelay' | 'Cpu';

/** per-gateway: so much for each, where one that is fully used has `full` (`null`: nobody knows). total: so much in all, however many gateways there are. */
export type MetricTarget =
  | { readonly kind: 'per-gateway'; readonly value: number; readonly full: number | null }
  | { readonly kind: 'total'; readonly value: number };

/** A query, and who answers it. */
export interface PrometheusSpec {
  readonly serverAddress: string;
  readonly query: string;
  /** From one question to the next, ms. */
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** A sample that is older counts as none, ms. */
  readonly maxSampleAgeMs: number;
  /** What of the gateways' own figures it measures as well, summed over all; `null`: something else. */
  readonly measures: 'Connections' | 'AcceptRate' | 'MessageRate' | null;
  /** With https: whom to trust instead of the system's authorities. */
  readonly caSecret: SecretKey | null;
  readonly insecureSkipVerify: boolean;
  readonly login:
    | { readonly kind: 'none' }
    | { readonly kind: 'bearer'; readonly secret: SecretKey }
    | { readonly kind: 'basic'; readonly secret: string };
}

/** What a metric asks for that has been missing for long: as many gateways as there are, so many, or the least that the limits in force allow. */
export interface FallbackSpec {
  readonly type: 'Hold' | 'Replicas' | 'ScheduleMinimum';
  /** With `Replicas`. */
  readonly replicas: number | null;
  /** Since the last good value, ms. */
  readonly afterMs: number;
}

/** Limits that hold for a while, again and again. */
export interface ScheduleSpec {
  readonly name: string;
  /** When it begins: minute, hour, day of the month, month, day of the week. */
  readonly cron: string;
  /** An IANA name; cron and duration are meant on this zone's clocks. */
  readonly timeZone: string;
  /** How long it lasts on the clock, ms. */
  readonly durationMs: number;
  /** Null: those of the spec. */
  readonly minReplicas: number | null;
  readonly maxReplicas: number | null;
}

/** Spare capacity kept free on top of the recommendation. */
export interface StandbySpec {
  readonly gateways: number;
  /** Spare connections: a number, or a fraction of those there are. */
  readonly connections: { readonly kind: 'count'; readonly count: number } | { readonly kind: 'fraction'; readonly fraction: number };
  /** Whether the other zones must hold all connections when the largest goes away. */
  readonly zoneFailure: boolean;
}

export interface DrainSpec {
  /** From a drain's start until what is left is closed with 1012, ms. */
  readonly timeoutMs: number;
  /** The most connections moved per second, fleet-wide, by everything that moves any. */
  readonly maxConnectionsPerSecond: number;
  /** What becomes of the connections when the ChatCluster is deleted: closed at the pace above, or at once. */
  readonly onDeletion: 'Drain' | 'Immediate';
}

export interface RebalanceSpec {
  readonly enabled: boolean;
  /** How far a gateway may be above the mean before it sheds, a fraction of the mean. */
  readonly maxSkew: number;
}

export interface RolloutSpec {
  /** Gateways that a rollout may add above the desired number. */
  readonly maxSurge: number;
  /** How long a new gateway may take to become ready before the rollout counts as stalled, ms. */
  readonly progressDeadlineMs: number;
  /** The share of resumes that may end in a gap, lately, before the rollout pauses. A fraction. */
  readonly maxFailedResumes: number;
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
  /** Where Kubernetes has the password; null: there is none, or it is given otherwise. */
  readonly passwordSecret: SecretKey | null;
  /** With TLS: where Kubernetes has the certificates of the authorities that vouch for Redis (PEM); null: the system's own. */
  readonly caSecret: SecretKey | null;
}

/** A key of a Secret in the ChatCluster's namespace. */
export interface SecretKey {
  readonly name: string;
  readonly key: string;
}

export interface AuthenticationSpec {
  /** The secret that clients' tokens are signed with (JWT, HS256); null: clients need none. */
  readonly jwtSecret: SecretKey | null;
}

/** The Pods that gateways are on Kubernetes. A change makes a new revision. */
export interface PodsSpec {
  /** Null: the operator's own. */
  readonly image: string | null;
  /** Merged over the Pod that the operator would create, as a strategic merge patch is. */
  readonly template: PodTemplate;
}

/** As Kubernetes' PodTemplateSpec, any part of it. The API server checks it when Pods are created. */
export interface PodTemplate {
  readonly metadata?:
    | {
        readonly labels?: Readonly<Record<string, string>> | undefined;
        readonly annotations?: Readonly<Record<string, string>> | undefined;
      }
    | undefined;
  readonly spec?: Readonly<Record<string, unknown>> | undefined;
}

/** The Service that clients reach the gateways by on Kubernetes. */
export interface ServiceSpec {
  readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer';
  readonly port: number;
  readonly annotations: Readonly<Record<string, string>>;
}

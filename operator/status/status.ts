/**
 * What `chatcluster status`, the dashboard and (later) the resource's `status` show: plain JSON, made by a pure function
 * from a snapshot and the decisions on it.
 */
export interface ClusterStatus {
  readonly name: string;
  /** Wall clock, ms. */
  readonly at: number;
  /** Gateways that there should be; `null` until the first decision. */
  readonly desired: number | null;
  /** What the load needs, before windows, policies, pauses and limits; `null` when it can't be said. */
  readonly needed: number | null;
  /** The least and the most gateways that there may be now: those of the spec, or of the schedules that are active. */
  readonly limits: { readonly min: number; readonly max: number };
  readonly connections: number;
  /** Connections that the gateways that take any could hold. */
  readonly capacity: number;
  /** Connections asked to move in the last second. */
  readonly movedPerSecond: number;
  /** 99th percentile from a message's storing to its writing to sockets, over all gateways, ms; `null` without messages. */
  readonly deliveryLatencyMs: number | null;
  readonly gateways: readonly GatewayLine[];
  readonly drains: readonly DrainLine[];
  /** Newest first; a decision equal to the one before is not repeated. */
  readonly decisions: readonly Decision[];
  readonly conditions: readonly Condition[];
}

export interface GatewayLine {
  readonly name: string;
  readonly state: 'starting' | 'ready' | 'cordoned' | 'draining' | 'unreachable' | 'terminating' | 'dead';
  readonly connections: number | null;
  readonly migrating: number;
  readonly capacity: number;
  readonly pid: number | null;
  /** Runs the present settings. */
  readonly current: boolean;
  readonly zone: string | null;
  readonly createdAt: number;
}

export interface DrainLine {
  readonly gateway: string;
  readonly reason: string;
  readonly initial: number;
  readonly remaining: number;
  readonly ratePerSecond: number;
  readonly startedAt: number;
  readonly deadlineAt: number;
  /** Until it is empty at the present rate, ms; `null` while it is paused. */
  readonly etaMs: number | null;
}

export interface Decision {
  readonly at: number;
  /** `scale` for the desired number; else the kind of the action. */
  readonly kind: 'scale' | 'create' | 'cordon' | 'uncordon' | 'drain' | 'shed' | 'delete';
  /** What an action acts on; `null` for `scale`. */
  readonly gateway: string | null;
  /** One line: "5 gateways: 2000 connections / 400 per gateway". */
  readonly summary: string;
  readonly reasons: readonly string[];
}

export interface Condition {
  readonly type: 'Available' | 'Progressing' | 'ScalingActive' | 'ScalingLimited' | 'Draining' | 'Degraded';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

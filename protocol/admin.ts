/**
 * The contract between the operator and a gateway: JSON over HTTP on the gateway's admin port.
 * `GET /status` answers a GatewayStatus; `POST /cordon`, `/uncordon`, `/drain` (DrainRequest), `/shed` (ShedRequest) and `/stop`
 * (closes all with 1012, paced as at the end of a drain, then the process ends) answer the GatewayStatus after the change. All need `Authorization: Bearer <admin token>` and are idempotent.
 * `GET /healthz`, `/readyz` and `/metrics` on the same port need no token.
 */
export const ADMIN_PATHS = {
  status: '/status',
  cordon: '/cordon',
  uncordon: '/uncordon',
  drain: '/drain',
  shed: '/shed',
  stop: '/stop',
} as const;

/** accepting: takes connections. cordoned: keeps its own, takes no new one. draining: cordoned, and moves all away. */
export type GatewayState = 'accepting' | 'cordoned' | 'draining';

export interface GatewayStatus {
  readonly name: string;
  /** Hash of the settings that this process was started with. */
  readonly revision: string;
  readonly pid: number;
  readonly state: GatewayState;
  /** degraded: the broker can't be reached now. It keeps its connections, and is no less ready than others, who share the broker. */
  readonly broker: 'ok' | 'degraded';
  /** It was told to stop (SIGTERM, SIGINT: it drains itself; `POST /stop`: it closes all) and ends, whatever it is asked. */
  readonly stopping: boolean;
  /** Live connections: WebSockets, and long-polling sessions that polled within the last seconds. */
  readonly connections: number;
  /** Of these, how many were asked to move and have not gone yet. */
  readonly migrating: number;
  /** The most connections it takes. */
  readonly capacity: number;
  /** Counters since the process started. */
  readonly acceptedTotal: number;
  readonly refusedTotal: number;
  /** Connections that were asked to move. */
  readonly migratedTotal: number;
  /** Connections closed with 1012 because their time to move was over. */
  readonly forcedTotal: number;
  readonly publishedTotal: number;
  readonly deliveredTotal: number;
  /** Subscribes with a position that were answered. */
  readonly resumesTotal: number;
  /** Of these, those that were answered by a gap. */
  readonly resumeGapsTotal: number;
  /** The most connections that it admits in a second. */
  readonly acceptRatePerSecond: number;
  /** CPU time of the process since its start, ms. */
  readonly cpuMs: number;
  /** 99th percentile of the event loop's delay since the last status, ms. */
  readonly eventLoopDelayMs: number;
  /** 99th percentile from a message's storing in the broker to its writing to sockets, since the last status, ms; `null` without messages. */
  readonly deliveryLatencyMs: number | null;
  /** From the process' start until it could take connections, ms. */
  readonly startupMs: number;
  readonly uptimeMs: number;
  readonly drain: DrainProgress | null;
  readonly shed: ShedProgress | null;
}

export interface DrainProgress {
  readonly ratePerSecond: number;
  /** Connections that it held when the drain began. */
  readonly initial: number;
  readonly elapsedMs: number;
  /** Until the rest is closed with 1012, ms; 0 when that has begun. */
  readonly remainingMs: number;
}

export interface ShedProgress {
  readonly ratePerSecond: number;
  /** Connections still to be asked to move. */
  readonly remaining: number;
}

/** Starts a drain, or changes the rate of the one that goes on (its deadline stays as it was). */
export interface DrainRequest {
  /** Connections asked to move in a second; 0 pauses. May be fractional. */
  readonly ratePerSecond: number;
  /** From the drain's start until the rest is closed with 1012, ms. */
  readonly timeoutMs: number;
}

/** Sets (does not add to) the number of connections still to be asked to move; 0 ends a shed. */
export interface ShedRequest {
  readonly count: number;
  readonly ratePerSecond: number;
}

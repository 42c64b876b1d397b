/** Why a call to the broker failed or was tried again. */
export const FAILURE_KINDS = [
  'connection',
  'timeout',
  'loading',
  'moved',
  'cluster-down',
  'read-only',
  'out-of-memory',
  'password',
  'permission',
  'version',
  'replicas',
  'other',
] as const;
export type FailureKind = (typeof FAILURE_KINDS)[number];

/** What a broker's client counts: plain numbers, read by the metrics when they are scraped. */
export interface BrokerTelemetry {
  /** Scripts that were run, those included that failed. */
  scripts: number;
  /** Connections that were made anew. */
  reconnects: number;
  /** Publishes that wait to be sent or answered. */
  waiting: number;
  /** What comes live is at least so old, ms: the time that a ping behind it took; null while live delivery is down. */
  liveLagMs: number | null;
  /** Calls that failed, each try counted. */
  readonly failures: Map<FailureKind, number>;
}

/** Counts nothing yet. */
export const newBrokerTelemetry = (): BrokerTelemetry => ({ scripts: 0, reconnects: 0, waiting: 0, liveLagMs: null, failures: new Map() });

/** Counts one failure. */
export function countFailure({ failures }: BrokerTelemetry, kind: FailureKind): void {
  failures.set(kind, (failures.get(kind) ?? 0) + 1);
}

/** What a load run ends with. The first thirteen keys are what `--output json` promises; the rest helps to look for a fault. */
export interface Verdict {
  /** Messages that were handed to the SDK. */
  readonly sent: number;
  readonly acknowledged: number;
  /** Messages times the clients that got them, each once. */
  readonly delivered: number;
  /** Acknowledged, but not delivered to a client that was subscribed before; also when a gap told it. */
  readonly lost: number;
  /** Delivered to the same client more than once. */
  readonly duplicated: number;
  /** Delivered against the order of the acknowledged offsets, at another place than acknowledged, or against their publisher's order. */
  readonly reordered: number;
  /** Clients without an open and subscribed connection at the end. */
  readonly neverCameBack: number;
  /** From the call of `publish` to each delivery; what slow clients say and hear is left out. */
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Over the clients (slow ones aside): the longest time of each without an open and subscribed connection, or by which a message came late. */
  readonly longestSilenceMs: { readonly p99: number; readonly max: number };
  /** Connections opened again after one was lost. */
  readonly reconnects: number;
  /** Moves that a gateway asked for and that were done. */
  readonly migrations: number;
  /** The most tries to open a connection in any second, of clients that had one before: to come back or to move, also those that failed. */
  readonly peakReconnectsPerSecond: number;
  /** Gaps told to clients. */
  readonly gaps: number;
  /** Of `lost`: behind all that the client was delivered. The run's end may only have come before them; the others were passed over. */
  readonly outstanding: number;
  /** Publishes that the SDK gave up with an error. */
  readonly failed: number;
  /** Clients that connected or tried to. */
  readonly clients: number;
  /** Of these, how many were never subscribed at all; they count in `neverCameBack` too. */
  readonly neverCame: number;
  readonly durationMs: number;
}

/** Whether the promises were kept: what decides the exit code. */
export function kept(verdict: Verdict): boolean {
  return verdict.lost === 0 && verdict.duplicated === 0 && verdict.reordered === 0 && verdict.neverCameBack === 0;
}

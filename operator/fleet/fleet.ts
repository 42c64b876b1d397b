/**
 * All the gateways of one ChatCluster, wherever they run: child processes (`local/`), virtual time (`simulated/`), Pods (`kubernetes/`).
 * One contract, one suite (`test/contract/fleet.ts`):
 * - `list` shows every gateway that exists, in any state, from the moment its `create` resolved until it is gone; names are never reused.
 * - `apply` is idempotent: applied again, or after the operator died in the middle of it, it ends in the same place. A gateway that no longer
 *   exists is no error, for there is nothing left to do.
 * - `create` makes a gateway of the fleet's present revision (`revision()`), under exactly the name of the action.
 * - `cordon`: it gets no new connection from the moment `apply` resolved, but keeps its own. One that is unreachable need not answer for that.
 * - `drain`: cordon, then its clients are asked to move at `ratePerSecond`; the deadline counts from the first drain of this gateway, later ones change only the rate.
 * - `uncordon` ends a cordon, a drain and a shed; connections already asked to move still go.
 * - `shed`: sets how many connections are still to be asked to move.
 * - `delete` stops it: connections that it still has are closed.
 */
export interface Fleet {
  list(): Promise<readonly GatewayView[]>;
  /** Hash of the settings that a gateway created now would get. */
  revision(): string;
  /** What keeps it from its work beside what gateways show, one line each, for people: a quota, a right that it lacks, what it can't see. */
  problems(): readonly string[];
  /** Rejects when the action could not be done; the next round plans it again. */
  apply(action: Action): Promise<void>;
  /** Calls `changed` when something happened that a decision should see at once (a gateway became ready, died, drained itself). Ends with the signal. */
  watch(changed: () => void, signal: AbortSignal): void;
}

/**
 * - starting: created, not ready yet.
 * - ready: takes connections, unless cordoned.
 * - unreachable: its process is there, but it has not answered for a while; its clients may still be served.
 * - terminating: stops, because it was deleted, or somebody else told it to and it drains itself first; never comes back.
 * - dead: its process is gone without a `delete`, and with it its connections; only the record is left to be deleted.
 */
export type GatewayPhase = 'starting' | 'ready' | 'unreachable' | 'terminating' | 'dead';

export interface GatewayView {
  readonly name: string;
  /** The number at the end of its name. */
  readonly ordinal: number;
  readonly revision: string;
  readonly phase: GatewayPhase;
  /** Takes no new connection (also while it drains). */
  readonly cordoned: boolean;
  readonly drain: DrainView | null;
  readonly shed: { readonly remaining: number; readonly ratePerSecond: number } | null;
  /** Last known number. `null` when it never answered. */
  readonly connections: number | null;
  /** Of these, how many were asked to move and have not gone yet. */
  readonly migrating: number;
  readonly capacity: number;
  /** Counters since its process started; `null` when they aren't known. */
  readonly resumes: ResumeCounts | null;
  /** What keeps it from becoming ready or from its work, in a few words for people; `null` when nothing is known. */
  readonly problem: string | null;
  /** Wall clock, ms. */
  readonly createdAt: number;
  readonly readyAt: number | null;
  /** When `connections` was read, ms; `null` when never. */
  readonly observedAt: number | null;
  readonly zone: string | null;
  readonly pid: number | null;
  /** As of `observedAt`; `null` when it isn't known yet, absent where it never is. */
  readonly load?: GatewayLoad | null;
}

/** What a gateway does is told over so long, ms, or since it was looked at first: people come in bursts, and who decides on a second decides on noise. */
export const LOAD_WINDOW_MS = 10_000;

/** How much a gateway did in the last seconds. */
export interface GatewayLoad {
  /** New connections, those that were moved to it included. */
  readonly acceptsPerSecond: number;
  /** The same of the last second alone, or of the time since the look before, if that is longer. */
  readonly latestAcceptsPerSecond: number;
  /** Connections that went in the same time by themselves: without those that it asked to move. */
  readonly latestLeavesPerSecond: number;
  /** Connections that it asked to move. */
  readonly movesPerSecond: number;
  /** Messages taken from clients, and written to them. */
  readonly messagesPerSecond: number;
  /** 99th percentile of its event loop's delay in a second, the mean of the last ones, ms. */
  readonly eventLoopDelayMs: number;
  readonly cpuCores: number;
}

/** How clients went on that came back with a position. */
export interface ResumeCounts {
  readonly total: number;
  /** Of these, how many could not go on there and were told of a gap. */
  readonly gaps: number;
}

export interface DrainView {
  readonly ratePerSecond: number;
  readonly startedAt: number;
  /** From then on the gateway closes what is left. */
  readonly deadlineAt: number;
  /** Connections that it held when the drain began. */
  readonly initial: number;
}

/** What the operator does to a fleet. `reason` is for people: it ends in the status and in the log. */
export type Action =
  | { readonly kind: 'create'; readonly gateway: string; readonly reason: string }
  | { readonly kind: 'cordon'; readonly gateway: string; readonly reason: string }
  | { readonly kind: 'uncordon'; readonly gateway: string; readonly reason: string }
  | {
      readonly kind: 'drain';
      readonly gateway: string;
      readonly ratePerSecond: number;
      readonly timeoutMs: number;
      readonly reason: string;
    }
  | { readonly kind: 'shed'; readonly gateway: string; readonly count: number; readonly ratePerSecond: number; readonly reason: string }
  | { readonly kind: 'delete'; readonly gateway: string; readonly reason: string };

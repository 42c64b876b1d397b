/** A healthy informer hears from the API server at least at each relist; after so long without, something in it has ended, ms. */
const STALE_MS = 15 * 60_000;
/** A round is bounded by the time limits of its calls; one that takes so long has hung, ms. */
const STUCK_MS = 10 * 60_000;

/** What health is told from. */
export interface Vitals {
  /** By resource: since its informer last heard of the API server, ms. */
  readonly staleMs: Readonly<Record<string, number>>;
  /** By ChatCluster: since its loop last began a round, ms. */
  readonly silentMs: Readonly<Record<string, number>>;
}

/** Why a restart is needed, in one line; `null`: it isn't. */
export function unhealthy({ staleMs, silentMs }: Vitals): string | null {
  const told = [
    ...over(staleMs, STALE_MS).map(([resource, ms]) => `the informer of ${resource} has heard nothing for ${Math.round(ms / 1000)} s`),
    ...over(silentMs, STUCK_MS).map(([cluster, ms]) => `the loop of ${cluster} has begun no round for ${Math.round(ms / 1000)} s`),
  ];
  return told.length === 0 ? null : told.join('; ');
}

function over(times: Readonly<Record<string, number>>, limitMs: number): readonly (readonly [string, number])[] {
  return Object.entries(times).filter(([, ms]) => ms > limitMs);
}

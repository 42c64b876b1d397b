import type { ChatClusterSpec } from '../api/spec.ts';
import { neededFor, neededWithin } from './needed.ts';
import type { Spread } from './zones.ts';

/** The connections that count. */
export interface Load {
  /** Enough to scale up by. */
  readonly up: number;
  /** Needed to scale down by. */
  readonly down: number;
  /** Over which zones the gateways are spread. */
  readonly spread: Spread;
  /** The same without those that still start: a scale-down takes them first. */
  readonly settled: Spread;
}

/** A raw recommendation. */
export interface Wanted {
  readonly replicas: number;
  /** It is the present number only because the load is within the tolerance of the target. */
  readonly isTolerated: boolean;
  /** The spread by which it was decided. */
  readonly spread: Spread;
}

/** More when the least that there can be needs more; fewer only when the most that there can be needs fewer, also without the gateways that still start. */
export function wantedOf(spec: ChatClusterSpec, { up, down, spread, settled }: Load, current: number): Wanted {
  const decided = (replicas: number, connections: number, by: Spread): Wanted => ({
    replicas,
    isTolerated: replicas === current && neededFor(spec, connections, by) !== current,
    spread: by,
  });
  const least = neededWithin(spec, up, current, spread);
  if (least >= current) return decided(least, up, spread);
  const [most, by] = [spread, settled]
    .map((each) => [neededWithin(spec, down, current, each), each] as const)
    .reduce((more, other) => (other[0] > more[0] ? other : more));
  return most > current ? { replicas: current, isTolerated: false, spread: by } : decided(most, down, by);
}

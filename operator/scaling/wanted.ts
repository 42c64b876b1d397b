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
}

/** A raw recommendation. */
export interface Wanted {
  readonly replicas: number;
  /** It is the present number only because the load is within the tolerance of the target. */
  readonly isTolerated: boolean;
}

/** More when the least that there can be needs more; fewer only when the most that there can be needs fewer. */
export function wantedOf(spec: ChatClusterSpec, { up, down, spread }: Load, current: number): Wanted {
  const decided = (replicas: number, connections: number): Wanted => ({
    replicas,
    isTolerated: replicas === current && neededFor(spec, connections, spread) !== current,
  });
  const least = neededWithin(spec, up, current, spread);
  if (least >= current) return decided(least, up);
  const most = neededWithin(spec, down, current, spread);
  return most > current ? { replicas: current, isTolerated: false } : decided(most, down);
}

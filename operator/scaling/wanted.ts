import type { ChatClusterSpec } from '../api/spec.ts';
import { neededFor, neededWithin } from './needed.ts';

/** The connections that count. */
export interface Load {
  /** Enough to scale up by. */
  readonly up: number;
  /** Needed to scale down by. */
  readonly down: number;
  /** In how many zones there are gateways. */
  readonly zones: number;
}

/** A raw recommendation. */
export interface Wanted {
  readonly replicas: number;
  /** It is the present number only because the load is within the tolerance of the target. */
  readonly isTolerated: boolean;
}

/** More when the least that there can be needs more; fewer only when the most that there can be needs fewer. */
export function wantedOf(spec: ChatClusterSpec, { up, down, zones }: Load, current: number): Wanted {
  const decided = (replicas: number, connections: number): Wanted => ({
    replicas,
    isTolerated: replicas === current && neededFor(spec, connections, zones) !== current,
  });
  const least = neededWithin(spec, up, current, zones);
  if (least >= current) return decided(least, up);
  const most = neededWithin(spec, down, current, zones);
  return most > current ? { replicas: current, isTolerated: false } : decided(most, down);
}

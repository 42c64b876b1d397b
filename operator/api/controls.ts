import { ANNOTATIONS } from './names.ts';
import type { Controls } from './spec.ts';

/** What the metadata of a ChatCluster asks for. What can't be understood asks for nothing. */
export function controlsOf(metadata: Readonly<Record<string, unknown>>): Controls {
  const { annotations, deletionTimestamp } = metadata;
  const given = (typeof annotations === 'object' && annotations !== null ? annotations : {}) as Readonly<Record<string, unknown>>;
  const paused = given[ANNOTATIONS.pauseScaling];
  const rebalance = given[ANNOTATIONS.rebalance];
  return {
    paused: { up: paused === 'up' || paused === 'both', down: paused === 'down' || paused === 'both' },
    rebalance: typeof rebalance === 'string' && rebalance !== '' ? rebalance : null,
    removing: typeof deletionTimestamp === 'string',
  };
}

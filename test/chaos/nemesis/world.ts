import type { Fleet } from '../fleet/fleet.ts';

/** What gateway faults work on. */
export interface GatewayWorld {
  readonly fleet: Fleet;
  /** The run ends: whatever waits must not any more. */
  readonly signal: AbortSignal;
}

/** What faults of Redis work on. */
export interface World<R> extends GatewayWorld {
  readonly redis: R;
}

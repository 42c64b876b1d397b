import type { z } from 'zod';
import { LONG_POLLING_DEFAULTS } from './defaults.ts';
import type { specSchema } from './resource.ts';

/** `spec` as people write it, with or without its defaults. */
export type WrittenSpec = z.input<typeof specSchema>;

/**
 * The spec of the ChatCluster that answers the long polls of another one, `name`; `null` when that doesn't ask for it. All is as there, the stored
 * channels above all, but what `longPolling` says itself and `replicas`, which whoever scales writes.
 */
export function farmSpec(written: WrittenSpec, name: string): WrittenSpec | null {
  const { longPolling, replicas: _, gateway, scaling: __, service: ___, broker, ...same } = written;
  if (longPolling === undefined) return null;
  const { requestsPerGateway, acceptRatePerSecond, scaling, service } = longPolling;
  return {
    ...same,
    gateway: {
      ...gateway,
      connectionsPerGateway: requestsPerGateway ?? LONG_POLLING_DEFAULTS.requestsPerGateway,
      acceptRatePerSecond: acceptRatePerSecond ?? LONG_POLLING_DEFAULTS.acceptRatePerSecond,
    },
    broker: { ...broker, keyPrefix: broker?.keyPrefix ?? keyPrefixOf(name) },
    ...(scaling !== undefined && { scaling }),
    ...(service !== undefined && { service }),
  };
}

/** What keys in Redis begin with, unless the spec says it. */
export function keyPrefixOf(name: string): string {
  return `${name}:`;
}

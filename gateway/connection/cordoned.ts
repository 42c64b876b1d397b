import type { Migrate } from '../../protocol/messages.ts';

/** Clients that find a cordoned gateway all the same move on within this time, ms. */
const DELAY_MS = 1_000;
const DEADLINE_MS = 60_000;

/** What a client is told that found a cordoned gateway. The bound of its wait differs from client to client, so that they don't move in step. */
export function cordonedMigrate(random: () => number): Migrate {
  const delayMs = Math.ceil(DELAY_MS * (0.5 + random() / 2));
  return { type: 'migrate', delayMs, deadlineMs: DEADLINE_MS, reason: 'cordoned' };
}

import { openBroker } from '../../gateway/broker/open.ts';
import type { GatewaySettings } from '../../gateway/settings.ts';
import { Failure } from '../failure.ts';

/** A Redis that starts at the same time is waited for, ms. */
const PATIENCE_MS = 5_000;

/**
 * Asks the Redis of these settings whether it can serve gateways. Throws a Failure of one line when it can't, or doesn't answer in a few seconds, or
 * `signal` comes before.
 */
export async function checkRedis(settings: GatewaySettings, signal: AbortSignal): Promise<void> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), PATIENCE_MS);
  try {
    const broker = await openBroker(settings.broker, { redis: settings, signal: AbortSignal.any([signal, late.signal]) });
    await broker.close();
  } catch (error) {
    throw new Failure((error as Error).message);
  } finally {
    clearTimeout(timer);
  }
}

import type { Broker, HistoryLimits } from './broker.ts';
import { MemoryEngine } from './memory/engine.ts';
import { connectBroker } from './remote.ts';

export interface OpenOptions {
  /** For `memory:`; a broker that others share has its own. */
  readonly history?: HistoryLimits;
}

/**
 * Opens the broker that `url` names: `memory:` (in this process, for one gateway alone) or `unix:/path` (served by another process).
 * Rejects with one line for people when the URL is neither, and with BrokerUnavailable when nothing answers.
 */
export async function openBroker(url: string, options: OpenOptions = {}): Promise<Broker> {
  if (url === 'memory:') return new MemoryEngine(options).connect();
  if (url.startsWith('unix:/')) return connectBroker(url.slice('unix:'.length));
  throw new Error(
    `Unknown broker "${url}": use "memory:" (for one gateway alone) or "unix:/path" (the socket of a broker that is served).`,
  );
}

import type { Broker, HistoryLimits } from './broker.ts';
import { MemoryEngine } from './memory/engine.ts';
import { connectBroker } from './remote.ts';

export interface OpenOptions {
  /** For `memory:`; a broker in another process has its own. */
  readonly history?: HistoryLimits;
}

/**
 * Opens the broker that `url` names: `memory:` (in this process, for one gateway alone) or `unix:/path` (served by another process).
 * Rejects with one line for people when the URL is neither, and with BrokerUnavailable when nothing answers.
 */
export function openBroker(url: string, options: OpenOptions = {}): Promise<Broker> {
  const [scheme, rest] = splitOnce(url, ':');
  switch (scheme) {
    case 'memory':
      if (rest === '') return Promise.resolve(new MemoryEngine(options).connect());
      break;
    case 'unix':
      if (rest.startsWith('/')) return connectBroker(rest);
      break;
  }
  return Promise.reject(
    new Error(`Unknown broker "${url}": use "memory:" (this process alone) or "unix:/path/of/socket" (served by chatcluster up).`),
  );
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

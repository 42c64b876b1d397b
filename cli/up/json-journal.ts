import type { Logger } from 'pino';
import type { Decision } from '../../operator/status/status.ts';
import type { Journal, Started } from './journal.ts';

/** For machines: a line of JSON for each thing that happens. */
export class JsonJournal implements Journal {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  started(started: Started): void {
    const { cluster, file, url, broker } = started;
    this.#log.info({ cluster: cluster.name, file, url, broker }, 'started');
  }

  decided({ kind, gateway, summary, reasons }: Decision): void {
    this.#log.info({ decision: kind, gateway, reasons }, summary);
  }

  applied(text: string): void {
    this.#log.info(text);
  }

  problem(text: string): void {
    for (const line of text.split('\n')) this.#log.warn(line);
  }

  /** The gateways write JSON as well: their own fields stay theirs. */
  wrote(gateway: string, line: string): void {
    this.#log.info({ gateway, output: parsed(line) }, 'gateway');
  }

  stopping(text: string): void {
    this.#log.info(text);
  }

  stopped(): void {
    this.#log.info('stopped');
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}

/** What is counted of all clients of a run, beside what the checker counts. */
export class Figures {
  /** Connections that were opened after one was lost. */
  reconnects = 0;
  /** Connections that were opened beside another, to which the client moved. */
  migrations = 0;
  /** Times that a gateway told a client that it has lost Redis. */
  degraded = 0;
  /** Applications that were started anew from stored positions. */
  restarts = 0;
  /** Messages that the application tried again after the SDK had given them up. */
  retries = 0;
  /** Subscriptions that a gateway refused. */
  readonly refusals: string[] = [];
  /** Why messages were given up, and how many. */
  readonly failures = new Map<string, number>();
  /** The longest time that a client with a network was without a connection, ms, and whose. */
  longestSilence = { ms: 0, client: '' };

  failed(reason: string): void {
    this.failures.set(reason, (this.failures.get(reason) ?? 0) + 1);
  }

  silent(ms: number, client: string): void {
    if (ms > this.longestSilence.ms) this.longestSilence = { ms, client };
  }
}

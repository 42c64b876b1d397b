/** One signal often comes twice at once: from the terminal and passed on by `npm`. Within this time it is the same, ms. */
const SAME_MS = 500;

/** What of a process is listened to. */
export interface SignalSource {
  on(event: 'SIGTERM' | 'SIGINT', listener: (signal: NodeJS.Signals) => void): unknown;
}

/** Calls `first` at the first SIGTERM or SIGINT, `again` at a later one. `now`: monotonic, ms. */
export function onStopSignals(
  source: SignalSource,
  now: () => number,
  { first, again }: { readonly first: (signal: NodeJS.Signals) => void; readonly again: (signal: NodeJS.Signals) => void },
): void {
  let firstAt: number | null = null;
  const listener = (signal: NodeJS.Signals) => {
    if (firstAt === null) {
      firstAt = now();
      first(signal);
    } else if (now() - firstAt > SAME_MS) {
      again(signal);
    }
  };
  source.on('SIGTERM', listener);
  source.on('SIGINT', listener);
}

import { constants } from 'node:os';

/** One signal often comes twice at once: from the terminal and passed on by `npm`. Within this time it is the same, ms. */
const SAME_MS = 500;

/** Calls `first` at the first SIGTERM or SIGINT of this process; a later one ends it at once, as one that nobody listens to would. */
export function onStopSignals(first: (signal: NodeJS.Signals) => void): void {
  let firstAt: number | null = null;
  const listener = (signal: NodeJS.Signals) => {
    if (firstAt === null) {
      firstAt = performance.now();
      first(signal);
    } else if (performance.now() - firstAt > SAME_MS) process.exit(128 + constants.signals[signal]);
  };
  process.on('SIGTERM', listener);
  process.on('SIGINT', listener);
}

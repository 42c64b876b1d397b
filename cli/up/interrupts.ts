/** Signals that ask to stop. A terminal that closes sends SIGHUP. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** One Ctrl-C often arrives twice: the terminal sends it to all, and `npm` or `npx` passes theirs on. Within this time it is the same, ms. */
const SAME_MS = 500;

/** Calls `first` at the first signal, and `again` at a later one. Answers what ends the listening. */
export function onInterrupt(first: () => void, again: () => void): () => void {
  let firstAt: number | null = null;
  const listener = () => {
    const now = performance.now();
    if (firstAt === null) {
      firstAt = now;
      first();
    } else if (now - firstAt > SAME_MS) {
      again();
    }
  };
  for (const signal of SIGNALS) process.on(signal, listener);
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener);
  };
}

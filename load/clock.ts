/** Milliseconds of the machine's monotonic clock: the same for all threads and processes, and never set back. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

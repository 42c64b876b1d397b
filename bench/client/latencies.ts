const MARK = Buffer.from('"data":"T');
const DIGITS = 12;

/** A message's data of `bytes` bytes (JSON text without its quotes), which carries the time (ms) at which it was sent. */
export function stampedData(now: number, bytes: number): string {
  return `T${now.toFixed(3).padStart(DIGITS, '0')}`.padEnd(bytes, 'x');
}

/** The time that `stampedData` put into a message. */
export function stampOf(payload: Buffer): number {
  const at = payload.indexOf(MARK);
  return Number(payload.toString('latin1', at + MARK.length, at + MARK.length + DIGITS));
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Such as "2500", "0.5", "500m", "20k": Kubernetes' quantities, as far as people write them for metrics. */
export const QUANTITY_PATTERN = /^[0-9]{1,12}(\.[0-9]{1,6})?(m|k|M|G)?$/;
export const MAX_QUANTITY_LENGTH = 20;

const FACTORS: Readonly<Record<string, number>> = { m: 0.001, '': 1, k: 1_000, M: 1_000_000, G: 1_000_000_000 };

/** The number that is meant; `null` when it is no quantity. */
export function parseQuantity(written: number | string): number | null {
  if (typeof written === 'number') return written;
  if (!QUANTITY_PATTERN.test(written)) return null;
  const unit = /[a-zA-Z]$/.exec(written)?.[0] ?? '';
  return Number(written.slice(0, written.length - unit.length)) * (FACTORS[unit] ?? 1);
}

/**
 * What KEDA's Prometheus scaler makes of an answer without a series: 0. The rule: keda.sh, "Prometheus" scaler, `ignoreNullValues` (default `true`):
 * only with `false` is a lost target an error.
 */
export function lostAsZero(value: number | null): number {
  return value ?? 0;
}

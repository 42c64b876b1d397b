import type { Snapshot } from '../../snapshot.ts';
import { freshTotal, type Terms } from './figures.ts';
import { measureReading } from './reading.ts';
import { amount } from './words.ts';

/** Since when what a query says and what the gateways say differ, by the metric's name; wall clock, ms. */
export type Differing = Readonly<Record<string, number>>;

/** From this share of the larger on two values differ. */
const SHARE = 0.2;
/** So few may be chance. */
const FEW = 10;
/** It is told when it lasts: Prometheus is behind by its scrapes, the most when people rush in, ms. */
const LASTING_MS = 60_000;

/**
 * Where a query measures what the gateways tell as well (`measures`): one line for each where the two have differed for a while, and what must be remembered.
 * As long as one of the two is missing they can't differ.
 */
export function disagreements(
  { cluster, gateways, readings = [], now }: Pick<Snapshot, 'cluster' | 'gateways' | 'readings' | 'now'>,
  before: Differing,
  terms: Omit<Terms, 'lastMs'>,
): { readonly told: readonly string[]; readonly differing: Differing } {
  const told: string[] = [];
  const differing: Record<string, number> = {};
  for (const { name, source } of cluster.spec.scaling.metrics) {
    if (source.kind !== 'prometheus' || source.prometheus.measures === null) continue;
    const reading = readings.find(({ metric }) => metric === name);
    const measured = measureReading(reading, source.prometheus, now, 0);
    const own = freshTotal(source.prometheus.measures, gateways, now, terms);
    if (measured.kind !== 'known' || own === null || !differ(measured.low, own)) continue;
    const since = Math.min(now, before[name] ?? now);
    differing[name] = since;
    if (now - since < LASTING_MS) continue;
    told.push(
      `${name}: Prometheus answers ${amount(measured.low)}, but the gateways themselves tell ${amount(own)} (${source.prometheus.measures})`,
    );
  }
  return { told, differing };
}

function differ(a: number, b: number): boolean {
  const difference = Math.abs(a - b);
  return difference > FEW && difference > SHARE * Math.max(a, b);
}

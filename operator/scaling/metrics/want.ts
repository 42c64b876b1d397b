import type { ChatClusterSpec, MetricSpec } from '../../api/spec.ts';
import type { GatewayView } from '../../fleet/fleet.ts';
import type { ScalingMemory, Snapshot } from '../../snapshot.ts';
import { toleranceDown, toleranceUp } from '../needed.ts';
import { disagreements } from './agree.ts';
import { measureFigure } from './figures.ts';
import type { Measured } from './measured.ts';
import { movedOf } from './moved.ts';
import { type Proposal, propose, type Setting } from './propose.ts';
import { measureReading } from './reading.ts';

/** What a decision must be given of those before. */
type Remembered = Pick<ScalingMemory, 'differing' | 'movers'>;

/** What `spec.scaling.metrics` ask for together. */
export interface MetricsWanted {
  /** The largest number; `null` when there are none. */
  readonly replicas: number | null;
  /** One line for each, the largest number first. */
  readonly reasons: readonly string[];
  /** What a recommendation tells of them. */
  readonly told: { readonly missing?: readonly string[]; readonly disagreeing?: readonly string[] };
  /** What the next decision must be given of them. */
  readonly remembered: Remembered;
}

/** Before a new gateway shows in a value of the whole that is measured elsewhere, ms: HPA's own period. */
const SETTLE_MS = 15_000;

/** How many gateways the metrics ask for beside the connections. `freshMs`: how old what a gateway says may be. */
export function metricsWant(snapshot: Asked, current: number, before: Remembered, freshMs: number): MetricsWanted {
  const { cluster, gateways, readings = [], now } = snapshot;
  const { metrics, fallback } = cluster.spec.scaling;
  const byName = new Map(readings.map((reading) => [reading.metric, reading]));
  const setting = settingOf(cluster.spec, gateways, current, now);
  const counts = metrics.some(isAcceptRate);
  const { perSecond, movers } = counts ? movedOf(gateways, before.movers ?? {}, now) : { perSecond: 0, movers: {} };
  const terms = { freshMs, lastMs: fallback.afterMs, movedPerSecond: perSecond };
  const proposals = metrics.map((metric) => {
    const { name, source, target } = metric;
    const measured: Measured =
      source.kind === 'gateways'
        ? measureFigure(source.figure, target, gateways, now, terms)
        : measureReading(byName.get(name), source.prometheus, now, fallback.afterMs);
    return propose(metric, measured, setting);
  });
  proposals.sort((a, b) => b.replicas - a.replicas);
  const missing = proposals.filter(isMissing).map(({ name, missing }) => `${name}: ${missing}`);
  const { told: disagreeing, differing } = disagreements(snapshot, before.differing ?? {}, terms);
  return {
    replicas: proposals[0]?.replicas ?? null,
    reasons: proposals.map(({ reason }) => reason),
    told: { ...(missing.length > 0 && { missing }), ...(disagreeing.length > 0 && { disagreeing }) },
    remembered: { ...(isSome(differing) && { differing }), ...(isSome(movers) && { movers }) },
  };
}

const isSome = (record: Readonly<Record<string, unknown>>): boolean => Object.keys(record).length > 0;

const isAcceptRate = ({ source }: MetricSpec): boolean =>
  (source.kind === 'gateways' ? source.figure : source.prometheus.measures) === 'AcceptRate';

type Asked = Pick<Snapshot, 'cluster' | 'gateways' | 'readings' | 'now'>;

function settingOf(spec: ChatClusterSpec, gateways: readonly GatewayView[], current: number, now: number): Setting {
  const { scaling } = spec;
  const serving = gateways.filter(({ phase }) => phase === 'ready' || phase === 'unreachable' || phase === 'terminating');
  return {
    current,
    standby: scaling.standby.gateways,
    settledAt: (at) => serving.filter(({ readyAt, cordoned }) => !cordoned && readyAt !== null && readyAt <= at - SETTLE_MS).length,
    serving: serving.length,
    tolerance: { up: toleranceUp(spec), down: toleranceDown(spec) },
    fallback: scaling.fallback,
    minimum: scaling.minReplicas,
    now,
  };
}

const isMissing = (proposal: Proposal): proposal is Proposal & { readonly missing: string } => proposal.missing !== null;

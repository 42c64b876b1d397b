import type { Pod } from '../../operator/fleet/kubernetes/pod.ts';
import { KubeError } from '../../operator/kube/error.ts';
import { type Figures, figuresOf } from './metrics.ts';

/** Gateways asked at a time. */
const AT_ONCE = 16;

/** What a gateway answered, and when, ms on a clock that only goes forward. */
export interface Sample {
  readonly figures: Figures;
  readonly at: number;
}

/** What came of asking all gateways, by name. */
export interface Samples {
  readonly samples: ReadonlyMap<string, Sample>;
  /** Of those that gave no figures, why, by name. */
  readonly problems: ReadonlyMap<string, string>;
  /** The right that is missing to ask any of them, in words; then none was asked further. */
  readonly forbidden: string | null;
}

/** Asks all gateways for their figures, a few at a time. Nothing that goes wrong with one of them is an error. */
export async function sampleAll(
  pods: readonly Pod[],
  metricsOf: (namespace: string, pod: string, signal: AbortSignal) => Promise<string>,
  signal: AbortSignal,
): Promise<Samples> {
  const samples = new Map<string, Sample>();
  const problems = new Map<string, string>();
  let forbidden: string | null = null;
  const left = pods.filter(({ status }) => status?.phase === 'Running');
  const askOn = async (): Promise<void> => {
    for (let pod = left.shift(); pod !== undefined && forbidden === null && !signal.aborted; pod = left.shift()) {
      const { name, namespace = '' } = pod.metadata;
      try {
        const figures = figuresOf(await metricsOf(namespace, name, signal));
        if (figures === null) problems.set(name, 'what answers on its admin port is no gateway');
        else samples.set(name, { figures, at: performance.now() });
      } catch (error) {
        if (!(error instanceof KubeError)) throw error;
        if (error.kind === 'forbidden') forbidden = error.message.replace(/^.*?: /, '');
        else problems.set(name, error.message);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, askOn));
  signal.throwIfAborted();
  return { samples, problems, forbidden };
}

/** How much of each a gateway did in a second between two samples; null when it was started anew in between, or there is no time between them. */
export function ratesBetween(
  before: Sample,
  after: Sample,
): { readonly moved: number; readonly delivered: number; readonly cpu: number } | null {
  const seconds = (after.at - before.at) / 1_000;
  const per = (key: 'movedTotal' | 'deliveredTotal' | 'cpuSeconds') => (after.figures[key] - before.figures[key]) / seconds;
  const rates = { moved: per('movedTotal'), delivered: per('deliveredTotal'), cpu: per('cpuSeconds') };
  return seconds > 0 && Object.values(rates).every((rate) => rate >= 0) ? rates : null;
}

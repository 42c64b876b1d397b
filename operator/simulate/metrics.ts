import type { ChatCluster, MetricSpec } from '../api/spec.ts';

/** The ChatCluster with only those of its metrics that the model knows. `messagesPerSecond`: of a connection; `null` when nobody said. */
export function withModelled({ spec, ...cluster }: ChatCluster, messagesPerSecond: number | null): ChatCluster {
  const metrics = spec.scaling.metrics.filter((metric) => whyLeftOut(metric, messagesPerSecond) === null);
  return { ...cluster, spec: { ...spec, scaling: { ...spec.scaling, metrics } } };
}

/** Whether its gateways must tell more than their connections. */
export const needsLoad = ({ spec }: ChatCluster): boolean =>
  spec.scaling.metrics.some(({ source }) => source.kind === 'gateways' && source.figure !== 'Connections');

/** What is taken for granted of each metric, a sentence each. */
export function metricAssumptions({ spec }: ChatCluster, messagesPerSecond: number | null): readonly string[] {
  return spec.scaling.metrics.map((metric) => {
    const [source, why] = [sourceOf(metric), whyLeftOut(metric, messagesPerSecond)];
    if (why !== null) return `The metric ${metric.name} (${source}) is left out: ${why}.`;
    const each = source === 'MessageRate' ? ` Each connection takes and writes ${messagesPerSecond} messages a second.` : '';
    return `The metric ${metric.name} (${source}) is what the modelled gateways tell.${each}`;
  });
}

const sourceOf = ({ source }: MetricSpec): string => (source.kind === 'prometheus' ? 'Prometheus' : source.figure);

/** Why the model can't know it; `null` when it does. */
function whyLeftOut({ source }: MetricSpec, messagesPerSecond: number | null): string | null {
  if (source.kind === 'prometheus') return 'what its query would answer is not known';
  switch (source.figure) {
    case 'Connections':
    case 'AcceptRate':
      return null;
    case 'MessageRate':
      return messagesPerSecond === null ? 'say with --messages how many messages a second a connection takes and writes' : null;
    case 'EventLoopDelay':
    case 'Cpu':
      return 'what a connection costs a gateway is not known';
  }
}

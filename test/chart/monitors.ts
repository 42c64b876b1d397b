import { asLabel, type Discovery, meta } from './discovery.ts';
import type { Rendered } from './helm.ts';

interface Relabeling {
  readonly sourceLabels?: readonly string[];
  readonly targetLabel?: string;
  readonly regex?: string;
  readonly replacement?: string;
  readonly action?: string;
}

interface Endpoint {
  readonly port: string;
  readonly interval: string;
  readonly honorLabels?: boolean;
  readonly relabelings?: readonly Relabeling[];
}

interface MonitorSpec {
  readonly namespaceSelector?: { readonly matchNames: readonly string[] };
  readonly selector: {
    readonly matchLabels?: Readonly<Record<string, string>>;
    readonly matchExpressions?: readonly { readonly key: string; readonly operator: string }[];
  };
  readonly endpoints?: readonly Endpoint[];
  readonly podMetricsEndpoints?: readonly Endpoint[];
}

/** Fields of an endpoint that are understood here. */
const KNOWN = ['port', 'interval', 'honorLabels', 'relabelings'];

/** What Prometheus is configured with for these ServiceMonitors and PodMonitors, as the Prometheus Operator makes it of them. Throws at what it doesn't understand. */
export function scrapeConfigs(monitors: readonly Rendered[], discovery: Pick<Discovery, 'url'>): readonly object[] {
  return monitors.flatMap(({ kind, metadata: { name, namespace = '' }, spec }) => {
    const monitor = spec as MonitorSpec;
    const isPods = kind === 'PodMonitor';
    const namespaces = monitor.namespaceSelector?.matchNames ?? [namespace];
    const own = isPods
      ? [{ target_label: 'job', replacement: `${namespace}/${name}` }]
      : [copy('service_name', 'service'), copy('service_name', 'job')];
    return ((isPods ? monitor.podMetricsEndpoints : monitor.endpoints) ?? []).map((endpoint, index) => {
      const unknown = Object.keys(endpoint).filter((field) => !KNOWN.includes(field));
      if (unknown.length > 0) throw new Error(`${kind} ${name}: what does ${unknown.join(', ')} do?`);
      return {
        job_name: `${kind}/${namespace}/${name}/${index}`,
        scrape_interval: endpoint.interval,
        scrape_timeout: endpoint.interval,
        honor_labels: endpoint.honorLabels ?? false,
        http_sd_configs: [{ url: discovery.url(isPods ? 'pod' : 'endpointslice', namespaces), refresh_interval: '1s' }],
        relabel_configs: [
          ...selected(monitor, isPods ? 'pod' : 'service'),
          keep(isPods ? 'pod_container_port_name' : 'endpointslice_port_name', endpoint.port),
          copy('namespace', 'namespace'),
          copy('pod_name', 'pod'),
          copy('pod_container_name', 'container'),
          { source_labels: [meta('pod_phase')], regex: 'Failed|Succeeded', action: 'drop' },
          ...own,
          { target_label: 'endpoint', replacement: endpoint.port },
          ...(endpoint.relabelings ?? []).map(inPrometheus),
        ],
      };
    });
  });
}

function selected({ selector: { matchLabels = {}, matchExpressions = [] } }: MonitorSpec, of: 'pod' | 'service'): readonly object[] {
  return [
    ...Object.entries(matchLabels).map(([label, value]) => keep(`${of}_label_${asLabel(label)}`, value)),
    ...matchExpressions.map(({ key, operator }) => {
      if (operator !== 'Exists') throw new Error(`what does ${operator} select?`);
      return keep(`${of}_labelpresent_${asLabel(key)}`, 'true');
    }),
  ];
}

const keep = (name: string, regex: string) => ({ source_labels: [meta(name)], regex, action: 'keep' });
const copy = (name: string, label: string) => ({ source_labels: [meta(name)], target_label: label });

function inPrometheus({ sourceLabels, targetLabel, ...rest }: Relabeling): object {
  return {
    ...rest,
    ...(sourceLabels !== undefined && { source_labels: sourceLabels }),
    ...(targetLabel !== undefined && { target_label: targetLabel }),
  };
}

/** A panel of the Grafana dashboard: what it shows, and by which queries. */
interface Panel {
  readonly title: string;
  readonly kind: 'stat' | 'timeseries';
  /** Grafana's name of the unit. */
  readonly unit: string;
  /** By legend; `{{label}}` stands for a label's value. `$of` stands for the chosen ChatClusters. */
  readonly queries: Readonly<Record<string, string>>;
  readonly description?: string;
}

/** Rows from above to below, each with the panels that share its width. */
const ROWS: Readonly<Record<string, readonly Panel[]>> = {
  'How many, and why': [
    { title: 'Connections', kind: 'stat', unit: 'short', queries: { connections: 'sum(chatcluster_connections{$of})' } },
    {
      title: 'Utilization',
      kind: 'stat',
      unit: 'percentunit',
      queries: { used: 'sum(chatcluster_connections{$of}) / (sum(chatcluster_capacity_connections{$of}) > 0)' },
    },
    { title: 'Gateways wanted', kind: 'stat', unit: 'short', queries: { wanted: 'sum(chatcluster_desired_gateways{$of})' } },
    { title: 'Gateways ready', kind: 'stat', unit: 'short', queries: { ready: 'sum(chatcluster_gateways{$of, state="ready"})' } },
    {
      title: 'Operators that act',
      kind: 'stat',
      unit: 'short',
      queries: { operators: 'sum(chatcluster_lease_held)' },
      description: 'Of all operators that Prometheus scrapes: one for each release of the chart.',
    },
  ],
  Fleet: [
    {
      title: 'Connections and capacity',
      kind: 'timeseries',
      unit: 'short',
      queries: {
        'connections {{namespace}}/{{chatcluster}}': 'chatcluster_connections{$of}',
        'capacity {{namespace}}/{{chatcluster}}': 'chatcluster_capacity_connections{$of}',
      },
    },
    {
      title: 'Gateways by state',
      kind: 'timeseries',
      unit: 'short',
      queries: {
        '{{state}}': 'sum by (state) (chatcluster_gateways{$of})',
        wanted: 'sum(chatcluster_desired_gateways{$of})',
        'needed by the load': 'sum(chatcluster_needed_gateways{$of})',
        least: 'sum(chatcluster_min_gateways{$of})',
      },
    },
    {
      title: 'ChatClusters of which a condition is true',
      kind: 'timeseries',
      unit: 'short',
      queries: { '{{type}}': 'sum by (type) (chatcluster_condition{$of, status="True"})' },
      description: 'ScalingLimited: a limit, a policy or a pause keeps the size from what the load needs. The status says which.',
    },
  ],
  Moves: [
    {
      title: 'Connections moved a second',
      kind: 'timeseries',
      unit: 'cps',
      queries: { '{{namespace}}/{{chatcluster}}': 'chatcluster_moved_connections_per_second{$of}' },
      description: 'By scale-down, rollout, rebalance and node drain together; never above spec.drain.maxConnectionsPerSecond.',
    },
    {
      title: 'Still to be moved',
      kind: 'timeseries',
      unit: 'short',
      queries: { '{{namespace}}/{{chatcluster}}': 'chatcluster_draining_connections{$of}' },
    },
    {
      title: 'Closed because their time to move was over',
      kind: 'timeseries',
      unit: 'short',
      queries: { '{{pod}}': 'sum by (pod) (increase(chatcluster_gateway_forced_total{$of}[$__rate_interval]))' },
    },
  ],
  Messages: [
    {
      title: 'Published and delivered a second',
      kind: 'timeseries',
      unit: 'mps',
      queries: {
        published: 'sum(rate(chatcluster_gateway_published_total{$of}[$__rate_interval]))',
        delivered: 'sum(rate(chatcluster_gateway_delivered_total{$of}[$__rate_interval]))',
      },
    },
    {
      title: 'Latency, 99th percentile',
      kind: 'timeseries',
      unit: 's',
      queries: {
        'publish {{pod}}': 'max by (pod) (chatcluster_gateway_publish_latency_p99_seconds{$of})',
        'deliver {{pod}}': 'max by (pod) (chatcluster_gateway_delivery_latency_p99_seconds{$of})',
      },
    },
    {
      title: 'What clients were told',
      kind: 'timeseries',
      unit: 'short',
      queries: {
        gaps: 'sum(increase(chatcluster_gateway_gaps_total{$of}[$__rate_interval]))',
        'lost tails': 'sum(increase(chatcluster_gateway_forks_total{$of}[$__rate_interval]))',
        'too slow': 'sum(increase(chatcluster_gateway_slow_consumers_total{$of}[$__rate_interval]))',
        refused: 'sum(increase(chatcluster_gateway_refused_total{$of}[$__rate_interval]))',
      },
    },
  ],
  Gateways: [
    {
      title: 'Connections',
      kind: 'timeseries',
      unit: 'short',
      queries: { '{{pod}}': 'sum by (pod) (chatcluster_gateway_connections{$of})' },
    },
    {
      title: 'Delay of the event loop, 99th percentile',
      kind: 'timeseries',
      unit: 's',
      queries: { '{{pod}}': 'max by (pod) (chatcluster_gateway_event_loop_delay_p99_seconds{$of})' },
    },
    {
      title: 'CPU',
      kind: 'timeseries',
      unit: 'percentunit',
      queries: { '{{pod}}': 'sum by (pod) (rate(chatcluster_gateway_cpu_seconds_total{$of}[$__rate_interval]))' },
    },
    {
      title: 'Memory',
      kind: 'timeseries',
      unit: 'bytes',
      queries: { '{{pod}}': 'sum by (pod) (chatcluster_gateway_resident_memory_bytes{$of})' },
    },
  ],
  'Broker and operator': [
    {
      title: 'Gateways without their broker',
      kind: 'timeseries',
      unit: 'short',
      queries: { '{{namespace}}/{{chatcluster}}': 'sum by (namespace, chatcluster) (chatcluster_gateway_broker_degraded{$of})' },
    },
    {
      title: 'Failed calls to the broker',
      kind: 'timeseries',
      unit: 'short',
      queries: { '{{kind}}': 'sum by (kind) (increase(chatcluster_gateway_broker_failures_total{$of}[$__rate_interval]))' },
    },
    {
      title: 'Actions on gateways',
      kind: 'timeseries',
      unit: 'short',
      queries: { '{{kind}} {{outcome}}': 'sum by (kind, outcome) (increase(chatcluster_actions_total{$of}[$__rate_interval]))' },
    },
    {
      title: 'Requests to the API server',
      kind: 'timeseries',
      unit: 'reqps',
      queries: {
        '{{verb}} {{resource}} {{code}}': 'sum by (verb, resource, code) (rate(chatcluster_api_requests_total[$__rate_interval]))',
      },
    },
  ],
};

const OF = 'namespace=~"$namespace", chatcluster=~"$chatcluster"';
const SOURCE = { type: 'prometheus', uid: '$datasource' };
const WIDTH = 24;
const HEIGHTS = { stat: 4, timeseries: 8 } as const;

/** The dashboard as Grafana reads it: the text of `charts/chatcluster/files/dashboard.json`. */
export function dashboardText(): string {
  // A list of one stands in one line, as our formatter has it.
  return `${JSON.stringify(dashboard(), null, 2).replace(/\[\s+("[^"]*")\s+\]/g, '[$1]')}\n`;
}

function dashboard(): unknown {
  return {
    uid: 'chatcluster',
    title: 'ChatCluster',
    tags: ['chatcluster'],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' },
        variable('namespace', 'Namespace', 'label_values(chatcluster_connections, namespace)'),
        variable('chatcluster', 'ChatCluster', 'label_values(chatcluster_connections{namespace=~"$namespace"}, chatcluster)'),
      ],
    },
    panels: panels(),
  };
}

function variable(name: string, label: string, query: string): unknown {
  return {
    name,
    label,
    type: 'query',
    datasource: SOURCE,
    query: { query, refId: name },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
  };
}

function panels(): unknown[] {
  const all: unknown[] = [];
  let y = 0;
  for (const [title, row] of Object.entries(ROWS)) {
    all.push({ id: all.length + 1, type: 'row', title, collapsed: false, gridPos: { x: 0, y, w: WIDTH, h: 1 }, panels: [] });
    y += 1;
    const height = Math.max(...row.map(({ kind }) => HEIGHTS[kind]));
    row.forEach((panel, index) => {
      const x = Math.floor((index * WIDTH) / row.length);
      const w = Math.floor(((index + 1) * WIDTH) / row.length) - x;
      all.push({ id: all.length + 1, ...grafanaPanel(panel), gridPos: { x, y, w, h: height } });
    });
    y += height;
  }
  return all;
}

function grafanaPanel({ title, kind, unit, queries, description }: Panel): object {
  return {
    type: kind,
    title,
    ...(description !== undefined && { description }),
    datasource: SOURCE,
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options: kind === 'stat' ? { reduceOptions: { calcs: ['lastNotNull'] } } : { legend: { displayMode: 'list', placement: 'bottom' } },
    targets: Object.entries(queries).map(([legendFormat, query], index) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + index),
      datasource: SOURCE,
      expr: query.replaceAll('$of', OF),
      legendFormat,
    })),
  };
}

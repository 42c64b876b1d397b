import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { newBrokerTelemetry } from '../../gateway/broker/telemetry.ts';
import { newCounters } from '../../gateway/counters.ts';
import { createMetrics } from '../../gateway/metrics.ts';
import { OperatorMetrics } from '../../operator/metrics/metrics.ts';
import { statusWith } from '../fakes/gateway-status.ts';
import { promtool } from '../servers/prometheus/install.ts';
import { makeFolder } from '../servers/redis/leftovers.ts';
import { CHART, render } from './helm.ts';

const run = promisify(execFile);

const RULES = join(CHART, 'files/rules.yaml');

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[];
}

const rules = (parse(readFileSync(RULES, 'utf8')) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(readFileSync(join(CHART, 'files/dashboard.json'), 'utf8')) as Dashboard;
const queries = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));

let exposed: ReadonlyMap<string, string>;
let tool: string;

beforeAll(async () => {
  tool = await promtool();
  const gateway = await createMetrics({
    status: () => statusWith({}),
    counters: newCounters(),
    channels: () => 0,
    publishLatency: { takeP99: () => null },
    telemetry: newBrokerTelemetry(),
  })();
  const operator = await new OperatorMetrics(() => ({ leaseHeld: true, staleMs: {} })).read();
  const types = [...`${gateway.text}\n${operator.text}`.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  exposed = new Map(types.map(([, name = '', type = '']) => [name, type]));
}, 300_000);

describe('every metric that is asked for is there', () => {
  it.each(rules)('by the alert $alert', ({ expr }) => check(expr));
  it.each(queries)('by the panel "$title": $expr', ({ expr }) => check(expr));

  function check(expr: string): void {
    const names = expr.match(/chatcluster_\w+/g) ?? [];
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      expect(exposed.get(name), name).toBeDefined();
      // A counter is asked how it grows, a gauge what it is.
      const grows = new RegExp(`(rate|increase)\\(${name}\\b`).test(expr);
      expect(grows, name).toBe(exposed.get(name) === 'counter');
    }
  }
});

describe('alerts', () => {
  it('are rules as Prometheus wants them', async () => {
    const { stdout } = await run(tool, ['check', 'rules', RULES]);
    expect(stdout).toContain(`SUCCESS: ${rules.length} rules found`);
  });

  it('stand in the PrometheusRule as they are', async () => {
    const objects = await render({ metrics: { rules: { enabled: true } } });
    const rule = objects.find(({ kind }) => kind === 'PrometheusRule');
    expect(rule?.spec).toEqual(parse(readFileSync(RULES, 'utf8')));
  });

  it('say what it is about and what to do', () => {
    for (const { annotations } of rules) {
      expect(annotations.summary).toMatch(/\.$/);
      expect(annotations.description?.length).toBeGreaterThan(20);
    }
  });

  it('fire when they should, and only then', async () => {
    const file = join(makeFolder('rules'), 'tests.json');
    writeFileSync(file, JSON.stringify({ rule_files: [RULES], evaluation_interval: '15s', tests: CASES.map(promtoolTest) }));
    await run(tool, ['test', 'rules', file]).catch((error: { stdout?: string; stderr?: string }) => {
      throw new Error(`${error.stdout}${error.stderr}`);
    });
    expect(new Set(CASES.flatMap(({ fires }) => fires ?? []))).toEqual(new Set(rules.map(({ alert }) => alert)));
  }, 60_000);
});

describe('the dashboard', () => {
  it.each(queries)('asks what Prometheus understands: $expr', async ({ expr }) => {
    const plain = expr.replaceAll('$__rate_interval', '1m');
    const file = join(makeFolder('query'), 'rule.json');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'x', rules: [{ record: 'x', expr: plain }] }] }));
    expect((await run(tool, ['check', 'rules', file])).stdout).toContain('SUCCESS');
  });

  it('stands in the ConfigMap as it is', async () => {
    const objects = await render({ metrics: { dashboard: { enabled: true } } });
    const map = objects.find(({ metadata }) => metadata.name.endsWith('-dashboard'));
    const { data } = map as unknown as { readonly data: Readonly<Record<string, string>> };
    expect(JSON.parse(data['chatcluster.json'] ?? '')).toEqual(dashboard);
  });
});

const OF = 'namespace="a",chatcluster="chat"';
const condition = (type: string, status: string, value: string) => ({
  series: `chatcluster_condition{${OF},type="${type}",status="${status}"}`,
  values: value,
});
const gateway = (metric: string, values: string, pod = 'chat-1') => ({
  series: `chatcluster_gateway_${metric}{${OF},pod="${pod}"}`,
  values,
});
const LEADER = { series: 'chatcluster_lease_held{job="operator",pod="o-1"}', values: '1x80' };

/** Series of one value every 15 s, and which alerts fire after 20 minutes. */
const CASES: readonly { readonly what: string; readonly series: readonly Series[]; readonly fires?: readonly string[] }[] = [
  {
    what: 'all is well',
    series: [
      LEADER,
      { series: 'chatcluster_lease_held{job="operator",pod="o-2"}', values: '0x80' },
      condition('Available', 'True', '1x80'),
      condition('Degraded', 'True', '0x80'),
      condition('ScalingActive', 'False', '0x80'),
      { series: `chatcluster_connections{${OF}}`, values: '800x80' },
      { series: `chatcluster_capacity_connections{${OF}}`, values: '1000x80' },
      { series: `chatcluster_actions_total{${OF},kind="create",outcome="done"}`, values: '0+1x80' },
      { series: `chatcluster_actions_total{${OF},kind="create",outcome="failed"}`, values: '3x80' },
      gateway('refused_total', '5x80'),
      gateway('forced_total', '0x80'),
      gateway('gaps_total', '7x80'),
      gateway('forks_total', '1x80'),
      gateway('broker_degraded', '0x80'),
      gateway('event_loop_delay_p99_seconds', '0.02x80'),
      gateway('delivery_latency_p99_seconds', '0.01x80'),
    ],
  },
  { what: 'nobody holds the Lease', series: [{ ...LEADER, values: '0x80' }], fires: ['ChatClusterNoOperator'] },
  { what: 'no operator is there', series: [], fires: ['ChatClusterNoOperator'] },
  {
    what: 'two hold the Lease',
    series: [LEADER, { series: 'chatcluster_lease_held{job="operator",pod="o-2"}', values: '1x80' }],
    fires: ['ChatClusterSeveralOperators'],
  },
  {
    what: 'two releases have one operator each',
    series: [LEADER, { series: 'chatcluster_lease_held{job="other",pod="o-9"}', values: '1x80' }],
  },
  {
    what: 'an informer hears nothing',
    series: [LEADER, { series: 'chatcluster_informer_stale_seconds{namespace="s",pod="o-1",resource="pods"}', values: '0+15x80' }],
    fires: ['ChatClusterOperatorDeaf'],
  },
  {
    what: 'Pods are refused',
    series: [LEADER, { series: `chatcluster_actions_total{${OF},kind="create",outcome="failed"}`, values: '0+1x80' }],
    fires: ['ChatClusterActionsFail'],
  },
  { what: 'no gateway takes any', series: [LEADER, condition('Available', 'True', '0x80')], fires: ['ChatClusterUnavailable'] },
  { what: 'it is degraded', series: [LEADER, condition('Degraded', 'True', '1x80')], fires: ['ChatClusterDegraded'] },
  { what: 'counts are missing', series: [LEADER, condition('ScalingActive', 'False', '1x80')], fires: ['ChatClusterScalingStands'] },
  {
    what: 'it is full',
    series: [
      LEADER,
      { series: `chatcluster_connections{${OF}}`, values: '990x80' },
      { series: `chatcluster_capacity_connections{${OF}}`, values: '1000x80' },
    ],
    fires: ['ChatClusterNearlyFull'],
  },
  { what: 'clients are refused', series: [LEADER, gateway('refused_total', '0+3x80')], fires: ['ChatClusterRefusesConnections'] },
  { what: 'connections were closed', series: [LEADER, gateway('forced_total', '0x60 9x20')], fires: ['ChatClusterConnectionsForced'] },
  { what: 'clients miss messages', series: [LEADER, gateway('gaps_total', '0+1x80')], fires: ['ChatClusterMessagesMissed'] },
  { what: 'the broker lost a tail', series: [LEADER, gateway('forks_total', '0x60 1x20')], fires: ['ChatClusterHistoryLost'] },
  {
    what: 'no gateway reaches the broker',
    series: [LEADER, gateway('broker_degraded', '1x80'), gateway('broker_degraded', '1x80', 'chat-2')],
    fires: ['ChatClusterBrokerAway'],
  },
  {
    what: 'one gateway does not reach the broker',
    series: [LEADER, gateway('broker_degraded', '1x80'), gateway('broker_degraded', '0x80', 'chat-2')],
    fires: ['ChatClusterGatewayCutOff'],
  },
  { what: 'a gateway is busy', series: [LEADER, gateway('event_loop_delay_p99_seconds', '0.5x80')], fires: ['ChatClusterGatewayBusy'] },
  { what: 'messages are late', series: [LEADER, gateway('delivery_latency_p99_seconds', '2x80')], fires: ['ChatClusterDeliverySlow'] },
];

interface Series {
  readonly series: string;
  readonly values: string;
}

/** Asks for each alert whether it fires: promtool compares those of one name, and no others. */
function promtoolTest({ what, series, fires = [] }: (typeof CASES)[number]): object {
  return {
    name: what,
    interval: '15s',
    input_series: series,
    promql_expr_test: [
      {
        expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
        eval_time: '20m',
        exp_samples: fires.map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 })),
      },
    ],
  };
}

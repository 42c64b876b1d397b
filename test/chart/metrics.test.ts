import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { newBrokerTelemetry } from '../../gateway/broker/telemetry.ts';
import { newCounters } from '../../gateway/counters.ts';
import { createMetrics } from '../../gateway/metrics.ts';
import { OperatorMetrics } from '../../operator/metrics/metrics.ts';
import { statusWith } from '../fakes/gateway-status.ts';
import { makeFolder } from '../servers/leftovers.ts';
import { promtool } from '../servers/prometheus/install.ts';
import { dashboard, queries, RULES_FILE, ruleFile, rules } from './asked.ts';
import { render } from './helm.ts';

const run = promisify(execFile);

let exposed: ReadonlyMap<string, string>;
let tool: string;

beforeAll(async () => {
  tool = await promtool();
  const gateway = await createMetrics({
    status: () => statusWith({}),
    counters: newCounters(),
    channels: () => 0,
    heldPolls: () => 0,
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
    const { stdout } = await run(tool, ['check', 'rules', RULES_FILE]);
    expect(stdout).toContain(`SUCCESS: ${rules.length} rules found`);
  });

  it('stand in the PrometheusRule as they are', async () => {
    const objects = await render({ metrics: { rules: { enabled: true } } });
    const rule = objects.find(({ kind }) => kind === 'PrometheusRule');
    expect(rule?.spec).toEqual(ruleFile);
  });

  it('say what it is about and what to do', () => {
    for (const { annotations } of rules) {
      expect(annotations.summary).toMatch(/\.$/);
      expect(annotations.description?.length).toBeGreaterThan(20);
    }
  });

  it('fire when they should, and only then', async () => {
    const file = join(makeFolder('rules'), 'tests.json');
    writeFileSync(file, JSON.stringify({ rule_files: [RULES_FILE], evaluation_interval: '15s', tests: CASES.map(promtoolTest) }));
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

  it('has panels with a title, a unit and an id of their own, none on top of another', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { title, type, fieldConfig, targets = [] } of panels) {
      expect(title).toMatch(/^[A-Z]/);
      if (type === 'row') continue;
      expect(fieldConfig?.defaults.unit, title).toMatch(/^(short|percentunit|bytes|s|cps|mps|reqps)$/);
      expect(targets.length, title).toBeGreaterThan(0);
      expect(new Set(targets.map(({ refId }) => refId)).size, title).toBe(targets.length);
    }
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });

  it('uses the variables that it has, all of them, and those of Grafana', () => {
    const used = new Set([...JSON.stringify(dashboard).matchAll(/\$\{?(\w+)/g)].map(([, name]) => name));
    expect(used).toEqual(new Set([...dashboard.templating.list.map(({ name }) => name), '__rate_interval']));
  });

  it('stands in the ConfigMap as it is', async () => {
    const objects = await render({ metrics: { dashboard: { enabled: true } } });
    const map = objects.find(({ metadata }) => metadata.name.endsWith('-dashboard'));
    const { data } = map as unknown as { readonly data: Readonly<Record<string, string>> };
    expect(JSON.parse(data['chatcluster.json'] ?? '')).toEqual(dashboard);
  });
});

const OF = 'namespace="a",chatcluster="chat"';
const condition = (type: string, status: string, value: string): Series => ({
  series: `chatcluster_condition{${OF},type="${type}",status="${status}"}`,
  values: value,
});
const gateway = (metric: string, values: string, pod = 'chat-1'): Series => ({
  series: `chatcluster_gateway_${metric}{${OF},pod="${pod}"}`,
  values,
});
const LEADER: Series = { series: 'chatcluster_lease_held{job="operator",pod="o-1"}', values: '1x80', later: 1 };

/** Series of one value every 15 s, and which alerts fire after 20 minutes; where each series goes on with a value `later`, none is left after 40. */
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
  { what: 'nobody holds the Lease', series: [{ ...LEADER, values: '0x80', later: 1 }], fires: ['ChatClusterNoOperator'] },
  { what: 'no operator is there', series: [], fires: ['ChatClusterNoOperator'] },
  {
    what: 'two hold the Lease',
    series: [LEADER, { series: 'chatcluster_lease_held{job="operator",pod="o-2"}', values: '1x80', later: 0 }],
    fires: ['ChatClusterSeveralOperators'],
  },
  {
    what: 'two releases have one operator each',
    series: [LEADER, { series: 'chatcluster_lease_held{job="other",pod="o-9"}', values: '1x80' }],
  },
  {
    what: 'two releases of one name have one operator each',
    series: [
      { series: 'chatcluster_lease_held{namespace="a",job="operator",pod="o-1"}', values: '1x80' },
      { series: 'chatcluster_lease_held{namespace="b",job="operator",pod="o-1"}', values: '1x80' },
    ],
  },
  {
    what: 'an informer hears nothing',
    series: [LEADER, { series: 'chatcluster_informer_stale_seconds{namespace="s",pod="o-1",resource="pods"}', values: '0+15x80' }],
    fires: ['ChatClusterOperatorDeaf'],
  },
  {
    what: 'Pods are refused',
    series: [LEADER, { series: `chatcluster_actions_total{${OF},kind="create",outcome="failed"}`, values: '0+1x80', later: 80 }],
    fires: ['ChatClusterActionsFail'],
  },
  {
    what: 'no gateway takes any',
    series: [
      LEADER,
      { ...condition('Available', 'True', '0x80'), later: 1 },
      // It is not infinitely full.
      { series: `chatcluster_connections{${OF}}`, values: '10x80', later: 10 },
      { series: `chatcluster_capacity_connections{${OF}}`, values: '0x80', later: 100 },
    ],
    fires: ['ChatClusterUnavailable'],
  },
  { what: 'it is degraded', series: [LEADER, condition('Degraded', 'True', '1x80')], fires: ['ChatClusterDegraded'] },
  { what: 'counts are missing', series: [LEADER, condition('ScalingActive', 'False', '1x80')], fires: ['ChatClusterScalingStands'] },
  {
    what: 'it is full',
    series: [
      LEADER,
      { series: `chatcluster_connections{${OF}}`, values: '990x80', later: 990 },
      { series: `chatcluster_capacity_connections{${OF}}`, values: '1000x80', later: 1500 },
    ],
    fires: ['ChatClusterNearlyFull'],
  },
  {
    what: 'clients are refused',
    series: [LEADER, { ...gateway('refused_total', '0+3x80'), later: 240 }],
    fires: ['ChatClusterRefusesConnections'],
  },
  {
    what: 'connections were closed',
    series: [LEADER, { ...gateway('forced_total', '0x60 9x20'), later: 9 }],
    fires: ['ChatClusterConnectionsForced'],
  },
  { what: 'clients miss messages', series: [LEADER, gateway('gaps_total', '0+1x80')], fires: ['ChatClusterMessagesMissed'] },
  { what: 'the broker lost a tail', series: [LEADER, gateway('forks_total', '0x60 1x20')], fires: ['ChatClusterHistoryLost'] },
  {
    what: 'no gateway reaches the broker',
    series: [LEADER, { ...gateway('broker_degraded', '1x80'), later: 0 }, { ...gateway('broker_degraded', '1x80', 'chat-2'), later: 0 }],
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
  /** The value from then on. */
  readonly later?: number;
}

/** Asks for each alert whether it fires: promtool compares those of one name, and no others. */
function promtoolTest({ what, series, fires = [] }: (typeof CASES)[number]): object {
  const asked = (eval_time: string, alerts: readonly string[]) => ({
    expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
    eval_time,
    exp_samples: alerts.map((alertname) => ({ labels: `{alertname="${alertname}"}`, value: 1 })),
  });
  const goesOn = series.length > 0 && series.every(({ later }) => later !== undefined);
  return {
    name: what,
    interval: '15s',
    input_series: series.map(({ series: name, values, later }) => ({
      series: name,
      values: later === undefined ? values : `${values} ${later}x80`,
    })),
    promql_expr_test: [asked('20m', fires), ...(goesOn ? [asked('40m', [])] : [])],
  };
}

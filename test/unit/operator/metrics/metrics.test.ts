import { describe, expect, it } from 'vitest';
import { OperatorMetrics } from '../../../../operator/metrics/metrics.ts';
import type { ClusterStatus } from '../../../../operator/status/status.ts';

const CHAT = { namespace: 'default', name: 'chat' };
const status = (changes: Partial<ClusterStatus> = {}): ClusterStatus => ({
  name: 'chat',
  at: 0,
  desired: 3,
  needed: 5,
  limits: { min: 2, max: 10 },
  connections: 120,
  capacity: 300,
  movedPerSecond: 4,
  deliveryLatencyMs: null,
  gateways: [],
  drains: [],
  decisions: [{ at: 5, kind: 'scale', gateway: null, summary: '', reasons: [] }],
  conditions: [{ type: 'Available', status: 'False', reason: 'Full', message: '' }],
  ...changes,
});
const read = async (metrics: OperatorMetrics) => (await metrics.read()).text.split('\n').filter((line) => line.startsWith('chatcluster_'));

describe("the operator's metrics", () => {
  it('tell of each ChatCluster, and of the process', async () => {
    const metrics = new OperatorMetrics(() => ({ leaseHeld: true, staleMs: { pods: 1_500 } }));
    metrics.round(CHAT, status(), 20);
    metrics.round(CHAT, status(), 20);
    metrics.acted(CHAT, 'create', 'failed');
    metrics.wroteStatus(CHAT, 'state');
    metrics.requested('get', 'pods', 404);
    const labels = 'namespace="default",chatcluster="chat"';
    const lines = await read(metrics);
    for (const line of [
      'chatcluster_lease_held 1',
      'chatcluster_informer_stale_seconds{resource="pods"} 1.5',
      `chatcluster_desired_gateways{${labels}} 3`,
      `chatcluster_needed_gateways{${labels}} 5`,
      `chatcluster_min_gateways{${labels}} 2`,
      `chatcluster_max_gateways{${labels}} 10`,
      `chatcluster_capacity_connections{${labels}} 300`,
      `chatcluster_moved_connections_per_second{${labels}} 4`,
      `chatcluster_condition{${labels},type="Available",status="False"} 1`,
      `chatcluster_condition{${labels},type="Available",status="True"} 0`,
      // The same decision in two rounds is one.
      `chatcluster_decisions_total{${labels},kind="scale"} 1`,
      `chatcluster_actions_total{${labels},kind="create",outcome="failed"} 1`,
      `chatcluster_status_writes_total{${labels},reason="state"} 1`,
      `chatcluster_reconcile_duration_seconds_count{${labels}} 2`,
      'chatcluster_api_requests_total{verb="get",resource="pods",code="404"} 1',
    ]) {
      expect(lines).toContain(line);
    }
    expect(lines.filter((line) => line.startsWith('chatcluster_delivery_latency_seconds'))).toEqual([]);
  });

  it('count from 0 on, so that the first of a kind is an increase', async () => {
    const metrics = new OperatorMetrics(() => ({ leaseHeld: true, staleMs: {} }));
    metrics.round(CHAT, status(), 20);
    const failed = (await read(metrics)).filter((line) => line.includes('outcome="failed"'));
    expect(failed).toHaveLength(6);
    expect(failed.every((line) => line.endsWith(' 0'))).toBe(true);
    metrics.acted(CHAT, 'create', 'failed');
    metrics.round(CHAT, status(), 20);
    expect((await read(metrics)).filter((line) => line.includes('kind="create",outcome="failed"'))).toEqual([
      'chatcluster_actions_total{namespace="default",chatcluster="chat",kind="create",outcome="failed"} 1',
    ]);
  });

  it('forget a ChatCluster that is gone, and only that one', async () => {
    const metrics = new OperatorMetrics(() => ({ leaseHeld: false, staleMs: {} }));
    for (const key of [CHAT, { ...CHAT, name: 'other' }]) {
      metrics.round(key, status({ deliveryLatencyMs: 3 }), 20);
      metrics.acted(key, 'drain', 'done');
      metrics.wroteStatus(key, 'figures');
    }
    metrics.forget(CHAT);
    const lines = await read(metrics);
    expect(lines.filter((line) => line.includes('chatcluster="chat"'))).toEqual([]);
    expect(lines.filter((line) => line.includes('chatcluster="other"')).length).toBeGreaterThan(20);
  });

  it('tell that one is degraded as long as what it needs can not be had, whatever its rounds say', async () => {
    const metrics = new OperatorMetrics(() => ({ leaseHeld: true, staleMs: {} }));
    const well = status({ conditions: [{ type: 'Degraded', status: 'False', reason: 'AsExpected', message: '' }] });
    const degraded = async () => (await read(metrics)).find((line) => line.includes('type="Degraded",status="True"'))?.slice(-1);
    metrics.problem(CHAT, true);
    expect(await degraded()).toBe('1');
    metrics.round(CHAT, well, 20);
    expect(await degraded()).toBe('1');
    metrics.problem(CHAT, false);
    expect(await degraded()).toBe('0');
    metrics.round(CHAT, status({ conditions: [{ type: 'Degraded', status: 'True', reason: 'X', message: '' }] }), 20);
    // No problem there any more: the rounds' word counts.
    metrics.problem(CHAT, false);
    expect(await degraded()).toBe('1');
  });
});

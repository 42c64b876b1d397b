import { describe, expect, it } from 'vitest';
import { countFailure, newBrokerTelemetry } from '../../../gateway/broker/telemetry.ts';
import { newCounters } from '../../../gateway/counters.ts';
import { Latency } from '../../../gateway/latency.ts';
import { createMetrics } from '../../../gateway/metrics.ts';
import type { GatewayStatus } from '../../../protocol/admin.ts';
import { statusWith } from '../../fakes/gateway-status.ts';

const sources = {
  counters: newCounters(),
  channels: () => 0,
  heldPolls: () => 0,
  publishLatency: new Latency(),
  telemetry: newBrokerTelemetry(),
};

describe('metrics', () => {
  it('show what is counted elsewhere, each time anew', async () => {
    const counters = newCounters();
    let status = statusWith({ connections: 3, eventLoopDelayMs: 12, deliveryLatencyMs: 5, acceptedTotal: 9 });
    const metrics = createMetrics({ ...sources, status: () => status, counters, channels: () => 2, heldPolls: () => 3 });
    counters.delivered = 10;
    expect(await valuesOf(metrics)).toMatchObject({
      chatcluster_gateway_connections: '3',
      chatcluster_gateway_channels: '2',
      chatcluster_gateway_held_polls: '3',
      chatcluster_gateway_cordoned: '0',
      chatcluster_gateway_event_loop_delay_p99_seconds: '0.012',
      chatcluster_gateway_delivery_latency_p99_seconds: '0.005',
      chatcluster_gateway_accepted_total: '9',
      chatcluster_gateway_delivered_total: '10',
    });
    counters.delivered = 25;
    status = statusWith({ connections: 1, state: 'draining' });
    const later = await valuesOf(metrics);
    expect(later).toMatchObject({
      chatcluster_gateway_connections: '1',
      chatcluster_gateway_cordoned: '1',
      chatcluster_gateway_draining: '1',
      chatcluster_gateway_delivered_total: '25',
    });
    // No messages: that is not a latency of 0.
    expect(later).not.toHaveProperty('chatcluster_gateway_delivery_latency_p99_seconds');
    expect(Number(later.chatcluster_gateway_resident_memory_bytes)).toBeGreaterThan(1e6);
  });

  it('tell of the broker: how long a publish takes, what waits, what failed and why, and that it is away', async () => {
    const [publishLatency, telemetry] = [new Latency(), newBrokerTelemetry()];
    let broker: GatewayStatus['broker'] = 'ok';
    const metrics = createMetrics({ ...sources, status: () => statusWith({ broker }), publishLatency, telemetry });
    const before = await valuesOf(metrics);
    expect(before).toMatchObject({ chatcluster_gateway_broker_degraded: '0', chatcluster_gateway_scripts_total: '0' });
    // The first of a kind is an increase only of what was 0 before.
    expect(before).toHaveProperty(['chatcluster_gateway_broker_failures_total{kind="timeout"}'], '0');
    expect(before).not.toHaveProperty('chatcluster_gateway_publish_latency_p99_seconds');
    expect(before).not.toHaveProperty('chatcluster_gateway_broker_live_lag_seconds');
    broker = 'degraded';
    publishLatency.record(1);
    Object.assign(telemetry, { scripts: 7, reconnects: 2, waiting: 3, liveLagMs: 250 });
    for (const kind of ['connection', 'connection', 'out-of-memory'] as const) countFailure(telemetry, kind);
    expect(await valuesOf(metrics)).toMatchObject({
      chatcluster_gateway_broker_degraded: '1',
      chatcluster_gateway_publish_latency_p99_seconds: '0.001',
      chatcluster_gateway_scripts_total: '7',
      chatcluster_gateway_broker_reconnects_total: '2',
      chatcluster_gateway_broker_waiting: '3',
      chatcluster_gateway_broker_live_lag_seconds: '0.25',
      'chatcluster_gateway_broker_failures_total{kind="connection"}': '2',
      'chatcluster_gateway_broker_failures_total{kind="out-of-memory"}': '1',
    });
  });
});

async function valuesOf(metrics: ReturnType<typeof createMetrics>): Promise<Record<string, string | undefined>> {
  const { type, text } = await metrics();
  expect(type).toMatch(/^text\/plain/);
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(lines.map((line) => line.split(' ', 2)));
}

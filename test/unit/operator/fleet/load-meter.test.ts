import { describe, expect, it } from 'vitest';
import { LoadMeter } from '../../../../operator/fleet/load-meter.ts';
import type { GatewayStatus } from '../../../../protocol/admin.ts';
import { statusWith } from '../../../fakes/gateway-status.ts';

/** A meter that was told these, each with its time, ms. */
function meter(...told: readonly (readonly [at: number, status: Partial<GatewayStatus>])[]): LoadMeter {
  const made = new LoadMeter();
  for (const [at, status] of told) made.observe(statusWith(status), at);
  return made;
}

describe('what a gateway does', () => {
  it('is not known from one status', () => {
    expect(meter([0, { acceptedTotal: 5 }]).load).toBeNull();
  });

  it('is what was counted, by the time that went by', () => {
    const first = { connections: 50, acceptedTotal: 100, migratedTotal: 10, publishedTotal: 1_000, deliveredTotal: 5_000, cpuMs: 9_000 };
    const second = { connections: 58, acceptedTotal: 130, migratedTotal: 16, publishedTotal: 1_200, deliveredTotal: 9_000, cpuMs: 10_000 };
    expect(meter([500, first], [2_500, second]).load).toEqual({
      acceptsPerSecond: 15,
      latestAcceptsPerSecond: 15,
      latestLeavesPerSecond: 8,
      movesPerSecond: 3,
      messagesPerSecond: 2_100,
      eventLoopDelayMs: 0,
      cpuCores: 0.5,
    });
  });

  it('is of the last ten seconds, and no longer', () => {
    const burst = Array.from({ length: 40 }, (_, i) => [i * 1_000, { acceptedTotal: Math.min(i, 10) * 100 }] as const);
    expect(meter(...burst.slice(0, 11)).load?.acceptsPerSecond).toBe(100);
    expect(meter(...burst.slice(0, 16)).load?.acceptsPerSecond).toBe(50);
    expect(meter(...burst).load?.acceptsPerSecond).toBe(0);
  });

  it.each([
    { what: 'a second ago', times: [0, 1_000, 2_000], latest: 40 },
    { what: 'a little less ago, as looks come', times: [0, 1_000, 1_920], latest: 40 / 0.92 },
    { what: 'longer ago', times: [0, 1_000, 3_000], latest: 20 },
    { what: 'much less ago, as commands are answered', times: [0, 1_000, 1_500], latest: 50 / 1.5 },
  ])('is told of the latest alone as well: since the status of $what', ({ times, latest }) => {
    const totals = [0, 10, 50];
    const { load } = meter(...times.map((at, i) => [at, { acceptedTotal: totals[i] ?? 0 }] as const));
    expect(load?.latestAcceptsPerSecond).toBeCloseTo(latest);
  });

  it('is of the time since the last status before, when they come rarely', () => {
    expect(meter([0, {}], [30_000, { acceptedTotal: 300 }], [60_000, { acceptedTotal: 900 }]).load?.acceptsPerSecond).toBe(20);
  });

  it('does not jump when many statuses come at once, as commands are answered', () => {
    const load = meter([0, {}], [1_000, { acceptedTotal: 10 }], [1_001, { acceptedTotal: 20, eventLoopDelayMs: 40 }]).load;
    expect(load).toMatchObject({ acceptsPerSecond: 10, eventLoopDelayMs: 0 });
  });

  it('loses no delay that a status between told', () => {
    const load = meter([0, {}], [100, { eventLoopDelayMs: 40 }], [1_000, { eventLoopDelayMs: 2 }], [2_000, { eventLoopDelayMs: 10 }]).load;
    expect(load?.eventLoopDelayMs).toBe(25);
  });
});

import { describe, expect, it } from 'vitest';
import { SimulatedFleet } from '../../../../../operator/fleet/simulated/simulated-fleet.ts';
import { LeaseRecord, MemoryLease } from '../../../../../operator/lease/memory-lease.ts';
import { Operator } from '../../../../../operator/loop/operator.ts';
import { MemoryStateStore } from '../../../../../operator/loop/state-store.ts';
import { emptyScalingMemory } from '../../../../../operator/scaling/memory.ts';
import { recommend } from '../../../../../operator/scaling/recommend.ts';
import { withLimitsInForce } from '../../../../../operator/scaling/schedules/in-force.ts';
import { cluster, gateway } from '../../../../fakes/chat-cluster.ts';
import { schedule } from './cases.ts';

const MINUTE = 60_000;
const at = (text: string): number => Date.parse(text);

/** From 2 to 4 gateways, in office hours in Berlin 6 to 8; gateways of 100 connections; a scale-down waits for 5 minutes. */
const OFFICE = cluster({
  gateway: { connectionsPerGateway: 100 },
  scaling: { minReplicas: 2, maxReplicas: 4, schedules: [schedule({ minReplicas: 6, maxReplicas: 8 })] },
});

/** The control loop over a simulated fleet, from an instant on; `startupMs`: what a gateway takes until it is ready. */
function world(from: string, startupMs: number) {
  const fleet = new SimulatedFleet({ cluster: OFFICE, seed: 1, startAt: at(from), behaviour: () => ({ startupMs }) });
  const make = () =>
    new Operator({
      cluster: OFFICE,
      fleet,
      store: new MemoryStateStore(),
      lease: new MemoryLease(new LeaseRecord(), 'a', 24 * 60 * MINUTE),
      problem: (text) => expect.fail(text),
      clock: { now: () => fleet.now, sleep: async () => undefined },
    });
  const operator = make();
  /** Rounds each second until then. */
  const until = async (text: string): Promise<void> => {
    while (fleet.now < at(text)) {
      await operator.round();
      fleet.advance(1_000);
    }
    await operator.round();
  };
  const count = () => {
    const gateways = operator.status()?.gateways ?? [];
    return { ready: gateways.filter(({ state }) => state === 'ready').length, desired: operator.status()?.desired };
  };
  const limited = () => operator.status()?.conditions.find(({ type }) => type === 'ScalingLimited');
  return { fleet, until, count, limited };
}

describe('a schedule, in the control loop', () => {
  it('has its gateways ready at the hour, and its end followed by the window and drains', async () => {
    const { fleet, until, count, limited } = world('2026-11-27T07:50Z', 60_000);
    await until('2026-11-27T07:56Z');
    expect(count()).toEqual({ ready: 2, desired: 2 });
    await until('2026-11-27T07:59:59Z');
    expect(count()).toEqual({ ready: 6, desired: 6 });
    expect(limited()).toMatchObject({
      status: 'True',
      message: expect.stringContaining('minReplicas is 6 by schedule "office" from 09:00 Europe/Berlin, the load needs 0'),
    });
    await until('2026-11-27T08:00Z');
    expect(limited()?.message).toContain('minReplicas is 6 by schedule "office" until 18:00 Europe/Berlin, the load needs 0');
    fleet.setClients(60);
    await until('2026-11-27T17:04Z');
    expect(count()).toEqual({ ready: 6, desired: 6 });
    await until('2026-11-27T17:08Z');
    expect(count()).toEqual({ ready: 2, desired: 2 });
    expect(fleet.totals).toMatchObject({ closedByDelete: 0, forced: 0, refused: 0 });
  }, 60_000);

  it('has the most that it allows, above that of the spec', async () => {
    const { fleet, until, count, limited } = world('2026-11-27T09:00Z', 5_000);
    await until('2026-11-27T09:01Z');
    expect(limited()?.message).toContain('minReplicas is 6 by schedule "office" until 18:00 Europe/Berlin');
    fleet.setClients(580);
    await until('2026-11-27T09:03Z');
    expect(count()).toEqual({ ready: 8, desired: 8 });
    fleet.setClients(760);
    await until('2026-11-27T09:05Z');
    expect(count()).toEqual({ ready: 8, desired: 8 });
    expect(limited()?.message).toMatch(
      /^maxReplicas is 8 by schedule "office" until 18:00 Europe\/Berlin, the load needs 10\. Raise maxReplicas of that schedule/,
    );
  });
});

describe('the limits in force', () => {
  it('are those of the cluster itself, which is not copied, when it has no schedules', () => {
    const chat = cluster();
    expect(withLimitsInForce(chat, 0, MINUTE)).toBe(chat);
  });

  it('hold for who asks by spec.replicas too', () => {
    const scaling = { ...OFFICE.spec.scaling, mode: 'External' as const, replicas: 3 };
    const chat = withLimitsInForce({ ...OFFICE, spec: { ...OFFICE.spec, scaling } }, at('2026-11-27T10:00Z'), 0);
    const snapshot = {
      now: at('2026-11-27T10:00Z'),
      cluster: chat,
      revision: 'r1',
      gateways: [gateway()],
      drainRequests: [],
      takeBacks: [],
    };
    expect(recommend(snapshot, { ...emptyScalingMemory(), desired: 3 }).recommendation).toMatchObject({
      desired: 6,
      limitedBy: 'minReplicas',
      reasons: ['spec.replicas asks for 3', 'minReplicas is 6 by schedule "office" until 18:00 Europe/Berlin, spec.replicas asks for 3'],
    });
  });
});

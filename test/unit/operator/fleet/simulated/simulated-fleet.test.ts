import { describe, expect, it } from 'vitest';
import type { Action } from '../../../../../operator/fleet/fleet.ts';
import type { SimulatedFleetOptions } from '../../../../../operator/fleet/simulated/options.ts';
import { SimulatedFleet } from '../../../../../operator/fleet/simulated/simulated-fleet.ts';
import { cluster, type SpecChanges } from '../../../../fakes/chat-cluster.ts';

const GATEWAY = { connectionsPerGateway: 100, acceptRatePerSecond: 1_000 };

/** A fleet of ready gateways chat-1, chat-2 … */
function fleetOf(count: number, changes: SpecChanges = {}, options: Partial<SimulatedFleetOptions> = {}): SimulatedFleet {
  const fleet = new SimulatedFleet({ cluster: cluster({ ...changes, gateway: { ...GATEWAY, ...changes.gateway } }), seed: 1, ...options });
  for (let i = 1; i <= count; i++) fleet.applyNow({ kind: 'create', gateway: `chat-${i}`, reason: 'test' });
  fleet.advance(5_000);
  return fleet;
}

const held = (fleet: SimulatedFleet): number[] => fleet.gateways().map((gateway) => gateway.held);
const seconds = (fleet: SimulatedFleet, count: number): void => {
  for (let i = 0; i < count; i++) fleet.advance(1_000);
};
const on = (gateway: string) => ({
  drain: (ratePerSecond: number, timeoutMs = 60_000): Action => ({ kind: 'drain', gateway, ratePerSecond, timeoutMs, reason: 'test' }),
  shed: (count: number, ratePerSecond: number): Action => ({ kind: 'shed', gateway, count, ratePerSecond, reason: 'test' }),
  cordon: { kind: 'cordon', gateway, reason: 'test' } satisfies Action,
});

describe('modelled clients', () => {
  it('that come back, or are moved, count as resumes; some of them are told of a gap', () => {
    const behaviour = (gateway: string) => ({ startupMs: 0, gapShare: gateway === 'chat-2' ? 0.1 : 0 });
    const fleet = fleetOf(2, {}, { behaviour });
    fleet.arrive(40);
    const resumes = () => fleet.gateways().map((gateway) => gateway.resumes);
    expect(resumes()).toEqual([null, null]);
    fleet.applyNow(on('chat-1').drain(100));
    seconds(fleet, 3);
    expect(resumes()).toEqual([null, { total: 20, gaps: 2 }]);
    fleet.disconnect(15);
    seconds(fleet, 3);
    expect(resumes()).toEqual([null, { total: 35, gaps: 3 }]);
  });

  it('go to the gateway with the fewest connections', () => {
    const fleet = fleetOf(3);
    fleet.arrive(10);
    fleet.applyNow(on('chat-3').cordon);
    fleet.arrive(11);
    expect(held(fleet)).toEqual([9, 9, 3]);
  });

  it('go round in turn', () => {
    const fleet = fleetOf(3, { balancing: { algorithm: 'RoundRobin' } });
    fleet.arrive(4);
    fleet.arrive(4);
    expect(held(fleet).sort()).toEqual([2, 3, 3]);
  });

  it('stay below the bound of a hash', () => {
    const fleet = fleetOf(4, { balancing: { algorithm: 'Hash' }, rebalance: { maxSkew: 0.1 } });
    fleet.arrive(200);
    expect(Math.max(...held(fleet))).toBeLessThanOrEqual(55);
    expect(fleet.connections).toBe(200);
  });

  it('are refused by a full fleet, and try again until there is room', () => {
    const fleet = fleetOf(1);
    fleet.arrive(130);
    expect([fleet.connections, fleet.waiting, fleet.totals.refused]).toEqual([100, 30, 30]);
    fleet.applyNow({ kind: 'create', gateway: 'chat-2', reason: 'test' });
    seconds(fleet, 10);
    expect([fleet.connections, fleet.waiting]).toEqual([130, 0]);
  });

  it('are admitted no faster than the gateways accept', () => {
    const fleet = fleetOf(2, { gateway: { acceptRatePerSecond: 10 } });
    fleet.advance(1_000);
    fleet.arrive(60);
    expect(fleet.connections).toBe(20);
  });

  it('come back after a crash, spread over some time', () => {
    const fleet = fleetOf(2, { gateway: { acceptRatePerSecond: 20 } });
    for (let i = 0; i < 8; i++) {
      fleet.arrive(10);
      fleet.advance(1_000);
    }
    fleet.crash('chat-1');
    expect([fleet.connections, fleet.waiting]).toEqual([40, 40]);
    fleet.advance(1_000);
    expect(fleet.waiting).toBe(20);
    seconds(fleet, 5);
    expect([fleet.connections, fleet.waiting]).toEqual([80, 0]);
  });

  it('leave and are set to a number, with or without a connection', () => {
    const fleet = fleetOf(1);
    fleet.setClients(130);
    fleet.setClients(65);
    expect(fleet.connections + fleet.waiting).toBe(65);
    fleet.leave(1_000);
    expect(fleet.connections + fleet.waiting).toBe(0);
  });

  it('move at the rate of a drain, and stay where they are while there is no room elsewhere', () => {
    const fleet = fleetOf(2);
    fleet.arrive(150);
    fleet.applyNow(on('chat-1').drain(10));
    seconds(fleet, 3);
    expect(fleet.totals.moved).toBe(30);
    expect(held(fleet)).toEqual([55, 95]);
    seconds(fleet, 3);
    expect(held(fleet)).toEqual([50, 100]);
    expect(fleet.gateway('chat-1')?.migrating).toBeGreaterThan(0);
  });

  it('are closed when they can not move in time, and wait then', () => {
    const fleet = fleetOf(1);
    fleet.arrive(20);
    fleet.applyNow(on('chat-1').drain(20));
    seconds(fleet, 15);
    expect(fleet.totals.forced).toBe(20);
    expect([fleet.connections, fleet.waiting]).toEqual([0, 20]);
  });

  it('move no more than a shed says', () => {
    const fleet = fleetOf(2);
    fleet.applyNow(on('chat-2').cordon);
    fleet.arrive(60);
    fleet.applyNow({ kind: 'uncordon', gateway: 'chat-2', reason: 'test' });
    fleet.applyNow(on('chat-1').shed(25, 10));
    seconds(fleet, 6);
    expect(held(fleet)).toEqual([35, 25]);
    expect(fleet.gateway('chat-1')?.shed).toBeNull();
  });

  it('are the same for the same seed', () => {
    const run = () => {
      const fleet = fleetOf(4, { balancing: { algorithm: 'Hash' } });
      fleet.arrive(150);
      fleet.leave(37);
      fleet.disconnect(20);
      seconds(fleet, 3);
      return held(fleet);
    };
    expect(run()).toEqual(run());
  });
});

describe('a gateway', () => {
  it('gets ready when it behaves so, or never', () => {
    const fleet = fleetOf(2, {}, { behaviour: (gateway) => ({ startupMs: gateway === 'chat-1' ? 1_000 : null }) });
    seconds(fleet, 100);
    expect(fleet.gateways().map(({ phase }) => phase)).toEqual(['ready', 'starting']);
  });

  it('goes to the zone with the fewest', () => {
    const fleet = fleetOf(4, {}, { zones: ['a', 'b', 'c'] });
    expect(fleet.gateways().map(({ zone }) => zone)).toEqual(['a', 'b', 'c', 'a']);
  });

  it('that does not answer fails what it is told, and shows its last count', async () => {
    const fleet = fleetOf(1);
    fleet.arrive(10);
    fleet.setReachable('chat-1', false);
    fleet.leave(4);
    expect(() => fleet.applyNow(on('chat-1').drain(5))).toThrow('chat-1 does not answer');
    fleet.applyNow(on('chat-1').cordon);
    expect((await fleet.list())[0]).toMatchObject({ phase: 'unreachable', connections: 10, cordoned: true });
    fleet.setReachable('chat-1', true);
    expect((await fleet.list())[0]).toMatchObject({ phase: 'ready', connections: 6 });
  });

  it('that somebody else stops drains itself before it ends', () => {
    const fleet = fleetOf(2, { drain: { timeoutMs: 20_000 } });
    fleet.arrive(80);
    fleet.terminate('chat-1');
    expect(fleet.gateway('chat-1')?.phase).toBe('terminating');
    seconds(fleet, 20);
    expect(held(fleet)).toEqual([80]);
    expect([fleet.totals.forced, fleet.totals.closedByDelete]).toEqual([0, 0]);
  });

  it('that is killed keeps its own until its grace period is over, takes no new one, and drops what is left', () => {
    const fleet = fleetOf(2);
    fleet.arrive(40);
    fleet.kill('chat-1', 3_000);
    fleet.arrive(10);
    seconds(fleet, 2);
    expect(held(fleet)).toEqual([20, 30]);
    expect(fleet.totals.closedByDelete).toBe(0);
    seconds(fleet, 3);
    expect(held(fleet)).toEqual([50]);
    expect(fleet.totals).toMatchObject({ closedByDelete: 20, moved: 0, crashes: 0 });
  });

  it('fails an action before or after its effect, as it is told', () => {
    const fates = ['failed', 'failed-after-effect', 'done'] as const;
    let turn = 0;
    const fleet = fleetOf(0, {}, { fate: () => fates[turn++] ?? 'done' });
    const create: Action = { kind: 'create', gateway: 'chat-1', reason: 'test' };
    expect(() => fleet.applyNow(create)).toThrow('it failed');
    expect(fleet.gateways()).toHaveLength(0);
    expect(() => fleet.applyNow(create)).toThrow('after it was done');
    expect(fleet.gateways()).toHaveLength(1);
    fleet.applyNow(create);
    expect(fleet.gateways()).toHaveLength(1);
  });
});

import { describe, expect, it } from 'vitest';
import { type SimulationWords, simulationOptions } from '../../../../operator/simulate/options.ts';
import { reportJson, reportText } from '../../../../operator/simulate/report.ts';
import { runSimulation } from '../../../../operator/simulate/run.ts';
import { cluster, type SpecChanges } from '../../../fakes/chat-cluster.ts';

/** At most 20 gateways of 100 connections, decided every 5 s. */
const small: SpecChanges = {
  gateway: { connectionsPerGateway: 100, acceptRatePerSecond: 50 },
  scaling: { minReplicas: 2, maxReplicas: 20, intervalMs: 5_000 },
  drain: { maxConnectionsPerSecond: 10 },
};

const simulated = (words: SimulationWords, changes: SpecChanges = small) => runSimulation(simulationOptions(cluster(changes), words));

describe('a simulation', () => {
  it('is the same for the same seed, and another for another', async () => {
    const words = { profile: 'storm', duration: '3h', clients: '1000' };
    const first = await simulated({ ...words, seed: '1' });
    expect(await simulated({ ...words, seed: '1' })).toEqual(first);
    expect((await simulated({ ...words, seed: '2' })).figures).not.toEqual(first.figures);
  });

  it('follows a day in the office with fewer gateways at night, and nobody is refused or cut off', async () => {
    const { figures } = await simulated({ profile: 'office-hours', clients: '1200' });
    expect(figures).toMatchObject({ peakGateways: 15, refusedConnections: 0, forcedConnections: 0, crashes: 0, offline: 0 });
    expect(figures.peakConnections).toBe(1_200);
    expect(figures.gatewayHours).toBeLessThan(0.7 * figures.fixedGatewayHours);
    expect(figures.peakUtilization).toBeLessThan(1);
    expect(figures.flaps).toBe(0);
    // 10 are allowed; each of the three gateways that move any may round its share up.
    expect(figures.peakMovedPerSecond).toBeLessThanOrEqual(13);
  });

  it('tells how long a spike waits for gateways, whose start takes part of it', async () => {
    const words = { profile: 'spike', duration: '1h', clients: '1200' };
    const quick = (await simulated({ ...words, startup: '1s' })).figures;
    const slow = (await simulated({ ...words, startup: '60s' })).figures;
    expect(quick.timeToCapacityMs?.max).toBeGreaterThanOrEqual(1_000);
    expect(slow.timeToCapacityMs?.max).toBeGreaterThan(quick.timeToCapacityMs?.max ?? 0);
    expect(slow.refusedConnections).toBeGreaterThan(quick.refusedConnections);
    expect(slow.offline).toBeGreaterThan(quick.offline);
  });

  it('begins with a fleet that has found its size, and keeps it under a load that stays the same', async () => {
    const { figures } = await simulated(
      { profile: 'spike', duration: '1h', clients: '1200' },
      { ...small, scaling: { ...small.scaling, maxReplicas: 3 } },
    );
    expect(figures).toMatchObject({ peakGateways: 3, changes: 0, timeToCapacityMs: null, peakUtilization: 1 });
  });

  it('counts crashes, one an hour in a storm, and that all come back', async () => {
    // 267 clients lose their connection at once; ten gateways admit 100 a second.
    const slow = { ...small, gateway: { ...small.gateway, acceptRatePerSecond: 10 } };
    const { figures } = await simulated({ profile: 'storm', duration: '5h30m', clients: '1000' }, slow);
    expect(figures.crashes).toBe(5);
    expect(figures.offline).toBeGreaterThan(0);
    expect(figures.samples.at(-1)).toMatchObject({ clients: 800, connections: 800 });
  });

  it('calls back with how far it is', async () => {
    const shares: number[] = [];
    await runSimulation(simulationOptions(cluster(small), { duration: '1h' }), (share) => shares.push(share));
    expect(shares).toHaveLength(100);
    expect(shares.at(-1)).toBe(1);
  });
});

describe('its report', () => {
  it('has every figure for people in lines of a terminal, and for programs', async () => {
    const result = await simulated({ profile: 'diurnal', clients: '1200' });
    const text = reportText(result).split('\n');
    expect(text[0]).toBe('chat: 1,200 clients for 1 d, diurnal (a chat for one continent: a smooth day, a quarter of all at 4, all at 20)');
    expect(Math.max(...text.slice(1).map((line) => line.length))).toBeLessThanOrEqual(80);
    const json = JSON.parse(reportJson(result));
    expect(json).toMatchObject({
      cluster: 'chat',
      profile: 'diurnal',
      clients: 1_200,
      durationMs: 86_400_000,
      seed: 1,
      peakConnections: 1_200,
    });
    expect(Object.keys(json)).toEqual(expect.arrayContaining(Object.keys(result.figures)));
  });
});

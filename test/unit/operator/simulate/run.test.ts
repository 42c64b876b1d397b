import { describe, expect, it } from 'vitest';
import type { ContenderName } from '../../../../operator/simulate/contender.ts';
import type { Figures } from '../../../../operator/simulate/meter.ts';
import { type SimulationWords, simulationOptions } from '../../../../operator/simulate/options.ts';
import { reportPage } from '../../../../operator/simulate/page/page.ts';
import { reportJson, reportText } from '../../../../operator/simulate/report.ts';
import { runSimulation } from '../../../../operator/simulate/run.ts';
import { FIGURES } from '../../../../operator/simulate/table.ts';
import { parseTrace } from '../../../../operator/simulate/trace/trace.ts';
import { cluster, type SpecChanges } from '../../../fakes/chat-cluster.ts';

/** At most 20 gateways of 100 connections, decided every 5 s. */
const small: SpecChanges = {
  gateway: { connectionsPerGateway: 100, acceptRatePerSecond: 50 },
  scaling: { minReplicas: 2, maxReplicas: 20, intervalMs: 5_000 },
  drain: { maxConnectionsPerSecond: 10 },
};

const simulated = (words: SimulationWords, changes: SpecChanges = small) => runSimulation(simulationOptions(cluster(changes), words));

/** Those of ours. */
async function figuresOf(words: SimulationWords, changes: SpecChanges = small): Promise<Figures> {
  const [ours] = (await simulated(words, changes)).runs;
  if (ours === undefined) throw new Error('nothing was simulated');
  return ours.figures;
}

describe('a simulation', () => {
  it('is the same for the same seed, and another for another', async () => {
    const words = { profile: 'storm', duration: '3h', clients: '1000' };
    const hashed: SpecChanges = { ...small, balancing: { algorithm: 'Hash' } };
    const first = await figuresOf({ ...words, seed: '1' }, hashed);
    expect(await figuresOf({ ...words, seed: '1' }, hashed)).toEqual(first);
    expect(await figuresOf({ ...words, seed: '2' }, hashed)).not.toEqual(first);
  });

  it('follows a day in the office with fewer gateways at night, and nobody is refused or cut off', async () => {
    const figures = await figuresOf({ profile: 'office-hours', clients: '1200' });
    expect(figures).toMatchObject({ peakGateways: 15, refusedConnections: 0, forcedConnections: 0, crashes: 0, offline: 0 });
    expect(figures.peakConnections).toBe(1_200);
    expect(figures.gatewayHours).toBeLessThan(0.7 * figures.fixedGatewayHours);
    expect(figures.peakUtilization).toBeLessThan(1);
    expect(figures.flaps).toBe(0);
    // 10 are allowed; each of the three gateways that move any may round its share up.
    expect(figures.peakMovedPerSecond).toBeLessThanOrEqual(13);
  });

  it('goes by the clock from the day it begins: at the hour of its schedule there are gateways, on working days', async () => {
    const schedule = {
      name: 'office',
      cron: '0 9 * * MON-FRI',
      timeZone: 'Europe/Berlin',
      durationMs: 36e5,
      minReplicas: 8,
      maxReplicas: 20,
    };
    const day = (start: string) =>
      figuresOf(
        { start, profile: 'noise', duration: '12h', clients: '10' },
        { ...small, scaling: { ...small.scaling, schedules: [schedule] } },
      );
    const readyAt = ({ samples }: Figures) => samples.find(({ capacity }) => capacity >= 800)?.at;
    // In summer Berlin's nine is seven in UTC; a sample stands for the 90 s from its time on.
    expect(readyAt(await day('2026-01-05'))).toBeOneOf([8 * 36e5, 8 * 36e5 - 90_000]);
    expect(readyAt(await day('2026-07-06'))).toBeOneOf([7 * 36e5, 7 * 36e5 - 90_000]);
    expect(readyAt(await day('2026-07-05'))).toBeUndefined();
  });

  it('tells how long a spike waits for gateways, whose start takes part of it', async () => {
    const words = { profile: 'spike', duration: '1h', clients: '1200' };
    const quick = await figuresOf({ ...words, startup: '10s' });
    const slow = await figuresOf({ ...words, startup: '60s' });
    expect(quick.timeToCapacityMs?.max).toBeGreaterThanOrEqual(1_000);
    expect(slow.timeToCapacityMs?.max).toBeGreaterThan(quick.timeToCapacityMs?.max ?? 0);
    expect(slow.refusedConnections).toBeGreaterThan(quick.refusedConnections);
    expect(slow.offline).toBeGreaterThan(quick.offline);
  });

  it('begins with a fleet that has found its size, and keeps it under a load that stays the same', async () => {
    const figures = await figuresOf(
      { profile: 'spike', duration: '1h', clients: '1200' },
      { ...small, scaling: { ...small.scaling, maxReplicas: 3 } },
    );
    expect(figures).toMatchObject({ peakGateways: 3, changes: 0, timeToDecisionMs: null, peakUtilization: 1 });
  });

  it('counts crashes, one an hour in a storm, and that all come back', async () => {
    // 267 clients lose their connection at once; ten gateways admit 100 a second.
    const slow = { ...small, gateway: { ...small.gateway, acceptRatePerSecond: 10 } };
    const figures = await figuresOf({ profile: 'storm', duration: '5h30m', clients: '1000' }, slow);
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

describe('others beside ours', () => {
  const against = 'hpa,keda,knative';
  const compared = async (words: SimulationWords): Promise<Readonly<Record<ContenderName, Figures>>> => {
    const { runs } = await simulated(
      { against, clients: '1200', ...words },
      { ...small, scaling: { ...small.scaling, intervalMs: 1_000 } },
    );
    expect(runs.map(({ name }) => name)).toEqual(['chatcluster', 'hpa', 'keda', 'knative']);
    return Object.fromEntries(runs.map(({ name, figures }) => [name, figures])) as Record<ContenderName, Figures>;
  };

  it('kill what they take away, and so drop it; ours moves it', async () => {
    const { chatcluster, ...others } = await compared({ profile: 'two-zones' });
    expect(chatcluster).toMatchObject({ droppedConnections: 0, forcedConnections: 0 });
    expect(chatcluster.flaps).toBeLessThan(others.knative.flaps / 10);
    expect(chatcluster.movedConnections).toBeGreaterThan(300);
    for (const figures of Object.values(others)) {
      expect(figures.movedConnections).toBe(0);
      // All that come in a day go again: 15 gateways' worth at least.
      expect(figures.droppedConnections).toBeGreaterThan(500);
    }
  });

  it('decide about a spike when their scrapes and syncs let them see it: HPA and KEDA later than the others', async () => {
    const { chatcluster, hpa, keda, knative } = await compared({ profile: 'spike', duration: '2h' });
    const decision = ({ timeToDecisionMs }: Figures) => timeToDecisionMs?.max ?? Number.NaN;
    expect(decision(chatcluster)).toBeLessThanOrEqual(5_000);
    expect(decision(knative)).toBeLessThanOrEqual(15_000);
    for (const slow of [hpa, keda]) {
      expect(decision(slow)).toBeGreaterThan(Math.max(decision(chatcluster), decision(knative)));
      expect(decision(slow)).toBeLessThanOrEqual(60_000);
    }
    for (const slow of [hpa, keda]) expect(slow.refusedConnections).toBeGreaterThan(chatcluster.refusedConnections);
  });

  it('KEDA takes nearly all away when Prometheus loses its series; HPA, Knative and ours do not', async () => {
    const { chatcluster, hpa, keda } = await compared({ profile: 'storm', duration: '3h', clients: '1180' });
    const least = ({ samples }: Figures) => Math.min(...samples.map(({ desired }) => desired));
    expect(least(keda)).toBe(2);
    expect(least(hpa)).toBeGreaterThan(8);
    expect(least(chatcluster)).toBeGreaterThan(8);
    expect(keda.droppedConnections).toBeGreaterThan(500);
  });

  it('half an hour of noise changes ours once at most, Knative again and again', async () => {
    const { chatcluster, knative } = await compared({ profile: 'noise', duration: '30m' });
    expect(chatcluster.changes).toBeLessThanOrEqual(1);
    expect(knative.changes).toBeGreaterThan(10);
  });
});

describe('its report', () => {
  it('has every figure for people in lines of a terminal, and for programs', async () => {
    const result = await simulated({ profile: 'diurnal', clients: '1200' });
    const text = reportText(result).split('\n');
    expect(text[0]).toBe('chat: 1,200 clients for 1 d, diurnal (a chat for one continent: a smooth day, a quarter of all at 4, all at 20)');
    expect(Math.max(...text.slice(1).map((line) => line.length))).toBeLessThanOrEqual(80);
    const json = JSON.parse(reportJson(result));
    expect(text.filter((line) => /^gateway-hours +\d/.test(line))).toHaveLength(1);
    expect(json).toMatchObject({
      cluster: 'chat',
      profile: 'diurnal',
      clients: 1_200,
      durationMs: 86_400_000,
      seed: 1,
      contenders: { chatcluster: { peakConnections: 1_200 } },
    });
    expect(Object.keys(json.contenders.chatcluster)).toEqual(Object.keys(result.runs[0]?.figures ?? {}));
  });
});

describe('its page', () => {
  it('has every figure, plot and assumption of every contender, in one file', async () => {
    const result = await simulated({ profile: 'spike', duration: '20m', clients: '1200', against: 'hpa,knative' });
    const page = reportPage(result);
    expect(page.match(/<figure>/g)).toHaveLength(4 * 3);
    for (const { name } of FIGURES) expect(page).toContain(`<th scope="row">${name}</th>`);
    for (const title of ['ChatCluster', 'HPA', 'Knative']) expect(page).toContain(`<th scope="col">${title}</th>`);
    expect(page.match(/<li>A new gateway is ready after 10 s/g)).toHaveLength(1);
    expect(page).not.toMatch(/(src|href)=|url\(|@import/);
  });

  it('shows a name as it is, whatever is in it', async () => {
    const trace = parseTrace('seconds,connections\n0,5\n60,5', '<script>alert(1)</script>.csv');
    const page = reportPage(await runSimulation(simulationOptions(cluster(small), {}, trace)));
    expect(page).not.toContain('<script>alert');
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;.csv');
  });
});

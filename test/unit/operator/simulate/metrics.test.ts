import { describe, expect, it } from 'vitest';
import type { GatewayFigure, MetricSpec } from '../../../../operator/api/spec.ts';
import { assumptions } from '../../../../operator/simulate/assumptions.ts';
import type { Figures } from '../../../../operator/simulate/meter.ts';
import { simulationOptions } from '../../../../operator/simulate/options.ts';
import { runSimulation } from '../../../../operator/simulate/run.ts';
import { cluster, type SpecChanges } from '../../../fakes/chat-cluster.ts';

const figure = (figure: GatewayFigure, each: number): MetricSpec => ({
  name: figure.toLowerCase(),
  source: { kind: 'gateways', figure },
  target: { kind: 'per-gateway', value: each, full: null },
});

const query: MetricSpec = {
  name: 'queue',
  source: {
    kind: 'prometheus',
    prometheus: {
      serverAddress: 'http://prometheus',
      query: 'sum(queue)',
      intervalMs: 5_000,
      timeoutMs: 3_000,
      measures: null,
      caSecret: null,
      maxSampleAgeMs: 60_000,
      insecureSkipVerify: false,
      login: { kind: 'none' },
    },
  },
  target: { kind: 'total', value: 10 },
};

/** Half an hour with 100 clients, who need two gateways of 100 connections. */
function options(metrics: readonly MetricSpec[], messages?: string) {
  const small: SpecChanges = {
    gateway: { connectionsPerGateway: 100, acceptRatePerSecond: 50 },
    scaling: { minReplicas: 1, maxReplicas: 20, intervalMs: 5_000, metrics },
  };
  const words = { profile: 'spike', duration: '30m', clients: '100', ...(messages !== undefined && { messages }) };
  return simulationOptions(cluster(small), words);
}

async function figuresOf(metrics: readonly MetricSpec[], messages?: string): Promise<Figures> {
  const [ours] = (await runSimulation(options(metrics, messages))).runs;
  if (ours === undefined) throw new Error('nothing was simulated');
  return ours.figures;
}

describe('metrics in a simulation', () => {
  it.each<[string, MetricSpec, string | undefined, number]>([
    ['connections count', figure('Connections', 10), undefined, 10],
    ['accepts count: 80 come in a minute', figure('AcceptRate', 0.2), undefined, 7],
    ['messages count when it is said how many there are', figure('MessageRate', 5), '0.5', 10],
    ['not when nobody said it', figure('MessageRate', 5), undefined, 2],
    ['nor when there are none', figure('MessageRate', 5), '0', 2],
    ['what a connection costs is not known', figure('Cpu', 0.001), undefined, 2],
    ['nor what Prometheus would answer', query, undefined, 2],
  ])('%s', async (_name, metric, messages, want) => {
    expect((await figuresOf([metric], messages)).peakGateways).toBe(want);
  });

  it('of accepts find no people who come in those that a scale-down moves', async () => {
    const { changes, samples } = await figuresOf([figure('AcceptRate', 0.2)]);
    // Up with the rush, in two steps; then down as it is over and they leave.
    expect(changes).toBeLessThanOrEqual(7);
    expect(samples.at(-1)).toMatchObject({ desired: 1 });
  });

  it('are named in what is taken for granted, known ones and those that are left out', () => {
    const metrics = [figure('AcceptRate', 1), figure('MessageRate', 1), figure('EventLoopDelay', 50), query];
    const told = (messages?: string) => assumptions(options(metrics, messages)).filter((text) => text.startsWith('The metric'));
    expect(told()).toEqual([
      'The metric acceptrate (AcceptRate) is what the modelled gateways tell.',
      'The metric messagerate (MessageRate) is left out: say with --messages how many messages a second a connection takes and writes.',
      'The metric eventloopdelay (EventLoopDelay) is left out: what a connection costs a gateway is not known.',
      'The metric queue (Prometheus) is left out: what its query would answer is not known.',
    ]);
    expect(told('0.2')).toContain(
      'The metric messagerate (MessageRate) is what the modelled gateways tell. Each connection takes and writes 0.2 messages a second.',
    );
  });
});

import { expect, it } from 'vitest';
import type { MetricSpec } from '../../../../../operator/api/spec.ts';
import { type Differing, disagreements } from '../../../../../operator/scaling/metrics/agree.ts';
import type { MetricReading } from '../../../../../operator/scaling/metrics/measured.ts';
import { cluster, gateway } from '../../../../fakes/chat-cluster.ts';

const NOW = 10_000_000;
const LONG_AGO = NOW - 60_000;

const metric = (measures: 'Connections' | null): MetricSpec => ({
  name: 'people',
  source: {
    kind: 'prometheus',
    prometheus: {
      serverAddress: 'http://prometheus:9090',
      query: 'sum(chatcluster_gateway_connections)',
      intervalMs: 5_000,
      timeoutMs: 3_000,
      maxSampleAgeMs: 120_000,
      measures,
      caSecret: null,
      insecureSkipVerify: false,
      login: { kind: 'none' },
    },
  },
  target: { kind: 'per-gateway', value: 100, full: null },
});

const TOLD = 'people: Prometheus answers 1300, but the gateways themselves tell 1000 (Connections)';

it.each<
  [
    string,
    { value?: number; held?: number; measures?: 'Connections' | null; before?: Differing; problem?: string; observedAt?: number },
    string[],
    Differing,
  ]
>([
  ['the same', {}, [], {}],
  ['a fifth apart is no difference', { value: 1_250 }, [], {}],
  ['more than a fifth apart, for the first time: it may be a scrape behind', { value: 1_300 }, [], { people: NOW }],
  ['not yet for a minute', { value: 1_300, before: { people: LONG_AGO + 1 } }, [], { people: LONG_AGO + 1 }],
  ['for a minute', { value: 1_300, before: { people: LONG_AGO } }, [TOLD], { people: LONG_AGO }],
  [
    'less than the gateways say',
    { value: 0, before: { people: LONG_AGO } },
    ['people: Prometheus answers 0, but the gateways themselves tell 1000 (Connections)'],
    { people: LONG_AGO },
  ],
  ['again the same: forgotten', { before: { people: LONG_AGO } }, [], {}],
  ['a few are chance', { value: 9, held: 0, before: { people: LONG_AGO } }, [], {}],
  ['the query measures something else', { value: 1_300, measures: null, before: { people: LONG_AGO } }, [], {}],
  ['the query fails', { value: 1_300, problem: 'NaN', before: { people: LONG_AGO } }, [], {}],
  ['a gateway tells nothing new', { value: 1_300, observedAt: NOW - 60_000, before: { people: LONG_AGO } }, [], {}],
])('%s', (_, { value = 1_000, held = 1_000, measures = 'Connections', before = {}, problem = null, observedAt = NOW }, told, differing) => {
  const readings: MetricReading[] = [{ metric: 'people', askedSince: 0, good: { value, at: NOW }, problem }];
  const gateways = [gateway({ connections: held / 2, observedAt }), gateway({ ordinal: 2, connections: held / 2, observedAt: NOW })];
  const chat = cluster({ scaling: { metrics: [metric(measures)] } });
  expect(disagreements({ cluster: chat, gateways, readings, now: NOW }, before, { freshMs: 10_000, movedPerSecond: 0 })).toEqual({
    told,
    differing,
  });
});

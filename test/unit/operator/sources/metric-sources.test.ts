import { afterEach, expect, it } from 'vitest';
import type { MetricSpec, PrometheusSpec } from '../../../../operator/api/spec.ts';
import { MetricSources } from '../../../../operator/sources/metric-sources.ts';
import { FakePrometheus, vector } from '../../../fakes/prometheus-server.ts';
import { until } from '../../../servers/until.ts';

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const cpu: MetricSpec = { name: 'Cpu', source: { kind: 'gateways', figure: 'Cpu' }, target: { kind: 'total', value: 1 } };

function query(name: string, serverAddress: string, changes: Partial<PrometheusSpec> = {}): MetricSpec {
  const prometheus: PrometheusSpec = {
    serverAddress,
    query: name,
    intervalMs: 20,
    timeoutMs: 2_000,
    maxSampleAgeMs: 60_000,
    measures: null,
    caSecret: null,
    insecureSkipVerify: false,
    login: { kind: 'none' },
    ...changes,
  };
  return { name, source: { kind: 'prometheus', prometheus }, target: { kind: 'total', value: 1 } };
}

async function prometheus(): Promise<FakePrometheus> {
  const server = await FakePrometheus.start();
  undo.push(() => server.stop());
  server.answering = (response, request) => vector(request.url?.includes('query=a') ? '1' : '2')(response, request);
  return server;
}

function running(metrics: readonly MetricSpec[]): { readonly sources: MetricSources; readonly end: () => Promise<void> } {
  const sources = new MetricSources(metrics, () => Promise.reject(new Error('no Secrets here')));
  const ending = new AbortController();
  const ended = sources.run(ending.signal);
  const end = () => {
    ending.abort();
    return ended;
  };
  undo.push(end);
  return { sources, end };
}

const values = (sources: MetricSources) => sources.read().map(({ metric, good }) => [metric, good?.value ?? null]);
const has = (sources: MetricSources, want: readonly (readonly [string, number])[]) =>
  until(`the values ${JSON.stringify(want)}`, 5_000, async () =>
    JSON.stringify(values(sources)) === JSON.stringify(want) ? true : undefined,
  );

it('asks each query for itself, and nobody for what the gateways tell', async () => {
  const server = await prometheus();
  const { sources } = running([query('a', server.url), cpu, query('b', server.url)]);
  expect(values(sources)).toEqual([
    ['a', null],
    ['b', null],
  ]);
  await has(sources, [
    ['a', 1],
    ['b', 2],
  ]);
});

it('asks nothing before it runs, and nothing after its end', async () => {
  const server = await prometheus();
  const { sources, end } = running([query('a', server.url)]);
  await has(sources, [['a', 1]]);
  await end();
  const asked = server.requests.length;
  const idle = new MetricSources([query('a', server.url)], () => Promise.reject(new Error('no Secrets here')));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect([server.requests.length, values(idle)]).toEqual([asked, [['a', null]]]);
});

it('keeps the value of what is asked as before, and begins anew with what is not', async () => {
  const server = await prometheus();
  const { sources } = running([query('a', server.url), query('b', server.url)]);
  await has(sources, [
    ['a', 1],
    ['b', 2],
  ]);
  sources.configure([query('b', server.url), query('a', server.url, { query: 'c' })]);
  expect(values(sources)).toEqual([
    ['b', 2],
    ['a', null],
  ]);
  await has(sources, [
    ['b', 2],
    ['a', 2],
  ]);
  sources.configure([cpu]);
  expect(values(sources)).toEqual([]);
  const asked = await until('no more questions', 5_000, async () => {
    const before = server.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 150));
    return server.requests.length === before ? before : undefined;
  });
  expect(server.requests.length).toBe(asked);
});

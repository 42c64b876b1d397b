import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseResource } from '../../../../operator/api/parse.ts';
import { parseQuantity } from '../../../../operator/api/quantity.ts';
import type { MetricSpec, PrometheusSpec } from '../../../../operator/api/spec.ts';

/** Reads a ChatCluster whose `spec.scaling` is this YAML. */
const read = (scaling: string, more = '') =>
  parseResource({
    apiVersion: 'chatcluster.io/v1alpha1',
    kind: 'ChatCluster',
    metadata: { name: 'chat' },
    spec: { ...parse(more), scaling: parse(scaling) },
  });

const CPU = '{type: Cpu, target: {type: Utilization, averageUtilization: 70}}';
const METRIC = 'spec.scaling.metrics.0';
/** A metric of this target, which a query answers. */
const queried = (prometheus: string, target = '{type: Value, value: 5}') =>
  `metrics: [{type: Prometheus, target: ${target}, prometheus: {serverAddress: "https://p:9090/x/", query: up, ${prometheus}}}]`;

function metrics(scaling: string, more = ''): readonly MetricSpec[] {
  const result = read(scaling, more);
  return result.kind === 'ok' ? result.cluster.spec.scaling.metrics : expect.fail(JSON.stringify(result.errors));
}

describe('a metric', () => {
  it.each<[string, string, MetricSpec['target']]>([
    ['a share of the CPU is one of one core', CPU, { kind: 'per-gateway', value: 0.7, full: 1 }],
    ['CPU in cores', '{type: Cpu, target: {type: AverageValue, averageValue: 500m}}', { kind: 'per-gateway', value: 0.5, full: 1 }],
    [
      'a share of the connections',
      '{type: Connections, target: {type: Utilization, averageUtilization: 60}}',
      { kind: 'per-gateway', value: 600, full: 1_000 },
    ],
    [
      'a share of the accept rate',
      '{type: AcceptRate, target: {type: Utilization, averageUtilization: 50}}',
      { kind: 'per-gateway', value: 100, full: 200 },
    ],
    [
      'messages',
      '{type: MessageRate, target: {type: AverageValue, averageValue: 20k}}',
      { kind: 'per-gateway', value: 20_000, full: null },
    ],
    [
      'ms of delay',
      '{type: EventLoopDelay, target: {type: AverageValue, averageValue: 50}}',
      { kind: 'per-gateway', value: 50, full: null },
    ],
  ])('%s', (_, written, target) => {
    const gateway = 'gateway: {connectionsPerGateway: 1000, acceptRatePerSecond: 200}\ndrain: {maxConnectionsPerSecond: 20}';
    expect(metrics(`metrics: [${written}]`, gateway)[0]?.target).toEqual(target);
  });

  it('is called by its type when it has no name', () => {
    expect(metrics(`metrics: [${CPU}, ${CPU.replace('{', '{name: cores, ')}]`).map(({ name }) => name)).toEqual(['Cpu', 'cores']);
  });

  it('needs not be there: connections count in any case, and a missing one would hold', () => {
    const result = read('{}');
    expect(result.kind === 'ok' && result.cluster.spec.scaling).toMatchObject({
      metrics: [],
      fallback: { type: 'Hold', replicas: null, afterMs: 300_000 },
    });
  });

  it.each<[string, string, Partial<PrometheusSpec>]>([
    ['what is asked and where', '', { serverAddress: 'https://p:9090/x', query: 'up', measures: null }],
    ['times', '', { intervalMs: 5_000, timeoutMs: 3_000, maxSampleAgeMs: 120_000 }],
    ['nobody is logged in, and the system is trusted', '', { login: { kind: 'none' }, caSecret: null, insecureSkipVerify: false }],
    ['a token', 'bearerTokenSecret: {name: a, key: b}', { login: { kind: 'bearer', secret: { name: 'a', key: 'b' } } }],
    ['a password', 'basicAuthSecret: {name: a}', { login: { kind: 'basic', secret: 'a' } }],
    ['an authority', 'tls: {caSecret: {name: a, key: b}}', { caSecret: { name: 'a', key: 'b' } }],
    ['anybody', 'tls: {insecureSkipVerify: true}', { insecureSkipVerify: true }],
  ])('of a query has %s', (_, written, want) => {
    const source = metrics(queried(written))[0]?.source;
    expect(source?.kind === 'prometheus' && source.prometheus).toMatchObject(want);
  });
});

describe('what can not be is refused with its remedy', () => {
  it.each<[string, string, readonly string[]]>([
    [
      'a type that is none',
      'metrics: [{type: cpu, target: {type: Value, value: 1}}]',
      [`${METRIC}.type: "cpu" is not known; write one of Connections, AcceptRate, MessageRate, EventLoopDelay, Cpu, Prometheus`],
    ],
    ['no target', 'metrics: [{type: Cpu}]', [`${METRIC}.target: undefined is not a group of fields; write them indented below`]],
    [
      'a target that the type has not',
      'metrics: [{type: Cpu, target: {type: Value, value: 1}}]',
      [`${METRIC}.target.type: Value has no meaning for Cpu; write Utilization or AverageValue`],
    ],
    [
      'a number of another target',
      'metrics: [{type: Cpu, target: {type: Utilization, averageValue: 1}}]',
      [`${METRIC}.target: has type Utilization, so write averageUtilization and no other number`],
    ],
    [
      'two numbers',
      'metrics: [{type: Cpu, target: {type: AverageValue, averageValue: 1, averageUtilization: 5}}]',
      [`${METRIC}.target: has type AverageValue, so write averageValue and no other number`],
    ],
    [
      'a fraction without quotes',
      'metrics: [{type: Cpu, target: {type: AverageValue, averageValue: 0.5}}]',
      [`${METRIC}.target.averageValue: 0.5 is not a quantity; write one above 0, such as 100, or in quotes "0.5", "500m" or "20k"`],
    ],
    [
      'a target of nothing',
      'metrics: [{type: Cpu, target: {type: AverageValue, averageValue: "0m"}}]',
      [`${METRIC}.target.averageValue: "0m" is not a quantity; write one above 0, such as 100, or in quotes "0.5", "500m" or "20k"`],
    ],
    [
      'Prometheus without a query',
      'metrics: [{type: Prometheus, target: {type: Value, value: 1}}]',
      [`${METRIC}.prometheus: is missing, and type Prometheus asks one; write serverAddress and query`],
    ],
    [
      'a query that nobody asks',
      `metrics: [{type: Cpu, target: {type: AverageValue, averageValue: 1}, prometheus: {serverAddress: "http://p", query: up}}]`,
      [`${METRIC}.prometheus: is for type Prometheus; leave it out, or write type: Prometheus`],
    ],
    [
      'an address with a password',
      'metrics: [{type: Prometheus, target: {type: Value, value: 1}, prometheus: {serverAddress: "http://a:b@p", query: up}}]',
      [
        `${METRIC}.prometheus.serverAddress: "http://a:b@p" is not right here; write "http" or "https", a host and the path that its API is below, without user, password and query, such as "http://prometheus.monitoring:9090"`,
      ],
    ],
    [
      'two ways to log in',
      queried('bearerTokenSecret: {name: a, key: b}, basicAuthSecret: {name: a}'),
      [`${METRIC}.prometheus.bearerTokenSecret: stands beside basicAuthSecret, and only one can be sent; leave one of them out`],
    ],
    [
      'TLS without TLS',
      queried('tls: {insecureSkipVerify: true}').replace('https', 'http'),
      [`${METRIC}.prometheus.tls: is for "https", and serverAddress begins with "http:"; write "https" there, or leave tls out`],
    ],
    [
      'trust in some, and in all',
      queried('tls: {insecureSkipVerify: true, caSecret: {name: a, key: b}}'),
      [`${METRIC}.prometheus.tls.caSecret: has authorities to trust, and insecureSkipVerify trusts anybody; leave one of them out`],
    ],
    [
      'more patience than the interval',
      queried('timeout: 6s'),
      [
        `${METRIC}.prometheus.timeout: "6s" is longer than interval "5s", and only one question is under way at a time; shorten it, or lengthen interval`,
      ],
    ],
    [
      'two of one name',
      `metrics: [${CPU}, ${CPU}]`,
      ['spec.scaling.metrics.1.name: "Cpu" is another metric\'s already; give this one a name of its own'],
    ],
    [
      'more than anybody reads',
      `metrics: [${Array.from({ length: 11 }, (_, i) => CPU.replace('{', `{name: m${i}, `)).join(', ')}]`,
      ['spec.scaling.metrics: has more than 10 metrics; keep the ones that count'],
    ],
    [
      'connections that never count',
      'metrics: [{type: Connections, target: {type: AverageValue, averageValue: 4500}}]',
      [
        'spec.scaling.metrics: Connections at 90 % never count, since spec.scaling.targetUtilization 80 % always does; leave the metric out and raise targetUtilization',
      ],
    ],
    [
      'a fallback without its number',
      'fallback: {type: Replicas}',
      ['spec.scaling.fallback.replicas: is missing, and type Replicas needs it; write the number of gateways'],
    ],
    [
      'a number that nobody asks for',
      'fallback: {replicas: 3}',
      ['spec.scaling.fallback.replicas: is for type Replicas; leave it out, or write type: Replicas'],
    ],
    [
      'a fallback above the limit',
      'fallback: {type: Replicas, replicas: 11}',
      ['spec.scaling.fallback.replicas: 11 is above spec.scaling.maxReplicas 10; lower it to 10 or raise maxReplicas to 11'],
    ],
  ])('%s', (_, scaling, messages) => {
    const result = read(scaling);
    expect(result.kind === 'invalid' && result.errors.map(({ message }) => message)).toEqual(messages);
  });
});

it.each<[number | string, number | null]>([
  [5, 5],
  ['5', 5],
  ['0.5', 0.5],
  ['500m', 0.5],
  ['1.5k', 1_500],
  ['2M', 2_000_000],
  ['3G', 3_000_000_000],
  ['-5', null],
  ['5Ki', null],
  ['1e3', null],
  ['5 k', null],
  ['', null],
])('the quantity %s is %s', (written, number) => {
  expect(parseQuantity(written)).toBe(number);
});

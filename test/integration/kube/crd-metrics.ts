/** What the API server makes of `spec.scaling.metrics`; the columns are those of the tables in crd-tables.ts. */

const metric = (fields: string) => `scaling: {metrics: [{${fields}}]}`;
const cpu = (target: string) => metric(`type: Cpu, target: {${target}}`);
/** A query, good but for these fields. */
const query = (fields: string, address = 'https://prometheus:9090') =>
  metric(`type: Prometheus, target: {type: Value, value: 5}, prometheus: {serverAddress: "${address}", query: up, ${fields}}`);

const AT = 'spec.scaling.metrics[0]';
const CPU = '{type: Cpu, target: {type: Utilization, averageUtilization: 70}}';

export const REFUSED_METRICS: readonly (readonly [what: string, spec: string, field: string, remedy: string])[] = [
  ['a metric of no kind', metric('type: cpu, target: {type: Value, value: 1}'), `${AT}.type: Unsupported value: "cpu"`, '"EventLoopDelay"'],
  ['a metric without a target', metric('type: Cpu'), `${AT}.target`, 'Required value'],
  ['a target that means nothing', cpu('type: Value, value: 1'), `${AT}.target.type`, 'write Utilization or AverageValue'],
  [
    'a target with the number of another',
    cpu('type: Utilization, averageValue: 1'),
    `${AT}.target`,
    'so write averageUtilization and no other number',
  ],
  ['a target with two numbers', cpu('type: AverageValue, averageValue: 1, averageUtilization: 5'), `${AT}.target`, 'so write averageValue'],
  ['a target of nothing', cpu('type: AverageValue, averageValue: 0'), `${AT}.target.averageValue`, 'write one above 0'],
  ['a target of no quantity', cpu('type: AverageValue, averageValue: "5Ki"'), `${AT}.target.averageValue`, '"500m" or "20k"'],
  [
    'a utilisation above all',
    cpu('type: Utilization, averageUtilization: 101'),
    `${AT}.target.averageUtilization`,
    'less than or equal to 100',
  ],
  ['Prometheus without a query', metric('type: Prometheus, target: {type: Value, value: 1}'), AT, 'write serverAddress and query'],
  [
    'a query that nobody asks',
    metric('type: Cpu, target: {type: AverageValue, averageValue: 1}, prometheus: {serverAddress: "http://p", query: up}'),
    `${AT}.prometheus`,
    'write type: Prometheus',
  ],
  ['an address of another kind', query('', 'ftp://p'), `${AT}.prometheus.serverAddress`, 'such as "http://prometheus.monitoring:9090"'],
  ['an address with a password', query('', 'http://a:b@p'), `${AT}.prometheus.serverAddress`, 'without user, password and query'],
  [
    'two ways to log in',
    query('bearerTokenSecret: {name: a, key: b}, basicAuthSecret: {name: a}'),
    `${AT}.prometheus.bearerTokenSecret`,
    'leave one of them out',
  ],
  ['TLS without TLS', query('tls: {insecureSkipVerify: true}', 'http://p'), `${AT}.prometheus.tls`, 'write "https" there'],
  [
    'trust in some and in all',
    query('tls: {insecureSkipVerify: true, caSecret: {name: a, key: b}}'),
    `${AT}.prometheus.tls.caSecret`,
    'leave one of them out',
  ],
  ['more patience than the interval', query('timeout: 6s'), `${AT}.prometheus.timeout`, 'shorten it, or lengthen interval'],
  ['two metrics of one name', `scaling: {metrics: [${CPU}, ${CPU}]}`, 'spec.scaling.metrics', 'give each a name of its own'],
  [
    'connections that never count',
    metric('type: Connections, target: {type: Utilization, averageUtilization: 90}'),
    'spec.scaling.metrics',
    'Connections at 90 % never count, since spec.scaling.targetUtilization 80 % always does',
  ],
  [
    'a fallback without its number',
    'scaling: {fallback: {type: Replicas}}',
    'spec.scaling.fallback.replicas',
    'write the number of gateways',
  ],
  ['a fallback with a number for nothing', 'scaling: {fallback: {replicas: 3}}', 'spec.scaling.fallback.replicas', 'write type: Replicas'],
  [
    'a fallback above the limit',
    'scaling: {fallback: {type: Replicas, replicas: 11}}',
    'spec.scaling.fallback.replicas',
    'lower it to 10 or raise maxReplicas to 11',
  ],
];

export const ACCEPTED_METRICS: readonly (readonly [what: string, spec: string, stored: object])[] = [
  [
    'metrics, with their defaults',
    `scaling: {metrics: [${CPU}, {type: Prometheus, name: queue, target: {type: AverageValue, averageValue: 500m}, prometheus: {serverAddress: "http://p/x", query: up}}], fallback: {type: Replicas, replicas: 10}}`,
    {
      scaling: {
        metrics: [
          { type: 'Cpu', target: { type: 'Utilization', averageUtilization: 70 } },
          {
            type: 'Prometheus',
            name: 'queue',
            target: { type: 'AverageValue', averageValue: '500m' },
            prometheus: { interval: '5s', timeout: '3s', maxSampleAge: '2m' },
          },
        ],
        fallback: { type: 'Replicas', replicas: 10, afterSeconds: 300 },
      },
    },
  ],
];

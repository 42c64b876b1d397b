/** What the API server makes of `spec.longPolling`; the columns are those of the tables in crd-tables.ts. */

const farm = (fields: string) => `longPolling: {${fields}}`;
const scaling = (fields: string) => farm(`scaling: {${fields}}`);
const schedule = (fields: string) =>
  scaling(
    `maxReplicas: 4, minReplicas: 2, schedules: [{name: office, schedule: "0 9 * * 1-5", timeZone: Europe/Berlin, duration: 9h, ${fields}}]`,
  );

const AT = 'spec.longPolling';

export const REFUSED_FARMS: readonly (readonly [what: string, spec: string, field: string, remedy: string])[] = [
  ['a farm that holds nothing', farm('requestsPerGateway: 0'), `${AT}.requestsPerGateway`, 'greater than or equal to 1'],
  ['a farm that lets nobody in', farm('acceptRatePerSecond: 0'), `${AT}.acceptRatePerSecond`, 'greater than or equal to 1'],
  ['a Service of a farm that is no kind', farm('service: {type: ExternalName}'), `${AT}.service.type`, '"LoadBalancer"'],
  [
    'a farm with more than its most',
    scaling('minReplicas: 5, maxReplicas: 3'),
    `${AT}.scaling.minReplicas: Invalid value: 5`,
    'is above spec.longPolling.scaling.maxReplicas 3; lower it to 3',
  ],
  [
    'a target of less than one request',
    farm('requestsPerGateway: 1, scaling: {targetUtilization: 90}'),
    `${AT}.scaling.targetUtilization`,
    '90 % of spec.longPolling.requestsPerGateway 1 is less than one connection; raise it to at least 100',
  ],
  [
    'a target that is never reached before a farm is full',
    scaling('targetUtilization: 98'),
    `${AT}.scaling.targetUtilization`,
    'with spec.longPolling.scaling.tolerance 5 %',
  ],
  [
    'a farm that is all standby',
    scaling('maxReplicas: 3, standby: {gateways: 3}'),
    `${AT}.scaling.standby.gateways`,
    'leave none of spec.longPolling.scaling.maxReplicas 3 for the load; lower it to at most 2',
  ],
  [
    'spare requests that leave no room',
    farm('requestsPerGateway: 100, scaling: {maxReplicas: 2, standby: {connections: 160}}'),
    `${AT}.scaling.standby.connections`,
    'lower it below 160 or raise maxReplicas to at least 3',
  ],
  [
    'a tolerance above all that the farm takes',
    scaling('targetUtilization: 90, behavior: {scaleUp: {tolerance: 20}}'),
    `${AT}.scaling.behavior.scaleUp.tolerance`,
    'above spec.longPolling.scaling.targetUtilization 90 %',
  ],
  [
    'panic in peace',
    scaling('panic: {thresholdPercent: 80}'),
    `${AT}.scaling.panic.thresholdPercent`,
    'with spec.longPolling.scaling.targetUtilization 80 %',
  ],
  [
    'one zone that may fail',
    scaling('minReplicas: 1, maxReplicas: 1, standby: {zoneFailure: true}'),
    `${AT}.scaling.standby.zoneFailure`,
    'spec.longPolling.scaling.maxReplicas 1 allows one gateway',
  ],
  [
    'a schedule above its most',
    schedule('minReplicas: 5'),
    `${AT}.scaling.schedules`,
    'minReplicas 5, above spec.longPolling.scaling.maxReplicas 4',
  ],
  [
    'a schedule below its least',
    schedule('maxReplicas: 1'),
    `${AT}.scaling.schedules`,
    'maxReplicas 1, below spec.longPolling.scaling.minReplicas 2',
  ],
  ['a schedule of no limit', schedule(''), `${AT}.scaling.schedules[0]`, 'write one of them'],
  [
    'a metric that never counts',
    scaling('metrics: [{type: Connections, target: {type: Utilization, averageUtilization: 90}}]'),
    `${AT}.scaling.metrics`,
    'since spec.longPolling.scaling.targetUtilization 80 % always does',
  ],
  [
    'a fallback above the most',
    scaling('maxReplicas: 3, fallback: {type: Replicas, replicas: 4}'),
    `${AT}.scaling.fallback.replicas`,
    'is above spec.longPolling.scaling.maxReplicas 3',
  ],
  [
    'a farm that is not drained in time',
    farm('requestsPerGateway: 100000, acceptRatePerSecond: 1000'),
    'spec.drain.timeout',
    'spec.longPolling.requestsPerGateway 100000 at spec.drain.maxConnectionsPerSecond 100 takes 1000s',
  ],
  [
    'a farm that is not taken in in time',
    farm('acceptRatePerSecond: 1'),
    'spec.drain.timeout',
    'it admits spec.longPolling.acceptRatePerSecond 1, so',
  ],
];

/** With `spec.longPolling`. */
export const REFUSED_FARM_NAMES: readonly (readonly [name: string, remedy: string])[] = [
  ['chat-longpoll', '"chat-longpoll" is the name of a farm for long polling, which has none itself; leave longPolling out'],
  ['c'.repeat(44), `needs a ChatCluster "${'c'.repeat(44)}-longpoll", whose name is longer than 52 characters; leave longPolling out`],
  [`${'c'.repeat(43)}-longpoll`, 'which has none itself'],
];

export const ACCEPTED_FARMS: readonly (readonly [what: string, spec: string, stored: object])[] = [
  [
    'a farm with nothing said of it',
    'longPolling: {}',
    {
      longPolling: {
        requestsPerGateway: 2_000,
        acceptRatePerSecond: 500,
        scaling: { minReplicas: 2, targetUtilization: 80, behavior: { scaleDown: { stabilizationWindowSeconds: 300 } } },
        service: { type: 'ClusterIP', port: 80 },
      },
    },
  ],
  [
    'a farm with a scaling of its own',
    'scaling: {minReplicas: 9}\nlongPolling: {requestsPerGateway: 500, scaling: {mode: External, minReplicas: 1, maxReplicas: 3, metrics: [{type: Cpu, target: {type: Utilization, averageUtilization: 60}}]}, service: {type: LoadBalancer, annotations: {a: b}}}',
    { longPolling: { scaling: { mode: 'External', maxReplicas: 3 } } },
  ],
  ['replicas of the ChatCluster beside a farm that decides by itself', 'scaling: {mode: External}\nreplicas: 3\nlongPolling: {}', {}],
];

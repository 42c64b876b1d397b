import { parse } from 'yaml';
import { ACCEPTED_FARMS, REFUSED_FARMS } from './crd-long-polling.ts';
import { ACCEPTED_METRICS, REFUSED_METRICS } from './crd-metrics.ts';

/** A ChatCluster "chat" whose spec is this YAML, with a Redis unless it says itself where that is. */
export function chatCluster(spec: string, name = 'chat') {
  const written = (parse(spec) ?? {}) as Readonly<Record<string, unknown>>;
  const whole = 'broker' in written ? written : { broker: { url: 'redis://redis' }, ...written };
  return { apiVersion: 'chatcluster.io/v1alpha1', kind: 'ChatCluster', metadata: { name }, spec: whole };
}

const external = 'scaling: {mode: External}';
const secret = (parts: string) => `broker: {url: "rediss://r", passwordSecret: {${parts}}}`;
const url = (text: string) => `broker: {url: "${text}"}`;
const template = (spec: string) => `pods: {template: {spec: {${spec}}}}`;
/** A schedule, good but for these fields. */
const officeHours = (fields: string, scaling = '') =>
  `scaling: {${scaling}schedules: [{${[
    'name: office',
    'schedule: "0 9 * * 1-5"',
    'timeZone: Europe/Berlin',
    'duration: 9h',
    'minReplicas: 3',
  ]
    .filter((field) => !fields.includes(field.split(':')[0] ?? ''))
    .join(', ')}, ${fields}}]}`;
const labels = (text: string) => `pods: {template: {metadata: {labels: {${text}}}}}`;

const UP = 'spec.scaling.behavior.scaleUp';
const behavior = (scaleUp: string) => `scaling: {behavior: {scaleUp: {${scaleUp}}}}`;

/** What the API server must refuse: what it is, the spec, the field that must be named, and the remedy. */
export const REFUSED: readonly (readonly [what: string, spec: string, field: string, remedy: string])[] = [
  [
    'no capacity',
    'gateway: {connectionsPerGateway: 0}',
    'spec.gateway.connectionsPerGateway: Invalid value: 0',
    'greater than or equal to 1',
  ],
  ['too much capacity', 'gateway: {connectionsPerGateway: 1000001}', 'spec.gateway.connectionsPerGateway', 'less than or equal to 1000000'],
  ['half a connection', 'gateway: {connectionsPerGateway: 1.5}', 'spec.gateway.connectionsPerGateway', 'must be of type integer'],
  ['a number in quotes', 'gateway: {connectionsPerGateway: "500"}', 'spec.gateway.connectionsPerGateway', 'must be of type integer'],
  ['nobody let in', 'gateway: {acceptRatePerSecond: 0}', 'spec.gateway.acceptRatePerSecond', 'greater than or equal to 1'],
  ['messages too short for any', 'gateway: {messageBytes: 127}', 'spec.gateway.messageBytes', 'greater than or equal to 128'],
  ['no messages', 'gateway: {messagesPerSecond: 0}', 'spec.gateway.messagesPerSecond', 'greater than or equal to 1'],
  ['too many channels', 'gateway: {channelsPerConnection: 100001}', 'spec.gateway.channelsPerConnection', 'less than or equal to 100000'],
  ['a queue for nothing', 'gateway: {queueBytes: 1023, messageBytes: 128}', 'spec.gateway.queueBytes', 'greater than or equal to 1024'],
  ['a number for a duration', 'gateway: {heartbeat: 60}', 'spec.gateway.heartbeat', 'must be of type string'],
  [
    'a duration without a unit',
    'gateway: {heartbeat: "60"}',
    'spec.gateway.heartbeat: Invalid value: "60"',
    'with its unit; write one, such as "25s"',
  ],
  ['a unit that is none', 'gateway: {pollTimeout: 25sec}', 'spec.gateway.pollTimeout: Invalid value: "25sec"', 'write one, such as "25s"'],
  ['a duration that is too long', 'gateway: {heartbeat: 11m}', 'spec.gateway.heartbeat: Invalid value: "11m"', 'from 1s to 10m'],
  ['a duration that is too short', 'gateway: {pollTimeout: 999ms}', 'spec.gateway.pollTimeout: Invalid value: "999ms"', 'from 1s to 10m'],
  ['a negative duration', 'drain: {timeout: -5s}', 'spec.drain.timeout: Invalid value: "-5s"', 'from 1s to 24h'],
  [
    'a duration more exact than a ms',
    'drain: {timeout: 90.1234s}',
    'spec.drain.timeout: Invalid value: "90.1234s"',
    'write one, such as "5m"',
  ],
  [
    'a duration longer than one can read',
    `drain: {timeout: ${'1s'.repeat(40)}}`,
    'spec.drain.timeout: Too long',
    'may not be more than 30',
  ],
  ['more hours than Go can count', 'drain: {timeout: 999999999h}', 'spec.drain.timeout: Invalid value: "999999999h"', 'from 1s to 24h'],
  ['days', 'history: {maxAge: 7d}', 'spec.history.maxAge: Invalid value: "7d"', 'from 1s to 720h'],
  ['a round without a pause', 'scaling: {interval: 1ms}', 'spec.scaling.interval: Invalid value: "1ms"', 'from 100ms to 5m'],
  [
    'a rollout that must be done at once',
    'rollout: {progressDeadline: 5s}',
    'spec.rollout.progressDeadline: Invalid value: "5s"',
    'from 10s to 24h',
  ],
  ['a fraction for a percentage', 'scaling: {targetUtilization: 0.8}', 'spec.scaling.targetUtilization', 'must be of type integer'],
  ['more than all', 'scaling: {targetUtilization: 120}', 'spec.scaling.targetUtilization', 'less than or equal to 100'],
  ['nothing as the target', 'scaling: {targetUtilization: 0}', 'spec.scaling.targetUtilization', 'greater than or equal to 1'],
  ['a percent sign', 'scaling: {targetUtilization: 80%}', 'spec.scaling.targetUtilization', 'must be of type integer'],
  ['too much tolerance', 'scaling: {tolerance: 51, targetUtilization: 10}', 'spec.scaling.tolerance', 'less than or equal to 50'],
  ['no gateway at least', 'scaling: {minReplicas: 0}', 'spec.scaling.minReplicas', 'greater than or equal to 1'],
  ['too many gateways', 'scaling: {maxReplicas: 10001}', 'spec.scaling.maxReplicas', 'less than or equal to 10000'],
  ['fewer spare gateways than none', 'scaling: {standby: {gateways: -1}}', 'spec.scaling.standby.gateways', 'greater than or equal to 0'],
  [
    'spare words',
    'scaling: {standby: {connections: many}}',
    'spec.scaling.standby.connections: Invalid value: "many"',
    'such as 100 or "20%"',
  ],
  [
    'a spare share of more than all',
    'scaling: {standby: {connections: 120%}}',
    'spec.scaling.standby.connections: Invalid value: "120%"',
    'such as 100 or "20%"',
  ],
  [
    'a spare number in quotes',
    'scaling: {standby: {connections: "100"}}',
    'spec.scaling.standby.connections: Invalid value: "100"',
    'such as 100 or "20%"',
  ],
  [
    'fewer spare connections than none',
    'scaling: {standby: {connections: -1}}',
    'spec.scaling.standby.connections: Invalid value: -1',
    'such as 100 or "20%"',
  ],
  ['a flag for a number', 'scaling: {standby: {connections: true}}', 'spec.scaling.standby.connections', 'must be of type integer,string'],
  [
    'a window that is too long',
    'scaling: {behavior: {scaleDown: {stabilizationWindowSeconds: 3601}}}',
    'spec.scaling.behavior.scaleDown.stabilizationWindowSeconds',
    'less than or equal to 3600',
  ],
  [
    'a tolerance upwards that gateways have no room for',
    'scaling: {targetUtilization: 90, tolerance: 0, behavior: {scaleUp: {tolerance: 12}}}',
    'spec.scaling.behavior.scaleUp.tolerance: Invalid value: 12',
    'lower it to at most 11',
  ],
  [
    'a policy that is none',
    behavior('policies: [{type: Gateways, value: 4, periodSeconds: 15}]'),
    `${UP}.policies[0].type`,
    '"Pods", "Percent"',
  ],
  [
    'a policy that allows nothing',
    behavior('policies: [{type: Pods, value: 0, periodSeconds: 15}]'),
    `${UP}.policies[0].value`,
    'greater than or equal to 1',
  ],
  [
    'a policy for no time',
    behavior('policies: [{type: Pods, value: 4, periodSeconds: 0}]'),
    `${UP}.policies[0].periodSeconds`,
    'greater than or equal to 1',
  ],
  [
    'a policy for longer than HPA has',
    behavior('policies: [{type: Pods, value: 4, periodSeconds: 1801}]'),
    `${UP}.policies[0].periodSeconds`,
    'less than or equal to 1800',
  ],
  ['a policy without a period', behavior('policies: [{type: Pods, value: 4}]'), `${UP}.policies[0].periodSeconds`, 'Required value'],
  ['no policy', behavior('policies: []'), `${UP}.policies`, 'write one, such as {type: Pods, value: 4, periodSeconds: 15}'],
  [
    'more policies than one can read',
    behavior(`policies: [${Array(11).fill('{type: Pods, value: 4, periodSeconds: 15}').join(', ')}]`),
    `${UP}.policies`,
    'must have at most 10 items',
  ],
  [
    'a choice of policies in small letters',
    behavior('selectPolicy: max'),
    `${UP}.selectPolicy: Unsupported value: "max"`,
    '"Max", "Min", "Disabled"',
  ],
  [
    'panic in peace',
    'scaling: {panic: {thresholdPercent: 83}}',
    'spec.scaling.panic.thresholdPercent: Invalid value: 83',
    'raise it to at least 84',
  ],
  ['panic that never ends', 'scaling: {panic: {windowSeconds: 3601}}', 'spec.scaling.panic.windowSeconds', 'less than or equal to 3600'],
  [
    'one gateway in two zones',
    'scaling: {minReplicas: 1, maxReplicas: 1, standby: {zoneFailure: true}}',
    'spec.scaling.standby.zoneFailure: Invalid value',
    'raise maxReplicas to at least 2 or leave zoneFailure out',
  ],
  ['a mode in small letters', 'scaling: {mode: auto}', 'spec.scaling.mode: Unsupported value: "auto"', '"Auto", "External"'],
  [
    'min above max',
    'scaling: {minReplicas: 9, maxReplicas: 8}',
    'spec.scaling.minReplicas: Invalid value: 9',
    'lower it to 8 or raise maxReplicas to 9',
  ],
  [
    'min above the default max',
    'scaling: {minReplicas: 11}',
    'spec.scaling.minReplicas: Invalid value: 11',
    'lower it to 10 or raise maxReplicas to 11',
  ],
  [
    'a target of less than one connection',
    'gateway: {connectionsPerGateway: 10}\nscaling: {targetUtilization: 5, tolerance: 0}',
    'spec.scaling.targetUtilization: Invalid value: 5 %',
    'raise it to at least 10',
  ],
  [
    'a target that the tolerance carries past the capacity',
    'scaling: {targetUtilization: 95, tolerance: 10}',
    'spec.scaling.targetUtilization: Invalid value: 95 %',
    'lower it to at most 90 or lower tolerance to at most 5',
  ],
  [
    'spare gateways that leave none',
    'scaling: {maxReplicas: 3, standby: {gateways: 3}}',
    'spec.scaling.standby.gateways: Invalid value: 3',
    'at most 2 or raise maxReplicas to at least 4',
  ],
  [
    'spare connections that leave no room',
    'gateway: {connectionsPerGateway: 100}\nscaling: {maxReplicas: 3, standby: {gateways: 1, connections: 160}}',
    'spec.scaling.standby.connections: Invalid value: 160',
    'lower it below 160 or raise maxReplicas to at least 4',
  ],
  [
    'seconds in a cron',
    officeHours('schedule: "0 0 9 * * *"'),
    'spec.scaling.schedules[0].schedule: Invalid value: "0 0 9 * * *"',
    'such as "0 9 * * 1-5"',
  ],
  [
    'an hour that is none',
    officeHours('schedule: "0 24 * * *"'),
    'spec.scaling.schedules[0].schedule: Invalid value: "0 24 * * *"',
    'such as "0 9 * * 1-5"',
  ],
  [
    'the last day of the month',
    officeHours('schedule: "0 9 L * *"'),
    'spec.scaling.schedules[0].schedule: Invalid value: "0 9 L * *"',
    'such as "0 9 * * 1-5"',
  ],
  [
    'a time zone that is none',
    officeHours('timeZone: Europe/Belin'),
    'spec.scaling.schedules[0].timeZone: Invalid value: "string": unknown time zone Europe/Belin',
    'such as "Europe/Berlin"',
  ],
  [
    'an offset for a time zone',
    officeHours('timeZone: "+02:00"'),
    'spec.scaling.schedules[0].timeZone: Invalid value: "+02:00"',
    'such as "Europe/Berlin"',
  ],
  [
    'a schedule that never ends',
    officeHours('duration: 745h'),
    'spec.scaling.schedules[0].duration: Invalid value: "745h"',
    'from 1m to 744h',
  ],
  [
    'a schedule that changes nothing',
    'scaling: {schedules: [{name: a, schedule: "0 9 * * *", timeZone: UTC, duration: 9h}]}',
    'spec.scaling.schedules[0]: Invalid value',
    'write one of them',
  ],
  [
    'a schedule without a time',
    'scaling: {schedules: [{name: a, timeZone: UTC, duration: 9h, minReplicas: 3}]}',
    'spec.scaling.schedules[0].schedule',
    'Required value',
  ],
  [
    'a schedule whose min is above its max',
    officeHours('maxReplicas: 2'),
    'spec.scaling.schedules[0].minReplicas: Invalid value: 3',
    'lower minReplicas or raise maxReplicas',
  ],
  [
    'two schedules of a name',
    'scaling: {schedules: [{name: a, schedule: "0 9 * * *", timeZone: UTC, duration: 1h, minReplicas: 3}, {name: a, schedule: "0 8 * * *", timeZone: UTC, duration: 1h, minReplicas: 3}]}',
    'spec.scaling.schedules[1]',
    'Duplicate value',
  ],
  [
    'a schedule above the most',
    officeHours('minReplicas: 11'),
    'spec.scaling.schedules: Invalid value: schedule "office" has minReplicas 11',
    'give it a maxReplicas of at least 11, or lower it to 10',
  ],
  [
    'a schedule below the least',
    'scaling: {schedules: [{name: a, schedule: "0 9 * * *", timeZone: UTC, duration: 1h, maxReplicas: 1}]}',
    'spec.scaling.schedules: Invalid value: schedule "a" has maxReplicas 1',
    'give it a minReplicas of at most 1, or raise it to 2',
  ],
  [
    'a schedule that is for the standby alone',
    officeHours('maxReplicas: 3', 'standby: {gateways: 3}, '),
    'spec.scaling.schedules: Invalid value: schedule "office" has maxReplicas 3',
    'raise it to at least 4',
  ],
  ['replicas that the operator decides', 'replicas: 5', 'spec.replicas: Forbidden: 5', 'or write mode: External'],
  ['fewer replicas than none', `${external}\nreplicas: -1`, 'spec.replicas: Invalid value: -1', 'greater than or equal to 0'],
  ['too many replicas', `${external}\nreplicas: 10001`, 'spec.replicas: Invalid value: 10001', 'less than or equal to 10000'],
  [
    'a drain that can not finish',
    'drain: {timeout: 30s}',
    'spec.drain.timeout: Invalid value: "30s"',
    'raise it to at least "50s" or raise maxConnectionsPerSecond to at least 167',
  ],
  [
    'a drain that the last receiver can not take',
    'gateway: {acceptRatePerSecond: 10}',
    'spec.drain.timeout: Invalid value: "5m"',
    'raise it to at least "500s" or raise acceptRatePerSecond to at least 17',
  ],
  ['a drain without a pace', 'drain: {maxConnectionsPerSecond: 0}', 'spec.drain.maxConnectionsPerSecond', 'greater than or equal to 1'],
  ['a policy that is none', 'deletionPolicy: Retain', 'spec.deletionPolicy: Unsupported value: "Retain"', '"Drain", "Immediate"'],
  [
    'a queue that holds no two messages',
    'gateway: {queueBytes: 40000}',
    'spec.gateway.queueBytes: Invalid value: 40000',
    'raise it to at least 65536 or lower messageBytes to at most 20000',
  ],
  ['a flag in quotes', 'rebalance: {enabled: "no"}', 'spec.rebalance.enabled', 'must be of type boolean'],
  ['no skew at all', 'rebalance: {maxSkew: 0}', 'spec.rebalance.maxSkew', 'greater than or equal to 1'],
  ['a rollout that may add nothing', 'rollout: {maxSurge: 0}', 'spec.rollout.maxSurge', 'greater than or equal to 1'],
  ['more failures than all', 'rollout: {maxFailedResumes: 101}', 'spec.rollout.maxFailedResumes', 'less than or equal to 100'],
  [
    'an algorithm in small letters',
    'balancing: {algorithm: hash}',
    'spec.balancing.algorithm: Unsupported value: "hash"',
    '"LeastConnections", "Hash"',
  ],
  ['no history', 'history: {maxMessages: 0}', 'spec.history.maxMessages', 'greater than or equal to 1'],
  ['no Redis', 'broker: {}', 'spec.broker.url: Required value', 'write "redis://host:6379/0"'],
  ['durability without a Redis', 'broker: {durability: replicated}', 'spec.broker.url: Required value', 'write "redis://host:6379/0"'],
  [
    'a password in the URL',
    url('redis://chat:hunter2@r'),
    'spec.broker.url: Invalid value: the URL of r has a password',
    'name that in spec.broker.passwordSecret',
  ],
  ['an address without a scheme', url('r:6379'), 'spec.broker.url: Invalid value: "r:6379"', 'write "redis://host:6379/0"'],
  ['another scheme', url('valkey://r'), 'spec.broker.url: Invalid value: "valkey://r"', 'write "redis://host:6379/0"'],
  ['two servers', url('redis://a,b'), 'spec.broker.url: Invalid value: "redis://a,b"', 'or write "redis+sentinel://"'],
  [
    'Sentinels without a name',
    url('redis+sentinel://a,b'),
    'spec.broker.url: Invalid value: "redis+sentinel://a,b"',
    'such as "/mymaster"',
  ],
  ['a database of a Cluster', url('redis+cluster://a/1'), 'spec.broker.url: Invalid value: "redis+cluster://a/1"', 'leave it out'],
  ['a port that is none', url('redis://r:65536'), 'spec.broker.url: Invalid value: "redis://r:65536"', 'write "redis://host:6379/0"'],
  ['a database that is none', url('redis://r/main'), 'spec.broker.url: Invalid value: "redis://r/main"', 'write "redis://host:6379/0"'],
  ['a query', url('redis://r?db=1'), 'spec.broker.url: Invalid value: "redis://r?db=1"', 'write "redis://host:6379/0"'],
  ['an empty URL', url(''), 'spec.broker.url: Invalid value: ""', 'write "redis://host:6379/0"'],
  [
    'a prefix with a brace, which would choose the slot',
    'broker: {url: "redis://r", keyPrefix: "{chat}"}',
    'spec.broker.keyPrefix: Invalid value: "{chat}"',
    'such as "chat:"',
  ],
  [
    'a prefix that is too long',
    `broker: {url: "redis://r", keyPrefix: "${'k'.repeat(101)}"}`,
    'spec.broker.keyPrefix: Too long',
    'may not be more than 100',
  ],
  [
    'a durability that is none',
    'broker: {url: "redis://r", durability: disk}',
    'spec.broker.durability: Unsupported value: "disk"',
    '"acknowledged", "replicated"',
  ],
  ['a Secret without a key', secret('name: redis'), 'spec.broker.passwordSecret.key', 'Required value'],
  ['a Secret without a name', secret('key: password'), 'spec.broker.passwordSecret.name', 'Required value'],
  [
    'a Secret in capitals',
    secret('name: Redis, key: password'),
    'spec.broker.passwordSecret.name: Invalid value: "Redis"',
    'small letters, digits, dashes and dots, such as "redis"',
  ],
  ['a key with a slash', secret('name: redis, key: a/b'), 'spec.broker.passwordSecret.key: Invalid value: "a/b"', 'such as "password"'],
  [
    'certificates for what has no TLS',
    'broker: {url: "redis://r", caSecret: {name: ca, key: crt}}',
    'spec.broker.caSecret: Invalid value',
    'or leave caSecret out',
  ],
  ['an empty Secret for tokens', 'authentication: {jwtSecret: {}}', 'spec.authentication.jwtSecret.name', 'Required value'],
  [
    'an image with a space',
    'pods: {image: "chat 1"}',
    'spec.pods.image: Invalid value: "chat 1"',
    'such as "registry.example.com/chatcluster:1.0"',
  ],
  [
    'an image in capitals',
    'pods: {image: "Chat:1"}',
    'spec.pods.image: Invalid value: "Chat:1"',
    'such as "registry.example.com/chatcluster:1.0"',
  ],
  [
    'two images',
    `pods: {image: a, template: {spec: {containers: [{name: gateway, image: b}]}}}`,
    'spec.pods.image: Invalid value: "a"',
    'keep pods.image and leave the other out',
  ],
  [
    'a label of the operator',
    labels('chatcluster.io/accepting: "true"'),
    'spec.pods.template.metadata.labels: Invalid value: "chatcluster.io/accepting"',
    'leave it out',
  ],
  ['a label with a space', labels('"a b": c'), 'spec.pods.template.metadata.labels: Invalid value: "a b"', 'such as "example.com/team"'],
  ['a value with a space', labels('a: "b c"'), 'spec.pods.template.metadata.labels[a]: Invalid value: "b c"', 'write at most 63 letters'],
  ['a value that is too long', labels(`a: ${'b'.repeat(64)}`), 'spec.pods.template.metadata.labels.a: Too long', 'may not be more than 63'],
  ['a label that is a number', labels('a: 1'), 'spec.pods.template.metadata.labels.a', 'must be of type string'],
  [
    'an annotation of the operator',
    'pods: {template: {metadata: {annotations: {chatcluster.io/draining: x}}}}',
    'spec.pods.template.metadata.annotations: Invalid value: "chatcluster.io/draining"',
    'leave it out',
  ],
  [
    'a Pod that is killed in its drain',
    template('terminationGracePeriodSeconds: 319'),
    'spec.pods.template.spec.terminationGracePeriodSeconds: Invalid value: 319',
    'raise it to at least 320, or leave it out',
  ],
  [
    'a drain that outlasts its Pod by a part of a second',
    `drain: {timeout: 300.5s}\n${template('terminationGracePeriodSeconds: 320')}`,
    'spec.pods.template.spec.terminationGracePeriodSeconds: Invalid value: 320',
    'raise it to at least 321, or leave it out',
  ],
  [
    'a Pod that is not started again',
    template('restartPolicy: Never'),
    'spec.pods.template.spec.restartPolicy: Unsupported value: "Never"',
    '"Always"',
  ],
  ['a container without a name', template('containers: [{image: a}]'), 'spec.pods.template.spec.containers[0].name', 'Required value'],
  ['a container twice', template('containers: [{name: a}, {name: a}]'), 'spec.pods.template.spec.containers[1]', 'Duplicate value'],
  ['containers that are no list', template('containers: gateway'), 'spec.pods.template.spec.containers', 'must be of type array'],
  [
    'a type of Service that has no Pods',
    'service: {type: ExternalName}',
    'spec.service.type: Unsupported value: "ExternalName"',
    '"NodePort", "LoadBalancer"',
  ],
  ['no port', 'service: {port: 0}', 'spec.service.port', 'greater than or equal to 1'],
  ['a port that is none', 'service: {port: 70000}', 'spec.service.port', 'less than or equal to 65535'],
  [
    'an annotation that begins with a slash',
    'service: {annotations: {/a: b}}',
    'spec.service.annotations: Invalid value: "/a"',
    'such as "example.com/team"',
  ],
  ['a number for a group', 'drain: 60', 'spec.drain', 'must be of type object'],
  ['a list for a group', 'scaling: [1]', 'spec.scaling', 'must be of type object'],
  ...REFUSED_METRICS,
  ...REFUSED_FARMS,
];

/** Names that the API server must refuse. */
export const REFUSED_NAMES: readonly (readonly [name: string, remedy: string])[] = [
  ['7chat', 'beginning with a letter, such as "chat"'],
  ['chat.eu', 'write small letters, digits and dashes'],
  ['Chat', 'lower case alphanumeric characters'],
  ['chat-', 'must start and end with an alphanumeric character'],
  ['c'.repeat(53), 'may not be more than 52'],
];

/** Fields that there are not, by their paths. */
export const UNKNOWN_FIELDS: readonly (readonly [spec: string, path: string])[] = [
  ['scaling: {minReplica: 2}', 'spec.scaling.minReplica'],
  ['minReplicas: 3', 'spec.minReplicas'],
  ['gateway: {connectionsPergateway: 2}', 'spec.gateway.connectionsPergateway'],
  ['pods: {template: {metadata: {name: a}}}', 'spec.pods.template.metadata.name'],
];

/** What is unusual, and good: what it is, the spec, and what of it must be stored. */
export const ACCEPTED: readonly (readonly [what: string, spec: string, stored: object])[] = [
  [
    'hardly anything',
    '',
    { scaling: { mode: 'Auto', minReplicas: 2 }, drain: { timeout: '5m' }, service: { type: 'ClusterIP', port: 80 } },
  ],
  [
    'groups with nothing below them',
    'gateway:\nscaling:\n  behavior:\n    scaleUp:\n  maxReplicas:\ndrain:',
    { scaling: { maxReplicas: 10, behavior: { scaleUp: { stabilizationWindowSeconds: 0 } } } },
  ],
  [
    'the smallest gateways',
    'gateway: {connectionsPerGateway: 1, messageBytes: 128, queueBytes: 1024}\nscaling: {targetUtilization: 100, tolerance: 0}',
    { gateway: { connectionsPerGateway: 1 } },
  ],
  [
    'the largest',
    'gateway: {connectionsPerGateway: 1000000, acceptRatePerSecond: 100000}\ndrain: {timeout: 24h}',
    { drain: { timeout: '24h' } },
  ],
  ['as many as can be', 'scaling: {minReplicas: 10000, maxReplicas: 10000}', { scaling: { minReplicas: 10_000 } }],
  [
    'durations in parts',
    'drain: {timeout: 1h2m3.5s4ms}\nhistory: {maxAge: 0.5h}\nscaling: {interval: 100ms}',
    { drain: { timeout: '1h2m3.5s4ms' } },
  ],
  ['a duration in ms', 'drain: {timeout: 86400000ms}', { drain: { timeout: '86400000ms' } }],
  ['a share as standby', 'scaling: {standby: {connections: "20%"}}', { scaling: { standby: { connections: '20%', gateways: 0 } } }],
  ['a number as standby', 'scaling: {standby: {connections: 39999}}', { scaling: { standby: { connections: 39_999 } } }],
  [
    'a drain that is just long enough',
    'gateway: {acceptRatePerSecond: 100}\ndrain: {timeout: 50s}',
    { drain: { timeout: '50s', maxConnectionsPerSecond: 100 } },
  ],
  ['a queue of just two messages', 'gateway: {messageBytes: 524288}', { gateway: { queueBytes: 1_048_576 } }],
  ['a target that is just low enough', 'scaling: {targetUtilization: 95, tolerance: 5}', { scaling: { targetUtilization: 95 } }],
  ['replicas from outside', 'scaling: {mode: External}\nreplicas: 0', { replicas: 0 }],
  ['nobody who said how many yet', 'scaling: {mode: External}', { scaling: { mode: 'External' } }],
  [
    'Sentinels, with a user',
    'broker: {url: "rediss+sentinel://chat@a:26379,b,[::1]:26380/main/3", caSecret: {name: ca.eu, key: ca.crt}}',
    { broker: { durability: 'acknowledged' } },
  ],
  [
    'a Cluster by IPv6',
    'broker: {url: "redis+cluster://[2001:db8::1]:6379,[2001:db8::2]/", keyPrefix: "a~!:"}',
    { broker: { keyPrefix: 'a~!:' } },
  ],
  [
    'a user with a space, encoded',
    'broker: {url: "redis://a%20b:@r:6379/15", durability: replicated, passwordSecret: {name: r, key: ..data_1}}'.replace('..', '.'),
    { broker: { durability: 'replicated' } },
  ],
  ['an image by digest', `pods: {image: "[::1]:5000/team/chat_cluster--x:1.0-rc.1@sha256:${'0a'.repeat(32)}"}`, { pods: { template: {} } }],
  [
    'a template with all that Kubernetes knows, and what it may know one day',
    `pods: {template: {metadata: {labels: {example.com/team: chat, empty: ""}, annotations: {Example: "any text"}}, spec: {terminationGracePeriodSeconds: 320, restartPolicy: Always, hostUsers: false, one: {day: [1]}, containers: [{name: gateway, resources: {limits: {memory: 1Gi}}}, {name: proxy, image: b}], initContainers: [{name: first, restartPolicy: Always}]}}}`,
    {
      pods: {
        template: {
          spec: {
            one: { day: [1] },
            containers: [
              { name: 'gateway', resources: { limits: { memory: '1Gi' } } },
              { name: 'proxy', image: 'b' },
            ],
          },
        },
      },
    },
  ],
  [
    'a grace period that is just long enough',
    `drain: {timeout: 299.001s}\n${template('terminationGracePeriodSeconds: 320')}`,
    { drain: { timeout: '299.001s' } },
  ],
  ['an image in the template only', template('containers: [{name: gateway, image: b}]'), { service: { annotations: {} } }],
  [
    'a Service for a load balancer',
    'service: {type: LoadBalancer, port: 443, annotations: {example.com/tls: "{\\"a\\": 1}"}}',
    { service: { port: 443 } },
  ],
  [
    'schedules of all kinds',
    'scaling: {schedules: [{name: a, schedule: "*/15 8-18/2,22 1,15-20 jan,FEB MON-fri", timeZone: Asia/Kolkata, duration: 1m, minReplicas: 3}, {name: b, schedule: "0  0 * * 7", timeZone: America/Argentina/Buenos_Aires, duration: 48h, minReplicas: 20, maxReplicas: 30}, {name: c, schedule: "0 9 * * *", timeZone: Etc/GMT+5, duration: 24h, maxReplicas: 4}, {name: d, schedule: "* * * * *", timeZone: UTC, duration: 1m, minReplicas: 1}]}',
    { scaling: { schedules: [{ timeZone: 'Asia/Kolkata' }, { duration: '48h' }, { maxReplicas: 4 }, { minReplicas: 1 }] } },
  ],
  ['deletion at once', 'deletionPolicy: Immediate', { deletionPolicy: 'Immediate' }],
  ...ACCEPTED_METRICS,
  ...ACCEPTED_FARMS,
];

/** Changes: what it is, the spec before and after, and the words of the refusal; `null` when it must be let through. */
export const CHANGES: readonly (readonly [what: string, before: string, after: string, refused: readonly string[] | null])[] = [
  [
    'another prefix',
    'broker: {url: "redis://r", keyPrefix: "a:"}',
    'broker: {url: "redis://r", keyPrefix: "b:"}',
    ['spec.broker.keyPrefix: Forbidden: "b:" is not the "a:" that it was', 'set it back, or write a new ChatCluster'],
  ],
  [
    'a prefix in place of the one by default',
    'broker: {url: "redis://r"}',
    'broker: {url: "redis://r", keyPrefix: "b:"}',
    ['spec.broker.keyPrefix: Forbidden: "b:" is not the "chat:" that it was', 'set it back'],
  ],
  [
    'a prefix taken away',
    'broker: {url: "redis://r", keyPrefix: "a:"}',
    'broker: {url: "redis://r"}',
    ['spec.broker.keyPrefix: Forbidden: "chat:" is not the "a:" that it was', 'set it back'],
  ],
  ['the prefix by default, written out', 'broker: {url: "redis://r"}', 'broker: {url: "redis://r", keyPrefix: "chat:"}', null],
  ['another Redis', 'broker: {url: "redis://r"}', 'broker: {url: "redis+cluster://a,b", durability: replicated}', null],
  ['replicas from outside, from now on', 'scaling: {minReplicas: 3}', 'scaling: {mode: External}\nreplicas: 4', null],
  [
    'the operator decides again, with replicas left behind',
    'scaling: {mode: External}\nreplicas: 4',
    'replicas: 4',
    ['spec.replicas: Forbidden: 4', 'leave replicas out'],
  ],
  ['the operator decides again', 'scaling: {mode: External}\nreplicas: 4', 'scaling: {mode: Auto}', null],
  ['a farm for long polling from now on', '', 'longPolling: {scaling: {maxReplicas: 4}}', null],
  ['no farm for long polling any more', 'longPolling: {scaling: {maxReplicas: 4}}', '', null],
];

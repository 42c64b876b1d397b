import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Parsed, parseChatCluster, parseResource } from '../../../../operator/api/parse.ts';

const head = 'apiVersion: chatcluster.io/v1alpha1\nkind: ChatCluster\nmetadata: {name: chat}\n';

/** A ChatCluster whose `spec` is this text, indented by two. */
const spec = (text: string) => `${head}spec:\n${text.replace(/^(?=.)/gm, '  ')}\n`;

/** The messages of a parse that must fail. */
function messages(parsed: Parsed): readonly string[] {
  return parsed.kind === 'invalid' ? parsed.errors.map((error) => error.message) : [];
}

describe('parseChatCluster refuses', () => {
  // name / text / every message, without the place in the text
  it.each<[string, string, string[]]>([
    ['an empty file', '', ['the file is empty; write a ChatCluster']],
    ['a file of comments', '# nothing\n', ['the file is empty; write a ChatCluster']],
    ['a word', 'chat', ['"chat" is no ChatCluster; write apiVersion, kind, metadata and spec']],
    ['a list', '- a', ['["a"] is no ChatCluster; write apiVersion, kind, metadata and spec']],
    ['two documents', `${head}---\n${head}`, ['2 YAML documents; keep one ChatCluster in a file']],
    ['a key written twice', `${head}kind: ChatCluster\n`, ['not YAML: Map keys must be unique']],
    ['a tab', '\tkind: ChatCluster\n', ['not YAML: Tabs are not allowed as indentation']],
    ['an alias of nothing', 'a: *b', ['not YAML: Unresolved alias (the anchor must be set before the alias): b']],
    ['an anchor in itself', `${head}spec: &a\n  drain: *a\n`, ['not YAML: an anchor holds an alias of itself']],
    ['no apiVersion', head.replace(/^apiVersion.*\n/, ''), ['apiVersion: is missing; write chatcluster.io/v1alpha1']],
    [
      'another apiVersion',
      head.replace('v1alpha1', 'v1'),
      ['apiVersion: "chatcluster.io/v1" is not known here; write chatcluster.io/v1alpha1'],
    ],
    ['another kind', head.replace('kind: ChatCluster', 'kind: Deployment'), ['kind: "Deployment" is not known here; write ChatCluster']],
    ['no metadata', head.replace(/metadata.*\n/, ''), ['metadata: is missing; write metadata with a name']],
    ['metadata that is a word', head.replace('{name: chat}', 'chat'), ['metadata: "chat" is not a group of fields; write a name below']],
    ['no name', head.replace('name: chat', ''), ['metadata.name: is missing; give the cluster a name']],
    ['a name that is a number', head.replace('chat}', '7}'), ['metadata.name: 7 is not text; put it in quotes']],
    [
      'a name that is no DNS label',
      head.replace('name: chat', 'name: Chat_1'),
      ['metadata.name: "Chat_1" is not a name; write small letters, digits and dashes, beginning with a letter, such as "chat"'],
    ],
    [
      'a name that leaves its gateways none',
      head.replace('name: chat', `name: ${'c'.repeat(53)}`),
      [`metadata.name: "${'c'.repeat(53)}" is too long; shorten it to 52 characters`],
    ],
    ['a spec that is a list', `${head}spec: [1]\n`, ['spec: [1] is not a group of fields; write them indented below']],
    ['a group that is a number', spec('drain: 60'), ['spec.drain: 60 is not a group of fields; write them indented below']],
    [
      'no capacity',
      spec('gateway: {connectionsPerGateway: 0}'),
      ['spec.gateway.connectionsPerGateway: 0 is not a whole number from 1 to 1000000; write one, such as 5000'],
    ],
    [
      'half a connection',
      spec('gateway: {connectionsPerGateway: 1.5}'),
      ['spec.gateway.connectionsPerGateway: 1.5 is not a whole number from 1 to 1000000; write one, such as 5000'],
    ],
    [
      'a number in quotes',
      spec('gateway: {connectionsPerGateway: "500"}'),
      ['spec.gateway.connectionsPerGateway: "500" is not a whole number from 1 to 1000000; write one, such as 5000'],
    ],
    [
      'what is no number',
      spec('gateway: {messageBytes: .nan}'),
      ['spec.gateway.messageBytes: NaN is not a whole number from 128 to 16777216; write one, such as 32768'],
    ],
    [
      'what has no end',
      spec('gateway: {messagesPerSecond: .inf}'),
      ['spec.gateway.messagesPerSecond: Infinity is not a whole number from 1 to 100000; write one, such as 20'],
    ],
    [
      'a duration without a unit',
      spec('gateway: {heartbeat: 60}'),
      ['spec.gateway.heartbeat: 60 is not a duration from 1s to 10m; write it with its unit, such as "1m" for 60 seconds'],
    ],
    [
      'a duration in quotes without a unit',
      spec('drain: {timeout: "90"}'),
      ['spec.drain.timeout: "90" is not a duration from 1s to 24h; write it with its unit, such as "1m30s" for 90 seconds'],
    ],
    [
      'a unit that is none',
      spec('gateway: {pollTimeout: 25sec}'),
      ['spec.gateway.pollTimeout: "25sec" is not a duration from 1s to 10m; write one, such as "25s"'],
    ],
    [
      'a negative duration',
      spec('drain: {timeout: -5s}'),
      ['spec.drain.timeout: "-5s" is not a duration from 1s to 24h; write one, such as "5m"'],
    ],
    ['days', spec('history: {maxAge: 7d}'), ['spec.history.maxAge: "7d" is not a duration from 1s to 720h; write one, such as "1h"']],
    [
      'a duration that is too short',
      spec('scaling: {interval: 1ms}'),
      ['spec.scaling.interval: "1ms" is not a duration from 100ms to 5m; write one, such as "1s"'],
    ],
    [
      'a duration that is too long',
      spec('gateway: {heartbeat: 11m}'),
      ['spec.gateway.heartbeat: "11m" is not a duration from 1s to 10m; write one, such as "25s"'],
    ],
    [
      'a duration more exact than a ms',
      spec('drain: {timeout: 90.1234s}'),
      ['spec.drain.timeout: "90.1234s" is not a duration from 1s to 24h; write one, such as "5m"'],
    ],
    [
      'a duration that is longer than one can read',
      spec(`drain: {timeout: ${'0'.repeat(30)}60s}`),
      [`spec.drain.timeout: "${'0'.repeat(30)}60s" is not a duration from 1s to 24h; write one, such as "5m"`],
    ],
    [
      'a fraction for a percentage',
      spec('scaling: {targetUtilization: 0.8}'),
      ['spec.scaling.targetUtilization: 0.8 is not a whole percentage from 1 to 100; write 80 for 80 %'],
    ],
    [
      'a tolerance as HPA writes it',
      spec('scaling: {tolerance: 0.1}'),
      ['spec.scaling.tolerance: 0.1 is not a whole percentage from 0 to 50; write 10 for 10 %'],
    ],
    [
      'a percent sign',
      spec('rebalance: {maxSkew: 20%}'),
      ['spec.rebalance.maxSkew: "20%" is not a whole percentage from 1 to 1000; write 20 without the sign'],
    ],
    [
      'more than all',
      spec('scaling: {targetUtilization: 120}'),
      ['spec.scaling.targetUtilization: 120 is not a whole percentage from 1 to 100; write one, such as 80'],
    ],
    [
      'a negative tolerance',
      spec('scaling: {tolerance: -1}'),
      ['spec.scaling.tolerance: -1 is not a whole percentage from 0 to 50; write one, such as 5'],
    ],
    [
      'a standby that is neither a number nor a percentage',
      spec('scaling: {standby: {connections: many}}'),
      [
        'spec.scaling.standby.connections: "many" is neither a whole number from 0 to 100000000 nor a percentage; write one, such as 100 or "20%"',
      ],
    ],
    [
      'a standby of more than all',
      spec('scaling: {standby: {connections: 120%}}'),
      [
        'spec.scaling.standby.connections: "120%" is neither a whole number from 0 to 100000000 nor a percentage; write one, such as 100 or "20%"',
      ],
    ],
    [
      'a negative standby',
      spec('scaling: {standby: {connections: -1}}'),
      [
        'spec.scaling.standby.connections: -1 is neither a whole number from 0 to 100000000 nor a percentage; write one, such as 100 or "20%"',
      ],
    ],
    [
      'an algorithm in small letters',
      spec('balancing: {algorithm: hash}'),
      ['spec.balancing.algorithm: "hash" is not known; write one of RoundRobin, LeastConnections, Hash'],
    ],
    [
      'a flag in quotes',
      spec('rebalance: {enabled: "no"}'),
      ['spec.rebalance.enabled: "no" is not a yes or no; write true or false, without quotes'],
    ],
    [
      'a window that is longer than HPA has',
      spec('scaling: {behavior: {scaleDown: {stabilizationWindowSeconds: 3601}}}'),
      ['spec.scaling.behavior.scaleDown.stabilizationWindowSeconds: 3601 is not a whole number from 0 to 3600; write one, such as 300'],
    ],
    [
      'a rollout that may add nothing, and so never ends',
      spec('rollout: {maxSurge: 0}'),
      ['spec.rollout.maxSurge: 0 is not a whole number from 1 to 1000; write one, such as 1'],
    ],
    [
      'a typing error in a field',
      spec('scaling: {minReplica: 2}'),
      ['spec.scaling.minReplica: unknown field (its value is 2); did you mean minReplicas?'],
    ],
    [
      'other capitals',
      spec('gateway: {connectionsPergateway: 2}'),
      ['spec.gateway.connectionsPergateway: unknown field (its value is 2); did you mean connectionsPerGateway?'],
    ],
    ['a typing error in a group', spec('scalling: {}'), ['spec.scalling: unknown field (its value is {}); did you mean scaling?']],
    ['a typing error at the top', `${head}sepc: {}\n`, ['sepc: unknown field (its value is {}); did you mean spec?']],
    [
      'a field in the wrong group',
      spec('minReplicas: 3'),
      ['spec.minReplicas: unknown field (its value is 3); did you mean spec.scaling.minReplicas?'],
    ],
    [
      'a field of something else',
      spec('drain: {podSelector: x}'),
      ['spec.drain.podSelector: unknown field (its value is "x"); remove it, or use one of timeout, maxConnectionsPerSecond'],
    ],
    [
      'a key that means something to JavaScript',
      spec('drain: {__proto__: {timeout: 1s}}'),
      ['spec.drain.__proto__: unknown field (its value is {"timeout":"1s"}); remove it, or use one of timeout, maxConnectionsPerSecond'],
    ],
    [
      'min above max',
      spec('scaling: {minReplicas: 9, maxReplicas: 8}'),
      ['spec.scaling.minReplicas: 9 is above spec.scaling.maxReplicas 8; lower it to 8 or raise maxReplicas to 9'],
    ],
    [
      // The default of the other field counts too.
      'min above the default max',
      spec('scaling: {minReplicas: 11}'),
      ['spec.scaling.minReplicas: 11 is above spec.scaling.maxReplicas 10; lower it to 10 or raise maxReplicas to 11'],
    ],
    [
      'a target of less than one connection',
      spec('gateway: {connectionsPerGateway: 10}\nscaling: {targetUtilization: 5}'),
      ['spec.scaling.targetUtilization: 5 % of spec.gateway.connectionsPerGateway 10 is less than one connection; raise it to at least 10'],
    ],
    [
      'a target that the tolerance carries past the capacity',
      spec('scaling: {targetUtilization: 95, tolerance: 10}'),
      [
        'spec.scaling.targetUtilization: 95 % with spec.scaling.tolerance 10 % lets gateways fill to 104.5 %, so connections are refused before any is added; ' +
          'lower it to at most 90 or lower tolerance to at most 5',
      ],
    ],
    [
      'standby gateways that leave none',
      spec('scaling: {maxReplicas: 3, standby: {gateways: 3}}'),
      [
        'spec.scaling.standby.gateways: 3 leave none of spec.scaling.maxReplicas 3 for the load; lower it to at most 2 or raise maxReplicas to at least 4',
      ],
    ],
    [
      'standby connections that leave no room',
      spec('gateway: {connectionsPerGateway: 100}\nscaling: {maxReplicas: 3, standby: {gateways: 1, connections: 160}}'),
      [
        'spec.scaling.standby.connections: 160 spare connections leave no room for any other in spec.scaling.maxReplicas 3; ' +
          'lower it below 160 or raise maxReplicas to at least 4',
      ],
    ],
    [
      'a drain that can not finish',
      spec('drain: {timeout: 30s}'),
      [
        'spec.drain.timeout: "30s" is too short to drain a full gateway: spec.gateway.connectionsPerGateway 5000 at spec.drain.maxConnectionsPerSecond 100 takes 50s; ' +
          'raise it to at least "50s" or raise maxConnectionsPerSecond to at least 167',
      ],
    ],
    [
      'a drain that the last receiver can not take',
      spec('gateway: {acceptRatePerSecond: 10}'),
      [
        'spec.drain.timeout: "5m" is too short to drain a full gateway into one other: it admits spec.gateway.acceptRatePerSecond 10, so 5000 connections take 8m20s; ' +
          'raise it to at least "8m20s" or raise acceptRatePerSecond to at least 17',
      ],
    ],
    [
      'a queue that holds no two messages',
      spec('gateway: {queueBytes: 40000}'),
      [
        "spec.gateway.queueBytes: 40000 can't hold two messages of spec.gateway.messageBytes 32768, so a healthy reader is closed as too slow; " +
          'raise it to at least 65536 or lower messageBytes to at most 20000',
      ],
    ],
    [
      'replicas that the operator decides itself',
      spec('replicas: 5'),
      [
        'spec.replicas: 5 is for spec.scaling.mode External, and with Auto the operator decides; leave replicas out and set minReplicas and maxReplicas, or write mode: External',
      ],
    ],
    [
      'replicas that are none',
      spec('scaling: {mode: External}\nreplicas: -1'),
      ['spec.replicas: -1 is not a whole number from 0 to 10000; write one, such as 3'],
    ],
    [
      'a policy that is none',
      spec('deletionPolicy: Retain'),
      ['spec.deletionPolicy: "Retain" is not known; write one of Drain, Immediate'],
    ],
    [
      'a Pod that is killed in its drain',
      spec('pods: {template: {spec: {terminationGracePeriodSeconds: 319}}}'),
      [
        'spec.pods.template.spec.terminationGracePeriodSeconds: 319 is shorter than a drain with spec.drain.timeout "5m", so its Pod would be killed with connections; ' +
          'raise it to at least 320, or leave it out: it is that then',
      ],
    ],
    [
      'a Pod that is not started again',
      spec('pods: {template: {spec: {restartPolicy: Never}}}'),
      [
        'spec.pods.template.spec.restartPolicy: "Never" would leave a gateway that ended where it lies; write Always, or leave it out: it is that then',
      ],
    ],
    [
      'a container without a name',
      spec('pods: {template: {spec: {containers: [{image: a}]}}}'),
      ['spec.pods.template.spec.containers.0.name: is missing; name the container, such as "gateway"'],
    ],
    [
      'a container twice',
      spec('pods: {template: {spec: {containers: [{name: a}, {name: b}, {name: a}]}}}'),
      ['spec.pods.template.spec.containers: has "a" twice; keep one container of a name'],
    ],
    [
      'two images',
      spec('pods: {image: a, template: {spec: {containers: [{name: gateway, image: b}]}}}'),
      [
        'spec.pods.image: "a" is the gateways\' image, and so is "b" of the container "gateway" in spec.pods.template.spec; keep pods.image and leave the other out',
      ],
    ],
    [
      'an image that is none',
      spec('pods: {image: "Chat:latest:1"}'),
      [
        'spec.pods.image: "Chat:latest:1" is not right here; write the reference of an image, such as "registry.example.com/chatcluster:1.0"',
      ],
    ],
    [
      'labels of the operator, and such that are none',
      spec('pods: {template: {metadata: {labels: {chatcluster.io/accepting: "true", "a b": c, d: "-"}}}}'),
      [
        'spec.pods.template.metadata.labels.chatcluster.io/accepting: belongs to the operator, as all that begins with "chatcluster.io/" does; leave it out',
        'spec.pods.template.metadata.labels.a b: is no key of a label; write letters, digits, dashes and dots, behind a domain and a slash if you like, such as "example.com/team"',
        'spec.pods.template.metadata.labels.d: "-" is no value of a label; write at most 63 letters, digits, dashes and dots',
      ],
    ],
    [
      'annotations of the operator, and such that are none',
      spec('service: {annotations: {chatcluster.io/x: y, "a b": c, d: 1}}'),
      ['spec.service.annotations.d: 1 is not text; put it in quotes'],
    ],
    [
      'half a Secret',
      spec('authentication: {jwtSecret: {name: Chat}}'),
      [
        'spec.authentication.jwtSecret.key: is missing; write a key of the Secret: letters, digits and the characters "-_.", such as "password"',
        'spec.authentication.jwtSecret.name: "Chat" is not right here; write the name of a Secret: small letters, digits, dashes and dots, such as "redis"',
      ],
    ],
    [
      'certificates for what has no TLS',
      spec('broker: {url: "redis://r", caSecret: {name: a, key: b}}'),
      [
        'spec.broker.caSecret: has certificates for TLS, and spec.broker.url "redis://r" is without; write "rediss…" there, or leave caSecret out',
      ],
    ],
    [
      'a URL written in an unusual way',
      spec('broker: {url: "redis://r:06379"}'),
      [
        'spec.broker.url: "redis://r:06379" is written in an unusual way; write "redis://host:6379/0" (one server), "redis+sentinel://host:26379,host/name" or "redis+cluster://host:6379,host"; "rediss…" with TLS',
      ],
    ],
    [
      'a URL that names no host',
      spec('broker: {url: "redis://"}'),
      ['spec.broker.url: "redis://" names no host; write one, such as "127.0.0.1"'],
    ],
    [
      'all that is wrong with a URL',
      spec('broker: {url: "redis+cluster://a:0/1"}'),
      [
        'spec.broker.url: "redis+cluster://a:0/1" has the port "0"; give a number from 1 to 65535, and has "/1" behind the hosts; leave it out: a Cluster has no other database than 0',
      ],
    ],
    ['an address without a scheme', spec('broker: {url: "r:6379"}'), ['spec.broker.url: "r:6379" has no scheme; write "redis://r:6379"']],
    [
      'a URL that is a number',
      spec('broker: {url: 6379}'),
      ['spec.broker.url: 6379 is not a URL; write one, such as "redis://redis:6379"'],
    ],
    [
      'a password in the file, without repeating it',
      spec('broker: {url: "redis://chat:hunter2@r"}'),
      [
        'spec.broker.url: "redis://chat:***@r" has a password, which is for no file; take it out, and give it to `up` in CHATCLUSTER_REDIS_PASSWORD, or on Kubernetes in spec.broker.passwordSecret',
      ],
    ],
    [
      'a prefix with a brace, which would choose the slot',
      spec('broker: {keyPrefix: "{chat}"}'),
      [
        'spec.broker.keyPrefix: "{chat}" is not right here; write at most 100 printable characters without spaces and braces, such as "chat:"',
      ],
    ],
    [
      'replicas of no Redis',
      spec('broker: {durability: replicated}'),
      [
        'spec.broker.durability: "replicated" needs a Redis, and spec.broker.url names none; write it there, or leave the file and run `up` with --redis URL --durability replicated',
      ],
    ],
    [
      'durability without what would follow from a URL that is wrong',
      spec('broker: {durability: replicated, url: "redis://"}'),
      ['spec.broker.url: "redis://" names no host; write one, such as "127.0.0.1"'],
    ],
  ])('%s', (_name, text, want) => {
    expect(messages(parseChatCluster(text)).map((message) => message.replace(/^\d+:\d+: /, ''))).toEqual(want);
  });

  it('everything that is wrong at once, in the order of the text, contradictions too', () => {
    const text = spec(
      'rollout: {maxSurge: 0}\nscaling:\n  minReplicas: 9\n  maxReplicas: 8\n  target: 80\ndrain: {timeout: 1s}\nbalancing: {algorithm: Best}',
    );
    const parsed = parseChatCluster(text);
    expect(parsed).toMatchObject({
      kind: 'invalid',
      errors: [
        { path: 'spec.rollout.maxSurge', value: 0, line: 5, column: 13 },
        { path: 'spec.scaling.minReplicas', value: 9, line: 7, column: 5 },
        { path: 'spec.scaling.target', value: 80, line: 9, column: 5 },
        { path: 'spec.drain.timeout', value: '1s', line: 10, column: 11 },
        { path: 'spec.drain.timeout', value: '1s', line: 10, column: 11 }, // too short for the pace, and for the last receiver
        { path: 'spec.balancing.algorithm', value: 'Best', line: 11, column: 15 },
      ],
    });
  });

  it('what is wrong without the contradictions that would follow from it', () => {
    expect(messages(parseChatCluster(spec('scaling: {minReplicas: 20, maxReplicas: -1}')))).toEqual([
      '5:30: spec.scaling.maxReplicas: -1 is not a whole number from 1 to 10000; write one, such as 10',
    ]);
  });

  it('with the name of the file and the place in front', () => {
    expect(messages(parseChatCluster('kind: [', 'a/b.yaml'))[0]).toMatch(/^a\/b\.yaml:1:8: not YAML: /);
    expect(messages(parseChatCluster('', 'a/b.yaml'))).toEqual(['a/b.yaml: the file is empty; write a ChatCluster']);
  });

  it('in one line each, however long the value is', () => {
    const [message] = messages(parseChatCluster(spec(`drain: {timeout: "${'very '.repeat(100)}"}`)));
    expect(message?.length).toBeLessThan(200);
    expect(message).not.toContain('\n');
  });
});

describe('parseChatCluster reads', () => {
  const defaults = parseChatCluster(head);

  it('a file without a spec as the defaults', () => {
    expect(defaults).toMatchObject({
      kind: 'ok',
      cluster: {
        name: 'chat',
        spec: {
          gateway: { connectionsPerGateway: 5000, heartbeatMs: 25_000 },
          scaling: { minReplicas: 2, maxReplicas: 10, intervalMs: 1_000, targetUtilization: 0.8, tolerance: 0.05 },
          drain: { timeoutMs: 300_000 },
        },
      },
    });
  });

  it.each([
    ['an empty spec', `${head}spec: {}\n`],
    ['a spec with nothing below it', `${head}spec:\n`],
    ['groups with nothing below them', spec('gateway:\nscaling:\n  behavior:\n    scaleUp:\n  maxReplicas:\ndrain:')],
    ['what Kubernetes adds', `${head.replace('{name: chat}', '{name: chat, namespace: x, uid: y, generation: 3}')}status: {desired: 3}\n`],
    ['a comment, a document mark and Windows line ends', `# hi\r\n---\r\n${head.replaceAll('\n', '\r\n')}`],
    ['JSON', '{"apiVersion":"chatcluster.io/v1alpha1","kind":"ChatCluster","metadata":{"name":"chat"}}'],
    ['anchors', `${head}spec:\n  rollout: &a {}\n  balancing: *a\n`],
  ])('%s as the defaults too', (_name, text) => {
    expect(parseChatCluster(text)).toEqual(defaults);
  });

  it('durations in ms, percentages as fractions, windows in ms', () => {
    const text = spec(
      'scaling:\n  interval: 500ms\n  targetUtilization: 65\n  tolerance: 0\n  standby: {gateways: 1, connections: "20%"}\n' +
        '  behavior: {scaleUp: {stabilizationWindowSeconds: 3}}\ndrain: {timeout: 1m30s}\nhistory: {maxAge: 1.5h}\nrebalance: {enabled: false, maxSkew: 10}',
    );
    expect(parseChatCluster(text)).toMatchObject({
      kind: 'ok',
      cluster: {
        spec: {
          scaling: {
            intervalMs: 500,
            targetUtilization: 0.65,
            tolerance: 0,
            standby: { gateways: 1, connections: { kind: 'fraction', fraction: 0.2 } },
            scaleUp: { stabilizationMs: 3_000 },
            scaleDown: { stabilizationMs: 300_000 },
          },
          drain: { timeoutMs: 90_000 },
          history: { maxAgeMs: 5_400_000 },
          rebalance: { enabled: false, maxSkew: 0.1 },
        },
      },
    });
  });

  it.each([
    ['no broker as the embedded one', '{}', { url: null, keyPrefix: 'chat:', durability: 'acknowledged' }],
    [
      'a Redis, with a prefix of its own and replicas',
      '{url: "rediss+sentinel://u@a,b/main", keyPrefix: live, durability: replicated}',
      { url: 'rediss+sentinel://u@a,b/main', keyPrefix: 'live', durability: 'replicated' },
    ],
  ])('%s', (_name, broker, want) => {
    expect(parseChatCluster(spec(`broker: ${broker}`))).toMatchObject({ kind: 'ok', cluster: { spec: { broker: want } } });
  });

  it('what only Kubernetes looks at', () => {
    const text = spec(
      'replicas: 0\ndeletionPolicy: Immediate\nscaling: {mode: External}\nbroker: {url: "rediss://r", passwordSecret: {name: redis.eu, key: p}, caSecret: {name: ca, key: ca.crt}}\n' +
        'authentication: {jwtSecret: {name: jwt, key: .key}}\nrollout: {progressDeadline: 90s, maxFailedResumes: 0}\n' +
        'pods:\n  image: "[::1]:5000/a/b_c:1@sha256:0123456789abcdef0123456789abcdef"\n  template:\n    metadata: {labels: {example.com/team: chat, empty: ""}}\n' +
        '    spec: {terminationGracePeriodSeconds: 320, hostUsers: false, containers: [{name: gateway, tty: true}]}\n' +
        'service: {type: LoadBalancer, port: 443, annotations: {example.com/a: "{}"}}',
    );
    expect(parseChatCluster(text)).toMatchObject({
      kind: 'ok',
      cluster: {
        spec: {
          scaling: { mode: 'External', replicas: 0 },
          drain: { onDeletion: 'Immediate' },
          rollout: { progressDeadlineMs: 90_000, maxFailedResumes: 0 },
          broker: { passwordSecret: { name: 'redis.eu', key: 'p' }, caSecret: { name: 'ca', key: 'ca.crt' } },
          authentication: { jwtSecret: { name: 'jwt', key: '.key' } },
          pods: {
            image: '[::1]:5000/a/b_c:1@sha256:0123456789abcdef0123456789abcdef',
            template: {
              metadata: { labels: { 'example.com/team': 'chat', empty: '' } },
              spec: { terminationGracePeriodSeconds: 320, hostUsers: false, containers: [{ name: 'gateway', tty: true }] },
            },
          },
          service: { type: 'LoadBalancer', port: 443, annotations: { 'example.com/a': '{}' } },
        },
      },
    });
  });

  it.each(['local', 'million', 'office-hours', 'redis'])('the example %s', (name) => {
    const file = new URL(`../../../../examples/${name}.yaml`, import.meta.url);
    expect(messages(parseChatCluster(readFileSync(file, 'utf8'), name))).toEqual([]);
  });
});

describe('parseResource', () => {
  it('wants a Redis on Kubernetes, where gateways share no other broker', () => {
    const object = (broker: object) => ({
      apiVersion: 'chatcluster.io/v1alpha1',
      kind: 'ChatCluster',
      metadata: { name: 'chat' },
      spec: { broker },
    });
    expect(messages(parseResource(object({ durability: 'replicated' }), 'kubernetes'))).toEqual([
      'spec.broker.url: is missing, and gateways in Pods meet only in a Redis; write "redis://host:6379/0" (one server), "redis+sentinel://host:26379,host/name" or "redis+cluster://host:6379,host"; "rediss…" with TLS',
    ]);
    expect(parseResource(object({ durability: 'replicated', url: 'redis://r' }), 'kubernetes').kind).toBe('ok');
  });

  it('reads an object', () => {
    const object = { apiVersion: 'chatcluster.io/v1alpha1', kind: 'ChatCluster', metadata: { name: 'chat' }, spec: { rollout: null } };
    expect(parseResource(object)).toEqual(parseChatCluster(head));
  });

  it.each([
    ['nothing', undefined, 'undefined is no ChatCluster; write apiVersion, kind, metadata and spec'],
    ['null', null, 'null is no ChatCluster; write apiVersion, kind, metadata and spec'],
    [
      'a bad field',
      { apiVersion: 'chatcluster.io/v1alpha1', kind: 'ChatCluster', metadata: { name: 'chat' }, spec: { drain: { timeout: 5 } } },
      'spec.drain.timeout: 5 is not a duration from 1s to 24h; write it with its unit, such as "5s" for 5 seconds',
    ],
  ])('refuses %s without a place', (_name, value, want) => {
    const parsed = parseResource(value);
    expect(messages(parsed)).toEqual([want]);
    expect(parsed).toMatchObject({ errors: [{ line: null, column: null }] });
  });
});

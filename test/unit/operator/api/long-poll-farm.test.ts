import { describe, expect, it } from 'vitest';
import { farmSpec, type WrittenSpec } from '../../../../operator/api/long-poll-farm.ts';
import { type Parsed, parseResource } from '../../../../operator/api/parse.ts';

const BROKER = { url: 'redis://redis' };
const SCALING = { minReplicas: 1, maxReplicas: 4 };

describe('the spec of a farm for long polling', () => {
  it.each<{ readonly name: string; readonly written: WrittenSpec; readonly want: WrittenSpec | null }>([
    { name: 'is none where none is asked for', written: { broker: BROKER, scaling: SCALING }, want: null },
    {
      name: 'has the capacity of a poll, and the channels of the one that asks for it',
      written: { broker: BROKER, longPolling: {} },
      want: { gateway: { connectionsPerGateway: 2_000, acceptRatePerSecond: 500 }, broker: { ...BROKER, keyPrefix: 'chat:' } },
    },
    {
      name: 'keeps a prefix that is written',
      written: { broker: { ...BROKER, keyPrefix: 'a:' }, longPolling: {} },
      want: { gateway: { connectionsPerGateway: 2_000, acceptRatePerSecond: 500 }, broker: { ...BROKER, keyPrefix: 'a:' } },
    },
    {
      name: 'has limits, scaling and Service of its own, and neither replicas nor a farm',
      written: {
        replicas: 7,
        broker: BROKER,
        gateway: { connectionsPerGateway: 9_000, acceptRatePerSecond: 90, messageBytes: 512 },
        scaling: { mode: 'External' },
        service: { type: 'LoadBalancer' },
        longPolling: { requestsPerGateway: 300, acceptRatePerSecond: 30, scaling: SCALING, service: { type: 'NodePort' } },
      },
      want: {
        broker: { ...BROKER, keyPrefix: 'chat:' },
        gateway: { connectionsPerGateway: 300, acceptRatePerSecond: 30, messageBytes: 512 },
        scaling: SCALING,
        service: { type: 'NodePort' },
      },
    },
    {
      name: 'is in all else as the other',
      written: {
        deletionPolicy: 'Immediate',
        broker: { ...BROKER, durability: 'replicated', passwordSecret: { name: 'redis', key: 'password' } },
        drain: { timeout: '1m' },
        rebalance: { enabled: false },
        rollout: { maxSurge: 3 },
        balancing: { algorithm: 'Hash' },
        history: { maxMessages: 5 },
        authentication: { jwtSecret: { name: 'jwt', key: 'secret' } },
        pods: { image: 'chat:2', template: { spec: { tolerations: [{ key: 'chat' }] } } },
        longPolling: {},
      },
      want: {
        deletionPolicy: 'Immediate',
        gateway: { connectionsPerGateway: 2_000, acceptRatePerSecond: 500 },
        broker: { ...BROKER, keyPrefix: 'chat:', durability: 'replicated', passwordSecret: { name: 'redis', key: 'password' } },
        drain: { timeout: '1m' },
        rebalance: { enabled: false },
        rollout: { maxSurge: 3 },
        balancing: { algorithm: 'Hash' },
        history: { maxMessages: 5 },
        authentication: { jwtSecret: { name: 'jwt', key: 'secret' } },
        pods: { image: 'chat:2', template: { spec: { tolerations: [{ key: 'chat' }] } } },
      },
    },
  ])('$name', ({ written, want }) => {
    expect(farmSpec(written, 'chat')).toStrictEqual(want);
  });

  it('is what the ChatCluster is checked by, and what the operator then reads', () => {
    const written = { broker: BROKER, history: { maxMessages: 5 }, longPolling: { requestsPerGateway: 300, scaling: SCALING } };
    const [whole, farm] = [parsed(written), parsed(farmSpec(written, 'chat') ?? {}, 'chat-longpoll')];
    if (whole.kind === 'invalid' || farm.kind === 'invalid') return expect.fail(JSON.stringify([whole, farm]));
    expect(whole.cluster.spec.longPolling).toEqual(farm.cluster.spec);
    expect(farm.cluster.spec).toMatchObject({ longPolling: null, history: { maxMessages: 5 }, broker: { keyPrefix: 'chat:' } });
  });
});

describe('a ChatCluster with a farm', () => {
  it.each<[string, object, string[]]>([
    [
      'tells of limits that cross in the farm',
      { scaling: { minReplicas: 5, maxReplicas: 3 } },
      ['spec.longPolling.scaling.minReplicas: 5 is above spec.longPolling.scaling.maxReplicas 3; lower it to 3 or raise maxReplicas to 5'],
    ],
    [
      'tells of a farm that can not be drained in time where the drain is',
      { requestsPerGateway: 40_000 },
      [
        'spec.drain.timeout: "5m" is too short to drain a full gateway: spec.longPolling.requestsPerGateway 40000 at spec.drain.maxConnectionsPerSecond 100 takes 6m40s; raise it to at least "6m40s" or raise maxConnectionsPerSecond to at least 134',
      ],
    ],
    [
      'tells of a value that is wrong by itself only once',
      { requestsPerGateway: 0, scaling: { minReplicas: 3, maxReplicas: 3 } },
      ['spec.longPolling.requestsPerGateway: 0 is not a whole number from 1 to 1000000; write one, such as 2000'],
    ],
    [
      'tells of a field that stands elsewhere',
      { connectionsPerGateway: 5 },
      ['spec.longPolling.connectionsPerGateway: unknown field (its value is 5); did you mean spec.gateway.connectionsPerGateway?'],
    ],
    ['says nothing when all is well', { scaling: SCALING }, []],
  ])('%s', (_name, longPolling, messages) => {
    expect(messagesOf(parsed({ broker: BROKER, longPolling }))).toEqual(messages);
  });

  it('has a name that leaves room for that of the farm, and is none itself', () => {
    const written = { broker: BROKER, longPolling: {} };
    expect(messagesOf(parsed(written, 'c'.repeat(43)))).toEqual([]);
    expect(messagesOf(parsed(written, 'c'.repeat(44)))).toEqual([
      expect.stringMatching(
        /^spec\.longPolling: needs a ChatCluster "c+-longpoll", whose name is longer than 52 characters; .* at most 43 characters$/,
      ),
    ]);
    expect(messagesOf(parsed(written, 'chat-longpoll'))).toEqual([
      'spec.longPolling: "chat-longpoll" is the name of a farm for long polling, which has none itself; leave longPolling out, or give the ChatCluster another name',
    ]);
    expect(messagesOf(parsed({ broker: BROKER }, 'c'.repeat(52)))).toEqual([]);
  });
});

function parsed(spec: object, name = 'chat'): Parsed {
  return parseResource({ apiVersion: 'chatcluster.io/v1alpha1', kind: 'ChatCluster', metadata: { name }, spec }, 'kubernetes');
}

function messagesOf(result: Parsed): readonly string[] {
  return result.kind === 'ok' ? [] : result.errors.map(({ message }) => message);
}

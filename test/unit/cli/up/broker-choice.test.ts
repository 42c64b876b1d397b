import { describe, expect, it } from 'vitest';
import { type BrokerChoice, brokerInWords, checkChoice, chosen, gatewaySettings } from '../../../../cli/up/broker-choice.ts';
import { cluster } from '../../../fakes/chat-cluster.ts';

const file = cluster({ broker: { url: 'redis://file/1', keyPrefix: 'live:' } });
const ENVIRONMENT = { CHATCLUSTER_BROKER: 'unix:/b' };

describe('what the command line says of the broker', () => {
  it.each([
    ['is nothing', {}, { url: 'redis://file/1', keyPrefix: 'live:', durability: 'acknowledged' }],
    ['is another Redis', { redis: 'redis://word' }, { url: 'redis://word', keyPrefix: 'live:', durability: 'acknowledged' }],
    ['is a durability', { durability: 'replicated' }, { url: 'redis://file/1', keyPrefix: 'live:', durability: 'replicated' }],
  ] as const)('%s, and wins over the file', (_, choice, broker) => {
    expect(chosen(file, choice).spec.broker).toEqual({ ...broker, passwordSecret: null, caSecret: null });
  });

  const wrong: readonly (readonly [name: string, choice: BrokerChoice, line: string])[] = [
    ['no URL', { redis: 'r:6379' }, '--redis: "r:6379" has no scheme; write "redis://r:6379".'],
    ['no Redis', { redis: 'memory:' }, '--redis: "memory:" is not the URL of a Redis; use '],
    [
      'a password',
      { redis: 'redis://:hunter2@r' },
      '--redis: "redis://:***@r" shows its password in the list of processes; give that in CHATCLUSTER_REDIS_PASSWORD.',
    ],
  ];
  it.each(wrong)('may not be %s', (_, choice, line) => {
    expect(() => checkChoice(choice)).toThrow(expect.objectContaining({ exitCode: 2, message: expect.stringContaining(line) }));
  });

  it('may be the URL of a Redis, or nothing', () => {
    for (const choice of [{}, { redis: 'redis+cluster://u@a,b' }]) checkChoice(choice);
  });
});

describe('gateways get', () => {
  it('the Redis, its prefix, and what the environment has for it', () => {
    expect(gatewaySettings(file, { ...ENVIRONMENT, CHATCLUSTER_REDIS_PASSWORD: 'pw' })).toMatchObject({
      broker: 'redis://file/1',
      redisKeyPrefix: 'live:',
      redisPassword: 'pw',
    });
  });

  it('the embedded broker where there is no Redis, whatever the environment has for one', () => {
    const environment = { ...ENVIRONMENT, CHATCLUSTER_REDIS_PASSWORD: 'pw', CHATCLUSTER_REDIS_CA_FILE: '/ca.pem' };
    expect(gatewaySettings(cluster(), environment).broker).toBe('unix:/b');
  });

  it('nothing that contradicts itself', () => {
    expect(() => gatewaySettings(file, { CHATCLUSTER_REDIS_CA_FILE: '/ca.pem' })).toThrow(
      `CHATCLUSTER_REDIS_CA_FILE is "/ca.pem", but the broker's URL is without TLS`,
    );
    expect(() => gatewaySettings(chosen(cluster(), { durability: 'replicated' }), ENVIRONMENT)).toThrow(
      '--durability replicated needs a Redis; name one with --redis URL',
    );
  });
});

it('is told in a few words', () => {
  expect(brokerInWords(file)).toBe('redis://file/1 (keys live:*, durability acknowledged)');
  expect(brokerInWords(cluster())).toBe('embedded in this process');
});

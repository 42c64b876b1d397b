import { describe, expect, it } from 'vitest';
import { GATEWAY_DEFAULTS, parseGatewaySettings } from '../../../../gateway/settings.ts';
import { gatewayEnvironment } from '../../../../operator/api/gateway-environment.ts';
import { revisionOf } from '../../../../operator/api/revision.ts';
import type { GatewaySpec } from '../../../../operator/api/spec.ts';
import { GATEWAY_ENV } from '../../../../protocol/gateway-env.ts';
import { type SpecChanges, spec } from '../../../fakes/chat-cluster.ts';

const { gateway, drain } = spec();
const url = 'redis://r:6379/0';

describe('revisionOf', () => {
  it('is the same for the same settings in another order', () => {
    const reversed = Object.fromEntries(Object.entries(gateway).reverse());
    expect(revisionOf(spec({ gateway: reversed }))).toBe(revisionOf(spec()));
    expect(revisionOf(spec())).toMatch(/^[0-9a-f]{10}$/);
  });

  it.each(Object.keys(gateway) as (keyof GatewaySpec)[])('changes with %s', (key) => {
    expect(revisionOf(spec({ gateway: { [key]: gateway[key] + 1 } }))).not.toBe(revisionOf(spec()));
  });

  const changes: readonly (readonly [name: string, changes: SpecChanges, embedded: boolean, redis: boolean])[] = [
    ['the scaling', { scaling: { minReplicas: 3 } }, false, false],
    ['the drain', { drain: { timeoutMs: 1 } }, false, false],
    // An embedded broker is told of it; gateways with a Redis each trim it themselves.
    ['the length of the history', { history: { maxMessages: 7 } }, false, true],
    ['the age of the history', { history: { maxAgeMs: 7 } }, false, true],
    ['the prefix', { broker: { keyPrefix: 'other:' } }, false, true],
    ['the durability', { broker: { durability: 'replicated' } }, false, true],
    ['the Redis', { broker: { url: 'redis://s:6379/0' } }, true, true],
  ];
  it.each(changes)('of gateways with an embedded broker and with a Redis: whether it changes with %s', (_, change, embedded, redis) => {
    const changes = (before: SpecChanges) =>
      revisionOf(spec({ ...before, ...change, broker: { ...before.broker, ...change.broker } })) !== revisionOf(spec(before));
    expect([changes({}), changes({ broker: { url } })]).toEqual([embedded, redis]);
  });
});

describe('gatewayEnvironment', () => {
  const settingsOf = (changes: SpecChanges) => {
    const result = parseGatewaySettings(gatewayEnvironment(spec(changes)));
    return result.kind === 'settings' ? result.settings : result.problems;
  };

  it('says every setting, in the variables that a gateway reads', () => {
    const environment = gatewayEnvironment(spec());
    expect(Object.values(environment)).toEqual([...Object.values(gateway), drain.timeoutMs].map(String));
    const names: readonly string[] = Object.values(GATEWAY_ENV);
    expect(Object.keys(environment).every((name) => names.includes(name))).toBe(true);
  });

  it('says by default what a gateway by itself has by default', () => {
    expect(settingsOf({})).toEqual(GATEWAY_DEFAULTS);
    expect(settingsOf({ broker: { url } })).toEqual({ ...GATEWAY_DEFAULTS, broker: url, redisKeyPrefix: 'chat:' });
  });

  it('says of a Redis where it is, how gateways use it, and how much history they keep in it', () => {
    const broker = { url: 'rediss+sentinel://chat@a,b/main', keyPrefix: 'live:', durability: 'replicated' } as const;
    expect(settingsOf({ broker, history: { maxMessages: 7, maxAgeMs: 9_000 } })).toMatchObject({
      broker: broker.url,
      redisKeyPrefix: 'live:',
      durability: 'replicated',
      historyMessages: 7,
      historyAgeMs: 9_000,
    });
  });
});

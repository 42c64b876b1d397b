import { describe, expect, it } from 'vitest';
import { GATEWAY_DEFAULTS } from '../../../../gateway/settings.ts';
import { gatewayEnvironment } from '../../../../operator/api/gateway-environment.ts';
import { revisionOf } from '../../../../operator/api/revision.ts';
import { GATEWAY_ENV } from '../../../../protocol/gateway-env.ts';
import { spec } from '../../../fakes/chat-cluster.ts';

const { gateway, drain } = spec();

describe('revisionOf', () => {
  it('is the same for the same settings in another order', () => {
    const reversed = Object.fromEntries(Object.entries(gateway).reverse());
    expect(revisionOf({ ...gateway, ...reversed })).toBe(revisionOf(gateway));
    expect(revisionOf(gateway)).toMatch(/^[0-9a-f]{10}$/);
  });

  it.each(Object.keys(gateway) as (keyof typeof gateway)[])('changes with %s', (key) => {
    expect(revisionOf({ ...gateway, [key]: gateway[key] + 1 })).not.toBe(revisionOf(gateway));
  });
});

describe('gatewayEnvironment', () => {
  it('says every setting, in the variables that a gateway reads', () => {
    const names: readonly string[] = Object.values(GATEWAY_ENV);
    const environment = gatewayEnvironment(gateway, drain);
    expect(Object.keys(environment).every((name) => names.includes(name))).toBe(true);
    expect(Object.values(environment)).toEqual([...Object.values(gateway), drain.timeoutMs].map(String));
  });

  it('says by default what a gateway by itself has by default', () => {
    const { connectionsPerGateway, ...same } = gateway;
    expect(GATEWAY_DEFAULTS).toMatchObject({ ...same, maxConnections: connectionsPerGateway, drainTimeoutMs: drain.timeoutMs });
  });
});

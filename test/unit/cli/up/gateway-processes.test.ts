import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { gatewayProcesses } from '../../../../cli/up/gateway-processes.ts';

it('runs the module of this version', () => {
  expect(existsSync(gatewayProcesses('/b', {}).entry)).toBe(true);
});

it('gives gateways what everybody inherits, but of our own variables only those that are for them', () => {
  const env = {
    PATH: '/bin',
    NOTHING: undefined,
    CHATCLUSTER_PORT: '1',
    CHATCLUSTER_BROKER: 'memory:',
    CHATCLUSTER_LOG_LEVEL: 'debug',
    CHATCLUSTER_JWT_SECRET_FILE: '/secret',
    CHATCLUSTER_DURABILITY: 'replicated',
    CHATCLUSTER_REDIS_KEY_PREFIX: 'x:',
    CHATCLUSTER_REDIS_PASSWORD: 'pw',
    CHATCLUSTER_REDIS_SENTINEL_USERNAME: 'u',
    CHATCLUSTER_REDIS_SENTINEL_PASSWORD: 'p',
    CHATCLUSTER_REDIS_CA_FILE: '/ca',
    CHATCLUSTER_REDIS_CERT_FILE: '/cert',
    CHATCLUSTER_REDIS_KEY_FILE: '/key',
  };
  expect(gatewayProcesses('/b', env).environment).toEqual({
    PATH: '/bin',
    CHATCLUSTER_BROKER: 'unix:/b',
    CHATCLUSTER_LOG_LEVEL: 'debug',
    CHATCLUSTER_JWT_SECRET_FILE: '/secret',
    CHATCLUSTER_REDIS_PASSWORD: 'pw',
    CHATCLUSTER_REDIS_SENTINEL_USERNAME: 'u',
    CHATCLUSTER_REDIS_SENTINEL_PASSWORD: 'p',
    CHATCLUSTER_REDIS_CA_FILE: '/ca',
    CHATCLUSTER_REDIS_CERT_FILE: '/cert',
    CHATCLUSTER_REDIS_KEY_FILE: '/key',
  });
});

it('has gateways log only what is wrong, unless told otherwise', () => {
  expect(gatewayProcesses('/b', {}).environment.CHATCLUSTER_LOG_LEVEL).toBe('warn');
});

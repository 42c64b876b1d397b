import { describe, expect, it } from 'vitest';
import { GATEWAY_DEFAULTS, GATEWAY_SETTINGS, type GatewaySettings, parseGatewaySettings } from '../../../gateway/settings.ts';
import { GATEWAY_ENV } from '../../../protocol/gateway-env.ts';

type Env = Partial<Record<keyof GatewaySettings, string>>;

const env = (values: Env) => Object.fromEntries(Object.entries(values).map(([key, value]) => [GATEWAY_ENV[key as keyof Env], value]));

describe('settings', () => {
  const cases: readonly { name: string; env: Env; flags?: Env; want: Partial<GatewaySettings> }[] = [
    { name: 'are the defaults when nothing is given', env: {}, want: GATEWAY_DEFAULTS },
    { name: 'come from the environment', env: { port: '0', maxConnections: '7' }, want: { port: 0, maxConnections: 7 } },
    { name: 'come from a flag before the environment', env: { port: '1' }, flags: { port: '2' }, want: { port: 2 } },
    { name: 'that are empty count as not given', env: { port: '' }, flags: { name: '' }, want: { port: 8080, name: 'gateway' } },
    { name: 'may name a socket', env: { broker: 'unix:/run/broker' }, want: { broker: 'unix:/run/broker' } },
  ];
  it.each(cases)('$name', ({ env: given, flags, want }) => {
    expect(parseGatewaySettings(env(given), flags)).toEqual({ kind: 'settings', settings: { ...GATEWAY_DEFAULTS, ...want } });
  });

  const wrong: readonly { name: string; env: Env; flags?: Env; want: readonly (string | RegExp)[] }[] = [
    {
      name: 'all problems are told at once',
      env: { port: '70000', maxConnections: '0', logLevel: 'loud' },
      want: [
        'CHATCLUSTER_PORT is "70000"; give a whole number from 0 to 65535.',
        'CHATCLUSTER_MAX_CONNECTIONS is "0"; give a whole number from 1 to 1000000.',
        'CHATCLUSTER_LOG_LEVEL is "loud"; give one of trace, debug, info, warn, error, fatal, silent.',
      ],
    },
    { name: 'a flag is named as a flag', env: {}, flags: { heartbeatMs: '1s' }, want: [/^--heartbeat-ms is "1s"; give a whole number/] },
    // A Service called "chatcluster" makes Kubernetes set CHATCLUSTER_PORT.
    { name: 'what Kubernetes sets for a Service is no port', env: { port: 'tcp://10.0.0.1:80' }, want: [/^CHATCLUSTER_PORT is "tcp:/] },
    { name: 'a number is whole', env: { messageBytes: '1e3' }, want: [/^CHATCLUSTER_MESSAGE_BYTES is "1e3"/] },
    {
      name: 'a broker of another kind is unknown',
      env: { broker: 'redis://x' },
      want: [/^CHATCLUSTER_BROKER is "redis:\/\/x"; use "memory:"/],
    },
    { name: 'a secret is not repeated', env: { adminToken: 'hunter2' }, want: [/^CHATCLUSTER_ADMIN_TOKEN is not valid; give at least 16/] },
    { name: 'a queue holds two messages', env: { messageBytes: '1048576' }, want: [/raise it to at least 2097152/] },
  ];
  it.each(wrong)('$name', ({ env: given, flags, want }) => {
    const result = parseGatewaySettings(env(given), flags);
    expect(result.kind === 'invalid' && result.problems).toEqual(
      want.map((problem) => (typeof problem === 'string' ? problem : expect.stringMatching(problem))),
    );
  });

  it('are listed once each, with a variable, a flag (but for the secret) and a default', () => {
    expect(GATEWAY_SETTINGS.map(({ key }) => key).sort()).toEqual(Object.keys(GATEWAY_ENV).sort());
    expect(GATEWAY_SETTINGS.find(({ key }) => key === 'maxConnections')).toMatchObject({
      env: 'CHATCLUSTER_MAX_CONNECTIONS',
      flag: '--max-connections',
      default: '5000',
    });
    expect(GATEWAY_SETTINGS.filter(({ flag }) => flag === null).map(({ key }) => key)).toEqual(['adminToken']);
  });
});

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
    {
      name: 'may name a Redis, and all that it needs',
      env: {
        broker: 'rediss+sentinel://chat@a,b/main',
        durability: 'replicated',
        redisKeyPrefix: 'chat:',
        redisPassword: 'pass word',
        redisSentinelUsername: 'sentinel',
        redisSentinelPassword: 'other',
        redisCaFile: '/ca.pem',
        redisCertFile: '/cert.pem',
        redisKeyFile: '/key.pem',
      },
      want: {
        broker: 'rediss+sentinel://chat@a,b/main',
        durability: 'replicated',
        redisKeyPrefix: 'chat:',
        redisPassword: 'pass word',
        redisSentinelUsername: 'sentinel',
        redisSentinelPassword: 'other',
        redisCaFile: '/ca.pem',
        redisCertFile: '/cert.pem',
        redisKeyFile: '/key.pem',
      },
    },
    { name: "may have a password in a variable's URL", env: { broker: 'redis://:pw@r' }, want: { broker: 'redis://:pw@r' } },
    // One machine may have it for another broker of the day.
    { name: 'without Redis may have its password', env: { redisPassword: 'pw' }, want: { redisPassword: 'pw' } },
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
      env: { broker: 'kafka://:hunter2@x' },
      want: [
        /^CHATCLUSTER_BROKER: "kafka:\/\/:\*\*\*@x" is not known; use "memory:" .*, "unix:\/path" .*, "redis:\/\/host:6379\/0" .*, "redis\+sentinel.* or "redis\+cluster/,
      ],
    },
    {
      name: 'all that is wrong with the URL of a Redis is told, without its password',
      env: { broker: 'redis+cluster://:hunter2@a:0/1' },
      want: [
        'CHATCLUSTER_BROKER: "redis+cluster://:***@a:0/1" has the port "0"; give a number from 1 to 65535.',
        /^CHATCLUSTER_BROKER: "redis\+cluster:\/\/:\*\*\*@a:0\/1" has "\/1" behind the hosts; leave it out/,
      ],
    },
    {
      name: 'a password is not for the list of processes',
      env: {},
      flags: { broker: 'redis://:hunter2@r' },
      want: ['--broker: "redis://:***@r" shows its password in the list of processes; give that in CHATCLUSTER_REDIS_PASSWORD.'],
    },
    {
      name: 'there is one password',
      env: { broker: 'redis://:hunter2@r', redisPassword: 'hunter3' },
      want: ["CHATCLUSTER_REDIS_PASSWORD is given, and the broker's URL has a password as well; take one away."],
    },
    {
      name: "Sentinels' credentials are for Sentinels",
      env: { broker: 'redis://r', redisSentinelUsername: 'u', redisSentinelPassword: 'hunter2' },
      want: [
        /^CHATCLUSTER_REDIS_SENTINEL_USERNAME is given, but the broker's URL names no Sentinels; take it away/,
        /^CHATCLUSTER_REDIS_SENTINEL_PASSWORD is given, but the broker's URL names no Sentinels; take it away/,
      ],
    },
    {
      name: 'TLS is asked for in the URL',
      env: { broker: 'redis://r', redisCaFile: '/ca.pem' },
      want: [`CHATCLUSTER_REDIS_CA_FILE is "/ca.pem", but the broker's URL is without TLS; let it begin with "rediss".`],
    },
    {
      name: 'a certificate needs its key',
      env: { broker: 'rediss://r', redisCertFile: '/cert.pem' },
      want: ['CHATCLUSTER_REDIS_CERT_FILE is "/cert.pem", which needs CHATCLUSTER_REDIS_KEY_FILE beside it; give both or none.'],
    },
    {
      name: 'a key needs its certificate',
      env: { broker: 'rediss://r', redisKeyFile: '/key.pem' },
      want: ['CHATCLUSTER_REDIS_KEY_FILE is "/key.pem", which needs CHATCLUSTER_REDIS_CERT_FILE beside it; give both or none.'],
    },
    {
      name: 'only a Redis replicates',
      env: { durability: 'replicated' },
      want: ['CHATCLUSTER_DURABILITY is "replicated", which only a Redis can do; give CHATCLUSTER_BROKER the URL of one.'],
    },
    {
      name: 'durability is one of two',
      env: { durability: 'fsync' },
      want: ['CHATCLUSTER_DURABILITY is "fsync"; give one of acknowledged, replicated.'],
    },
    // Braces choose the slot in a Cluster.
    {
      name: 'a prefix has no brace',
      env: { redisKeyPrefix: 'a{b}' },
      want: [/^CHATCLUSTER_REDIS_KEY_PREFIX is "a\{b\}"; give at most 100/],
    },
    { name: 'a prefix has no space', env: { redisKeyPrefix: 'a b' }, want: [/^CHATCLUSTER_REDIS_KEY_PREFIX is "a b"/] },
    { name: 'a secret is not repeated', env: { adminToken: 'hunter2' }, want: [/^CHATCLUSTER_ADMIN_TOKEN is not valid; give at least 16/] },
    { name: 'a queue holds two messages', env: { messageBytes: '1048576' }, want: [/raise it to at least 2097152/] },
  ];
  it.each(wrong)('$name', ({ env: given, flags, want }) => {
    const result = parseGatewaySettings(env(given), flags);
    expect(result.kind === 'invalid' && result.problems).toEqual(
      want.map((problem) => (typeof problem === 'string' ? problem : expect.stringMatching(problem))),
    );
  });

  it('are listed once each, with a variable, a flag (but for secrets) and a default', () => {
    expect(GATEWAY_SETTINGS.map(({ key }) => key).sort()).toEqual(Object.keys(GATEWAY_ENV).sort());
    expect(GATEWAY_SETTINGS.find(({ key }) => key === 'maxConnections')).toMatchObject({
      env: 'CHATCLUSTER_MAX_CONNECTIONS',
      flag: '--max-connections',
      default: '5000',
    });
    expect(GATEWAY_SETTINGS.filter(({ flag }) => flag === null).map(({ key }) => key)).toEqual([
      'adminToken',
      'redisPassword',
      'redisSentinelPassword',
    ]);
  });
});

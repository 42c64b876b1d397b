import { describe, expect, it } from 'vitest';
import { adviceFor, parseInfo, unfit } from '../../../../../gateway/broker/redis/server-info.ts';

/** What a server answers to INFO. */
const info = (fields: Readonly<Record<string, string>>) =>
  `# Server\r\n${Object.entries(fields)
    .map(([name, value]) => `${name}:${value}\r\n`)
    .join('')}\r\n# Keyspace\r\n`;

describe('what a server tells of itself', () => {
  const table = [
    {
      name: 'a Redis',
      text: info({ redis_version: '7.0.15', role: 'master', maxmemory_policy: 'noeviction' }),
      want: { version: '7.0.15', isReplica: false, evictionPolicy: 'noeviction' },
    },
    {
      name: 'a replica',
      text: info({ redis_version: '7.4.1', role: 'slave', maxmemory_policy: 'allkeys-lru' }),
      want: { version: '7.4.1', isReplica: true, evictionPolicy: 'allkeys-lru' },
    },
    {
      name: 'a Valkey, by its own version',
      text: info({
        redis_version: '7.2.4',
        server_name: 'valkey',
        valkey_version: '9.0.1',
        role: 'master',
        maxmemory_policy: 'noeviction',
      }),
      want: { version: '9.0.1', isReplica: false, evictionPolicy: 'noeviction' },
    },
    {
      name: 'lines that end without a carriage return',
      text: 'redis_version:8.0.0\nrole:slave\n',
      want: { version: '8.0.0', isReplica: true, evictionPolicy: '' },
    },
    { name: 'nothing, when INFO is forbidden', text: '', want: { version: '', isReplica: false, evictionPolicy: '' } },
  ];
  it.each(table)('is read of $name', ({ text, want }) => expect(parseInfo(text)).toEqual(want));
});

describe('whether a server can serve', () => {
  const server = (version: string, isReplica = false) => ({ version, isReplica, evictionPolicy: '' });
  it.each(['7.0.0', '7.0.15', '7.2', '8.0.0', '10.1', '9.0.1', ''])('it can with the version "%s"', (version) =>
    expect(unfit(server(version), false)).toBeNull(),
  );

  it.each(['6.2.14', '5.0', '2.8.24'])('it can not with the version %s, and no retry helps', (version) => {
    expect(unfit(server(version), true)).toEqual({
      kind: 'version',
      retry: false,
      text: `Its version is ${version}; Redis 7.0, or any Valkey, is needed: upgrade it.`,
    });
  });

  it('a replica can not, until it is the primary', () => {
    expect(unfit(server('7.0.15', true), false)).toEqual({
      kind: 'read-only',
      retry: true,
      text: 'It is a read-only replica: give the primary, its Sentinels (redis+sentinel://) or the Cluster (redis+cluster://).',
    });
  });

  it('a replica of a Cluster can: it knows the others', () => expect(unfit(server('7.0.15', true), true)).toBeNull());
});

describe('advice', () => {
  const with_ = (evictionPolicy: string) => adviceFor({ version: '7.0.15', isReplica: false, evictionPolicy });
  it.each(['noeviction', ''])('is not given on maxmemory-policy "%s"', (policy) => expect(with_(policy)).toBeNull());
  it.each(['allkeys-lru', 'volatile-ttl'])('is given on maxmemory-policy "%s"', (policy) => {
    expect(with_(policy)).toContain(`its maxmemory-policy is ${policy}: `);
    expect(with_(policy)).toContain('Set it to noeviction.');
  });
});

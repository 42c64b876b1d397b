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
      text: info({ redis_version: '7.0.15', redis_mode: 'standalone', role: 'master', maxmemory_policy: 'noeviction' }),
      want: { version: '7.0.15', isReplica: false, mode: 'standalone', evictionPolicy: 'noeviction' },
    },
    {
      name: 'a replica',
      text: info({ redis_version: '7.4.1', redis_mode: 'cluster', role: 'slave', maxmemory_policy: 'allkeys-lru' }),
      want: { version: '7.4.1', isReplica: true, mode: 'cluster', evictionPolicy: 'allkeys-lru' },
    },
    {
      name: 'a Valkey, by its own version',
      text: info({
        redis_version: '7.2.4',
        server_name: 'valkey',
        valkey_version: '9.0.1',
        server_mode: 'standalone',
        role: 'master',
        maxmemory_policy: 'noeviction',
      }),
      want: { version: '9.0.1', isReplica: false, mode: 'standalone', evictionPolicy: 'noeviction' },
    },
    {
      name: 'lines that end without a carriage return',
      text: 'redis_version:8.0.0\nrole:slave\n',
      want: { version: '8.0.0', isReplica: true, mode: '', evictionPolicy: '' },
    },
    { name: 'nothing, when INFO is forbidden', text: '', want: { version: '', isReplica: false, mode: '', evictionPolicy: '' } },
  ];
  it.each(table)('is read of $name', ({ text, want }) => expect(parseInfo(text)).toEqual(want));
});

describe('whether a server can serve', () => {
  const server = (version: string, isReplica = false, mode = '') => ({ version, isReplica, mode, evictionPolicy: '' });
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

  it('a replica of a Cluster can: it knows the others', () => expect(unfit(server('7.0.15', true, 'cluster'), true)).toBeNull());

  it.each([
    {
      mode: 'sentinel',
      inCluster: false,
      text: 'It is a Sentinel: let the URL begin with "redis+sentinel://" ("rediss+sentinel://" with TLS).',
    },
    {
      mode: 'sentinel',
      inCluster: true,
      text: 'It is a Sentinel: let the URL begin with "redis+sentinel://" ("rediss+sentinel://" with TLS).',
    },
    {
      mode: 'cluster',
      inCluster: false,
      text: 'It is a node of a Redis Cluster: let the URL begin with "redis+cluster://" ("rediss+cluster://" with TLS).',
    },
    {
      mode: 'standalone',
      inCluster: true,
      text: 'It is no node of a Redis Cluster: let the URL begin with "redis://" ("rediss://" with TLS).',
    },
  ])('$mode is not what the URL says (a Cluster: $inCluster)', ({ mode, inCluster, text }) => {
    expect(unfit(server('7.0.15', false, mode), inCluster)).toEqual({ kind: 'other', retry: false, text });
  });

  it.each([
    ['standalone', false],
    ['cluster', true],
    ['', false],
    ['', true],
  ])('"%s" may be what the URL says (a Cluster: %s)', (mode, inCluster) =>
    expect(unfit(server('7.0.15', false, mode), inCluster)).toBeNull(),
  );
});

describe('advice', () => {
  const with_ = (evictionPolicy: string) => adviceFor({ version: '7.0.15', isReplica: false, mode: 'standalone', evictionPolicy });
  it.each(['noeviction', ''])('is not given on maxmemory-policy "%s"', (policy) => expect(with_(policy)).toBeNull());
  it.each(['allkeys-lru', 'volatile-ttl'])('is given on maxmemory-policy "%s"', (policy) => {
    expect(with_(policy)).toContain(`its maxmemory-policy is ${policy}: `);
    expect(with_(policy)).toContain('Set it to noeviction.');
  });
});

import { describe, expect, it } from 'vitest';
import type { RedisAccess, RedisPlace } from '../../../../../gateway/broker/redis/options.ts';
import { parseRedisUrl, showUrl } from '../../../../../gateway/broker/redis/place.ts';

const server = (host: string, port = 6379): RedisPlace => ({ kind: 'server', address: { host, port } });
const sentinels = (name: string, ...hosts: readonly (readonly [string, number])[]): RedisPlace => ({
  kind: 'sentinel',
  name,
  sentinels: hosts.map(([host, port]) => ({ host, port })),
});
const nodes = (...hosts: readonly (readonly [string, number])[]): RedisPlace => ({
  kind: 'cluster',
  nodes: hosts.map(([host, port]) => ({ host, port })),
});

describe('a URL of Redis', () => {
  const table: readonly (readonly [url: string, place: RedisPlace, access?: Partial<RedisAccess>])[] = [
    ['redis://localhost', server('localhost')],
    ['redis://localhost/', server('localhost')],
    ['REDIS://Redis_1.example:7000', server('Redis_1.example', 7000)],
    ['redis://10.0.0.1:1/15', server('10.0.0.1', 1), { database: 15 }],
    ['redis://[::1]', server('::1')],
    ['redis://[fe80::1]:65535/1', server('fe80::1', 65_535), { database: 1 }],
    ['rediss://r', server('r'), { tls: {} }],
    ['redis://:secret@r', server('r'), { password: 'secret' }],
    ['redis://chat@r', server('r'), { username: 'chat' }],
    ['redis://chat:secret@r', server('r'), { username: 'chat', password: 'secret' }],
    ['redis://c%40:p%2Fa%3As%40s%25%C3%A9:@r', server('r'), { username: 'c@', password: 'p/a:s@s%é:' }],
    ['redis://:@r', server('r')],
    ['redis+sentinel://a/chat', sentinels('chat', ['a', 26_379])],
    [
      'redis+sentinel://u:p@a:1,[::2],c/my.chat-1/3',
      sentinels('my.chat-1', ['a', 1], ['::2', 26_379], ['c', 26_379]),
      { username: 'u', password: 'p', database: 3 },
    ],
    ['rediss+sentinel://a/chat/', sentinels('chat', ['a', 26_379]), { tls: {} }],
    ['redis+cluster://a', nodes(['a', 6379])],
    ['redis+cluster://u:p@a:7000,b/', nodes(['a', 7000], ['b', 6379]), { username: 'u', password: 'p' }],
    ['rediss+cluster://[::1]:7,b', nodes(['::1', 7], ['b', 6379]), { tls: {} }],
  ];
  it.each(table.map(([url, place, access = {}]) => ({ url, place, access })))('$url', ({ url, place, access }) => {
    expect(parseRedisUrl(url)).toEqual({ kind: 'redis', place, access: { database: 0, tls: null, ...access } });
  });

  // URL / everything that is wrong
  const wrong: readonly (readonly [url: string, ...problems: (string | RegExp)[]])[] = [
    ['', /^"" is not the URL of a Redis; use "redis:\/\/host:6379\/0" \(one server\), .*; "rediss…" with TLS\.$/],
    ['localhost', '"localhost" has no scheme; write "redis://localhost".'],
    ['localhost:6379', '"localhost:6379" has no scheme; write "redis://localhost:6379".'],
    ['redis:localhost', /^"redis:localhost" is not the URL of a Redis; use /],
    [':pw@localhost:6379', /^":\*\*\*@localhost:6379" is not the URL of a Redis; use /],
    ['http://:pw@r:6379', '"http://:***@r:6379" is not the URL of a Redis; write "redis://:***@r:6379" if one answers there.'],
    ['kafka://r', /^"kafka:\/\/r" begins with "kafka:\/\/", which is not known; use /],
    ['valkey://r', '"valkey://r" begins with "valkey://"; write "redis://" instead.'],
    ['redis-sentinel://r/n', '"redis-sentinel://r/n" begins with "redis-sentinel://"; write "redis+sentinel://" instead.'],
    ['redis+tls://r', '"redis+tls://r" begins with "redis+tls://"; write "rediss://" instead.'],
    ['redis://', '"redis://" names no host; write one, such as "127.0.0.1".'],
    ['redis://:6379', '"redis://:6379" names no host before ":6379"; write one, such as "127.0.0.1".'],
    ['redis:///0', /names no host/],
    ['redis://:pw@', '"redis://:***@" names no host; write one, such as "127.0.0.1".'],
    ['redis://r:0', '"redis://r:0" has the port "0"; give a number from 1 to 65535.'],
    ['redis://r:65536', /has the port "65536"/],
    ['redis://r:', /has the port ""/],
    ['redis://r:6379x', /has the port "6379x"/],
    ['redis://r:-1', /has the port "-1"/],
    ['redis://::1', '"redis://::1" names the host "::1"; put an IPv6 address in brackets, such as "[::1]".'],
    ['redis://[::1', /names the host "\[::1"; write a name/],
    ['redis://[r]', /names the host "\[r\]"; write a name/],
    ['redis://two words', /names the host "two words"; write a name/],
    ['redis://r/x', '"redis://r/x" has the database "x"; give a number, such as "/0".'],
    ['redis://r/-1', /has the database "-1"/],
    ['redis://r/1/2', /has the database "1\/2"/],
    ['redis://r/65536', /has the database "65536"/],
    ['redis://r?password=pw', /^"redis:\/\/r\?\*\*\*" has a query; leave it out: .*setting\.$/],
    ['redis://r/0#pw', '"redis://r/0#***" has a fragment ("#…"); leave it out, or write "%23" for a "#" in a password.'],
    ['redis://:p/w@r', '"redis://:***@r" has a "/" before its "@"; write it as "%2F" in a user or a password.'],
    ['redis://:p#w@r', '"redis://:***@r" has a "#" before its "@"; write it as "%23" in a user or a password.'],
    ['redis://:p@w@r', '"redis://:***@r" has a "@" before its "@"; write it as "%40" in a user or a password.'],
    ['redis://:50%@r', '"redis://:***@r" has a "%" in its user or password that encodes nothing; write "%25" for a percent sign.'],
    ['redis://a,b', /^"redis:\/\/a,b" names 2 hosts; name one, or write "redis\+sentinel:\/\/"/],
    [
      'redis+sentinel://a',
      '"redis+sentinel://a" has no name of the primary; write it behind the Sentinels, as they call it, such as "/mymaster".',
    ],
    ['redis+sentinel://a//1', /has no name of the primary/],
    ['redis+sentinel://a/my master', /calls the primary "my master"; write letters/],
    ['redis+sentinel://a/m/x', /has the database "x"/],
    ['redis+cluster://a/1', '"redis+cluster://a/1" has "/1" behind the hosts; leave it out: a Cluster has no other database than 0.'],
    ['redis+cluster://a,', /names no host/],
    ['redis+cluster://a:0,:1/1', /has the port "0"/, /names no host before ":1"/, /has "\/1" behind/],
  ];
  it.each(wrong.map(([url, ...problems]) => ({ url, problems })))('$url is refused', ({ url, problems }) => {
    const parsed = parseRedisUrl(url);
    expect(parsed.kind === 'wrong' && parsed.problems).toEqual(
      problems.map((problem) => (typeof problem === 'string' ? problem : expect.stringMatching(problem))),
    );
    expect(JSON.stringify(parsed)).not.toMatch(/pw|p.w/);
  });
});

describe('a shown URL hides the password', () => {
  it.each([
    ['redis://r:6379/0', 'redis://r:6379/0'],
    ['redis://u@r', 'redis://u@r'],
    ['redis://u:hunter2@r', 'redis://u:***@r'],
    ['rediss+sentinel://u:hunter2@a:1,b:2/n', 'rediss+sentinel://u:***@a:1,b:2/n'],
    ['redis://:hunter@2:/@r', 'redis://:***@r'],
    ['redis://://hunter2@r', 'redis://:***@r'],
    ['redis://r?password=hunter@2', 'redis://r?***'],
    ['redis://:hunter\n2@r', 'redis://:***@r'],
    ['u:hunter2@r', 'u:***@r'],
    ['redis://r?password=hunter2', 'redis://r?***'],
    ['redis://r#hunter2', 'redis://r#***'],
    ['unix:/run/broker', 'unix:/run/broker'],
    ['memory:', 'memory:'],
  ])('%j', (url, want) => {
    expect(showUrl(url)).toBe(want);
  });
});

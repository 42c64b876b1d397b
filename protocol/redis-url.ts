/** Where Redis is and how to get in, as one URL says it; user and password are decoded. */
export interface RedisUrl {
  readonly kind: 'server' | 'sentinel' | 'cluster';
  /** One server, or some of the Sentinels or of the Cluster's nodes. */
  readonly hosts: readonly RedisHost[];
  /** What the Sentinels call the primary; empty elsewhere. */
  readonly name: string;
  readonly database: number;
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
}

export interface RedisHost {
  readonly host: string;
  readonly port: number;
}

/** A URL read, or everything that is wrong with it: each goes on after the URL, such as `names no host; write one`. */
export type RedisUrlRead =
  | { readonly kind: 'url'; readonly url: RedisUrl }
  | { readonly kind: 'wrong'; readonly problems: readonly [string, ...string[]] };

/** All forms, for people. */
export const REDIS_URL_FORMS =
  '"redis://host:6379/0" (one server), "redis+sentinel://host:26379,host/name" or "redis+cluster://host:6379,host"; "rediss…" with TLS';

const SCHEMES: ReadonlyMap<string, Pick<RedisUrl, 'kind' | 'tls'>> = new Map([
  ['redis', { kind: 'server', tls: false }],
  ['rediss', { kind: 'server', tls: true }],
  ['redis+sentinel', { kind: 'sentinel', tls: false }],
  ['rediss+sentinel', { kind: 'sentinel', tls: true }],
  ['redis+cluster', { kind: 'cluster', tls: false }],
  ['rediss+cluster', { kind: 'cluster', tls: true }],
]);

/** What people write who mean one of the schemes. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ['valkey', 'redis'],
  ['valkeys', 'rediss'],
  ['redis+tls', 'rediss'],
  ['redis+ssl', 'rediss'],
  ['redis-sentinel', 'redis+sentinel'],
  ['sentinel', 'redis+sentinel'],
  ['rediss-sentinel', 'rediss+sentinel'],
  ['redis-cluster', 'redis+cluster'],
  ['cluster', 'redis+cluster'],
  ['rediss-cluster', 'rediss+cluster'],
]);

const DEFAULT_PORT = { server: 6379, sentinel: 26_379, cluster: 6379 } as const;
const MAX_DATABASE = 65_535;

/** Whether a text is meant as such a URL, right or wrong. */
export function meansRedis(url: string): boolean {
  return /^(redis|valkey|rediss|valkeys|sentinel|cluster)([+-]\w*)?:|:\d+(\/\d*)?$/i.test(url);
}

/** The URL with its password hidden, and a query or fragment too, since it may hold one: for logs and messages. */
export function showUrl(url: string): string {
  // Up to the last "@": a password may hold one that somebody forgot to encode.
  return url.replace(/^(?:([\w+.-]*:\/\/)|(?![\w+.-]*:\/\/))([^:@/]*):(.+)@/s, '$1$2:***@').replace(/([?#]).+$/s, '$1***');
}

/** Reads a URL of one server, of Sentinels or of a Cluster, without or with TLS. */
export function readRedisUrl(text: string): RedisUrlRead {
  const [, written = '', rest = ''] = /^([\w+.-]+):\/\/(.*)$/s.exec(text) ?? [];
  const scheme = SCHEMES.get(written.toLowerCase());
  if (scheme === undefined) return { kind: 'wrong', problems: [schemeProblem(text, written.toLowerCase(), rest)] };
  const problems: string[] = [];
  const at = rest.lastIndexOf('@');
  const credentials = readCredentials(rest.slice(0, Math.max(0, at)), problems);
  const [, authority = '', path = '', extra = ''] = /^([^/?#]*)(?:\/([^?#]*))?(.*)$/s.exec(rest.slice(at + 1)) ?? [];
  if (extra.startsWith('?')) {
    problems.push(
      'has a query; leave it out: user and password stand before the host, a database behind it, and all else has its own setting',
    );
  } else if (extra !== '') {
    problems.push('has a fragment ("#…"); leave it out, or write "%23" for a "#" in a password');
  }
  const hosts = readHosts(authority, scheme.kind, problems);
  const { name, database } = readPath(path, scheme.kind, problems);
  const [first, ...others] = problems;
  if (first !== undefined) return { kind: 'wrong', problems: [first, ...others] };
  return { kind: 'url', url: { ...scheme, hosts, name, database, ...credentials } };
}

function schemeProblem(text: string, scheme: string, rest: string): string {
  const meant = MEANT.get(scheme);
  if (meant !== undefined) return `begins with "${scheme}://"; write "${meant}://" instead`;
  if (/^(https?|wss?|tcp)$/.test(scheme))
    return `is not the URL of a Redis; write "redis://${showUrl(`redis://${rest}`).slice('redis://'.length)}" if one answers there`;
  if (scheme !== '') return `begins with "${scheme}://", which is not known; use ${REDIS_URL_FORMS}`;
  if (/^[\w.-]+:\d+$/.test(text) || /^[\w.-]+$/.test(text)) return `has no scheme; write "redis://${text}"`;
  return `is not the URL of a Redis; use ${REDIS_URL_FORMS}`;
}

function readCredentials(text: string, problems: string[]): Pick<RedisUrl, 'username' | 'password'> {
  const raw = /[/?#@]/.exec(text)?.[0];
  if (raw !== undefined) {
    problems.push(`has a "${raw}" before its "@"; write it as "${encodeURIComponent(raw)}" in a user or a password`);
    return {};
  }
  const colon = text.indexOf(':');
  try {
    const username = decodeURIComponent(colon < 0 ? text : text.slice(0, colon));
    const password = colon < 0 ? '' : decodeURIComponent(text.slice(colon + 1));
    return { ...(username !== '' && { username }), ...(password !== '' && { password }) };
  } catch {
    problems.push('has a "%" in its user or password that encodes nothing; write "%25" for a percent sign');
    return {};
  }
}

function readHosts(authority: string, kind: RedisUrl['kind'], problems: string[]): RedisHost[] {
  const written = authority.split(',');
  if (kind === 'server' && written.length > 1) {
    problems.push(
      `names ${written.length} hosts; name one, or write "redis+sentinel://" for Sentinels and "redis+cluster://" for the nodes of a Cluster`,
    );
    return [];
  }
  const hosts: RedisHost[] = [];
  for (const text of written) {
    const host = readHost(text, DEFAULT_PORT[kind]);
    if (typeof host === 'string') problems.push(host);
    else hosts.push(host);
  }
  return hosts;
}

/** A host with its port, or what is wrong with it. */
function readHost(text: string, defaultPort: number): RedisHost | string {
  if (text.split(':').length > 2 && !text.startsWith('['))
    return `names the host "${text}"; put an IPv6 address in brackets, such as "[::1]"`;
  const [, v6, name = '', port] = /^(?:\[([\da-f:.]+)\]|([^:[\]]*))(?::(.*))?$/is.exec(text) ?? [];
  const host = v6 ?? name;
  if (host === '' && (text === '' || text.startsWith(':')))
    return `names no host${text === '' ? '' : ` before "${text}"`}; write one, such as "127.0.0.1"`;
  if (v6 === undefined && !/^[\w.-]+$/.test(host))
    return `names the host "${text}"; write a name, an IPv4 address, or an IPv6 address in brackets`;
  if (port === undefined) return { host, port: defaultPort };
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (number >= 1 && number <= 65_535) return { host, port: number };
  return `has the port "${port}"; give a number from 1 to 65535`;
}

function readPath(path: string, kind: RedisUrl['kind'], problems: string[]): Pick<RedisUrl, 'name' | 'database'> {
  if (kind === 'server') return { name: '', database: readDatabase(path, problems) };
  if (kind === 'cluster') {
    if (path !== '') problems.push(`has "/${path}" behind the hosts; leave it out: a Cluster has no other database than 0`);
    return { name: '', database: 0 };
  }
  const [name = '', ...rest] = path.split('/');
  if (name === '') problems.push('has no name of the primary; write it behind the Sentinels, as they call it, such as "/mymaster"');
  else if (!/^[\w.-]+$/.test(name)) problems.push(`calls the primary "${name}"; write letters, digits and the characters ".-_"`);
  return { name, database: readDatabase(rest.join('/'), problems) };
}

function readDatabase(text: string, problems: string[]): number {
  const database = /^\d{0,5}$/.test(text) ? Number(text) : Number.NaN;
  if (database <= MAX_DATABASE) return database;
  problems.push(`has the database "${text}"; give a number, such as "/0"`);
  return 0;
}

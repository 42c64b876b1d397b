import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BrokerUnavailable } from '../../../gateway/broker/broker.ts';
import type { RedisAccess, RedisOptions } from '../../../gateway/broker/redis/options.ts';
import { type BrokerTelemetry, newBrokerTelemetry } from '../../../gateway/broker/telemetry.ts';
import { ids, listen, message, publishAll } from '../../contract/broker/build.ts';
import { RedisServer } from '../../servers/redis/server.ts';
import { Gateways, historyOf, placeOf, RecordingLog } from './world.ts';

const OPEN: RedisAccess = { database: 0, tls: null };
let plain: RedisServer;
let secured: RedisServer;
let replica: RedisServer;
const gateways = new Set<Gateways>();
beforeAll(async () => {
  plain = await RedisServer.start();
  secured = await RedisServer.start({ tls: true, password: 'sesame', users: ['gateway on >s%:@/ ~* &* +@all'] });
  replica = await RedisServer.start({ config: { replicaof: `${plain.host} ${plain.port}` } });
});
afterAll(async () => {
  for (const server of [replica, secured, plain]) await server.stop();
});
afterEach(async () => {
  for (const one of gateways) await one.close();
  gateways.clear();
});

function at(server: RedisServer, access: Partial<RedisAccess> = {}, more: Partial<RedisOptions> = {}): Gateways {
  const found = placeOf(server);
  const made = new Gateways({ place: found.place, access: { ...found.access, ...access } }, more);
  gateways.add(made);
  return made;
}

/** Why a broker could not be opened. */
interface Refusal {
  readonly error: unknown;
  readonly lines: readonly string[];
  readonly failures: BrokerTelemetry['failures'];
}

/** Opens until it fails by itself, or until something was logged. */
async function refused(there: Gateways): Promise<Refusal> {
  gateways.add(there);
  const recording = new RecordingLog();
  const telemetry = newBrokerTelemetry();
  const abort = new AbortController();
  const opening = there.open({ log: recording.log, telemetry }, abort.signal).then(
    () => 'opened',
    (error: unknown) => error,
  );
  const first = await Promise.race([opening.then(() => null), recording.until(/^warn /)]);
  // What fails for good does so in the same turn.
  await new Promise((resolve) => setImmediate(resolve));
  if (first !== null) abort.abort();
  return { error: await opening, lines: recording.lines, failures: telemetry.failures };
}

describe('a Redis that never will answer is told of at once, in one line', () => {
  const wrong = 'It refuses the user name or password: correct them in the URL, or in CHATCLUSTER_REDIS_PASSWORD.';
  const cases = [
    { name: 'a wrong password', there: () => at(secured, { password: 'wrong' }), kind: 'password', text: wrong },
    {
      name: 'no password where one is needed',
      there: () => new Gateways({ place: placeOf(secured).place, access: { database: 0, tls: placeOf(secured).access.tls } }),
      kind: 'password',
      text: wrong,
    },
    { name: 'an unknown user', there: () => at(secured, { username: 'nobody', password: 'sesame' }), kind: 'password', text: wrong },
    {
      name: 'a logical database that there is not',
      there: () => at(plain, { database: 99 }),
      kind: 'other',
      text: 'It has no such logical database: correct the number in the URL (a Cluster has only 0), or raise its setting databases.',
    },
    {
      name: 'one server that is to be a Cluster',
      there: () => new Gateways({ place: { kind: 'cluster', nodes: [{ host: plain.host, port: plain.port }] }, access: OPEN }),
      kind: 'other',
      text: 'It is no node of a Redis Cluster: let the URL begin with "redis://" ("rediss://" with TLS).',
    },
  ] as const;
  it.each(cases)('$name', async ({ there, kind, text }) => {
    const { error, lines, failures } = await refused(there());
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(BrokerUnavailable);
    expect((error as Error).message).toMatch(/^Redis at 127\.0\.0\.1:\d+: /);
    expect((error as Error).message.replace(/^Redis at \S+ /, '')).toBe(text);
    expect(lines).toEqual([`warn ${(error as Error).message}`]);
    expect(failures).toEqual(new Map([[kind, 1]]));
  });

  it('a version that is too old', async () => {
    const old = await fakeServer('6.2.14');
    try {
      const place = { kind: 'server', address: { host: '127.0.0.1', port: old.port } } as const;
      const { error, failures } = await refused(new Gateways({ place, access: OPEN }));
      expect(error).not.toBeInstanceOf(BrokerUnavailable);
      expect(String(error)).toMatch(/: Its version is 6\.2\.14; Redis 7\.0, or any Valkey, is needed: upgrade it\.$/);
      expect(failures).toEqual(new Map([['version', 1]]));
    } finally {
      await old.stop();
    }
  });
});

describe('a Redis that may answer later is waited for, with one line that says why', () => {
  const cases = [
    {
      name: 'nothing listens there',
      there: () => new Gateways({ place: { kind: 'server', address: { host: '127.0.0.1', port: 1 } }, access: OPEN }),
      kind: 'connection',
      text: 'Nothing listens there: start it, or correct the URL.',
    },
    {
      name: 'a replica',
      there: () => at(replica),
      kind: 'read-only',
      text: 'It is a read-only replica: give the primary, its Sentinels (redis+sentinel://) or the Cluster (redis+cluster://).',
    },
    {
      name: 'a certificate of an unknown authority',
      there: () => at(secured, { tls: {} }),
      kind: 'connection',
      text: 'Its certificate is refused (self-signed certificate): is its authority in CHATCLUSTER_REDIS_CA_FILE, and its name in the URL?',
    },
    {
      name: 'TLS where none is spoken',
      there: () => at(secured, { tls: null }),
      kind: 'connection',
      text: 'It broke off the connection; one that never answers may want TLS (rediss://).',
    },
    {
      name: 'no Sentinels',
      there: () => new Gateways({ place: { kind: 'sentinel', name: 'chat', sentinels: [{ host: '127.0.0.1', port: 1 }] }, access: OPEN }),
      kind: 'connection',
      text: /^No Sentinel names the primary \(.*\): are their addresses and its name right\?$/,
    },
  ] as const;
  it.each(cases)('$name', async ({ there, kind, text }) => {
    const { error, lines, failures } = await refused(there());
    expect(error).toBeInstanceOf(BrokerUnavailable);
    const line = (error as Error).message.replace(/^Redis at \S+ /, '');
    if (typeof text === 'string') expect(line).toBe(text);
    else expect(line).toMatch(text);
    expect(lines).toEqual([`warn ${(error as Error).message}`]);
    expect([...failures.keys()]).toEqual([kind]);
  });

  it('a replica that becomes the primary is taken', async () => {
    const server = await RedisServer.start({ config: { replicaof: `${plain.host} ${plain.port}` } });
    try {
      const recording = new RecordingLog();
      const opening = at(server).open({ log: recording.log });
      await recording.until(/read-only replica/);
      await server.command('REPLICAOF', 'NO', 'ONE');
      const { broker } = await opening;
      await broker.publish('room', message('m1'));
      await broker.close();
    } finally {
      await server.stop();
    }
  });

  it('a server that starts late is taken', async () => {
    const server = await RedisServer.start();
    try {
      await server.kill9();
      const recording = new RecordingLog();
      const opening = at(server).open({ log: recording.log });
      await recording.until(/Nothing listens there/);
      await server.restart();
      const { broker } = await opening;
      await broker.publish('room', message('m1'));
      await broker.close();
    } finally {
      await server.stop();
    }
  });
});

describe('a Redis with TLS and a user', () => {
  it('serves the whole of a broker', async () => {
    const there = at(secured, { username: 'gateway', password: 's%:@/' });
    const [a, b] = [await there.open(), await there.open()];
    const listener = await listen(b.broker, 'room');
    await publishAll(a.broker, 'room', ids('m', 20));
    await listener.until(({ messages }) => messages.length >= 20);
    expect(listener.ids).toEqual(ids('m', 20));
    const { version } = await a.broker.join('room', { member: 'ann', connection: 'c1' }, 30_000);
    expect(await b.broker.presence('room')).toEqual({ version, members: [{ member: 'ann' }] });
  });
});

describe('gateways of different ChatClusters on one Redis', () => {
  const strange = 'a b%}é:"\n\\*[x]?\u0000:';
  const cases = [
    { name: 'with different prefixes', one: { keyPrefix: 'one:' }, other: { keyPrefix: 'other:' } },
    {
      name: 'with a prefix of unusual characters and one that begins the same',
      one: { keyPrefix: strange },
      other: { keyPrefix: `${strange}2` },
    },
    { name: 'without a prefix and with one', one: { keyPrefix: '' }, other: { keyPrefix: 'x' } },
    { name: 'in different logical databases', one: { keyPrefix: 'db:' }, other: { keyPrefix: 'db:', database: 3 } },
    {
      name: 'in different logical databases, none of them the first',
      one: { keyPrefix: 'db:', database: 2 },
      other: { keyPrefix: 'db:', database: 3 },
    },
  ];
  it.each(cases)('$name do not see each other', async ({ one, other }) => {
    await plain.command('FLUSHALL');
    const sides = [];
    for (const { keyPrefix, database = 0 } of [one, other] as readonly { keyPrefix: string; database?: number }[]) {
      const there = at(plain, { database }, { keyPrefix });
      const [a, b] = [(await there.open()).broker, (await there.open()).broker];
      sides.push({ keyPrefix, a, listener: await listen(b, 'room') });
    }
    for (const { keyPrefix, a } of sides) {
      await publishAll(a, 'room', ids(keyPrefix, 3));
      await a.join('room', { member: keyPrefix, connection: 'c1' }, 30_000);
      a.sendEvent('room', { member: 'ann', name: keyPrefix });
    }
    for (const { keyPrefix, a, listener } of sides) {
      await listener.until(({ events, messages, changes }) => events.length + messages.length + changes.length >= 5);
      // What others said would have been heard by now: all of it was said before the last of ours was heard, or this comes behind it.
      a.sendEvent('room', { member: 'ann', name: 'last' });
      await listener.until(({ events }) => events.some(({ name }) => name === 'last'));
      expect(listener.ids).toEqual(ids(keyPrefix, 3));
      expect(listener.whoCameAndWent).toEqual([`join ${keyPrefix}`]);
      expect(listener.events.map(({ name }) => name)).toEqual([keyPrefix, 'last']);
      expect(await historyOf(a, 'room')).toEqual(ids(keyPrefix, 3));
      expect((await a.presence('room')).members).toEqual([{ member: keyPrefix }]);
    }
  });

  it('keep all their keys under their prefix', async () => {
    await plain.command('FLUSHALL');
    const { broker } = await at(plain, {}, { keyPrefix: 'mine:' }).open();
    await broker.publish('room', message('m1'));
    await broker.join('room', { member: 'ann', connection: 'c1' }, 30_000);
    expect(((await plain.command('KEYS', '*')) as string[]).toSorted()).toEqual(['mine:{room}', 'mine:{room}:presence']);
  });

  it('keep all their keys in their logical database', async () => {
    await plain.command('FLUSHALL');
    const { broker } = await at(plain, { database: 5 }).open();
    await broker.publish('room', message('m1'));
    await plain.command('CLIENT', 'KILL', 'TYPE', 'normal');
    await broker.publish('room', message('m2'));
    expect(Object.keys(await plain.info('keyspace'))).toEqual(['db5']);
  });
});

describe('a logical database that is no longer there', () => {
  it('is waited for, and nothing goes to another one', async () => {
    const server = await RedisServer.start();
    try {
      const { broker, becomes, log } = await at(server, { database: 5 }).open({ limits: { maxReconnectMs: 200, publishTimeoutMs: 300 } });
      await broker.publish('room', message('m1'));
      await server.kill9();
      await becomes('degraded');
      appendFileSync(join(server.folder, 'redis.conf'), 'databases 2\n');
      await server.restart();
      await log.until(/no such logical database/);
      await expect(broker.publish('room', message('m2'))).rejects.toThrow(BrokerUnavailable);
      expect(await server.info('keyspace')).toEqual({});
    } finally {
      await server.stop();
    }
  });
});

/** Something that speaks just enough to say that it is a Redis of this version. */
async function fakeServer(version: string): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      for (const command of data.toString().match(/\*\d+\r\n(\$\d+\r\n[^*]*?\r\n)+/g) ?? []) {
        const name = command.split('\r\n')[2]?.toLowerCase();
        const info = `redis_version:${version}\r\nredis_mode:standalone\r\nrole:master\r\n`;
        socket.write(name === 'info' ? `$${info.length}\r\n${info}\r\n` : `-ERR unknown command '${name?.toUpperCase()}'\r\n`);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    server.close();
    await once(server, 'close');
  };
  return { port: (server.address() as AddressInfo).port, stop };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Redis } from 'ioredis';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { faketimePath, redisServerPath } from '../servers/install.ts';
import { isAlive } from '../servers/leftovers.ts';
import { ClusterServers } from '../servers/redis/cluster.ts';
import type { Persistence } from '../servers/redis/config.ts';
import type { Namespace } from '../servers/redis/namespace.ts';
import { Namespaces } from '../servers/redis/namespaces.ts';
import { TcpProxy } from '../servers/redis/proxy.ts';
import { SentinelServers } from '../servers/redis/sentinel.ts';
import { RedisServer, type ServerOptions } from '../servers/redis/server.ts';
import { until } from '../servers/until.ts';

const INSTALL_MS = 300_000;
const FOLDER = new URL('../servers/redis/', import.meta.url);

/** Stopped with the test, however it ends. */
function stopping<T extends { stop(): Promise<void> }>(started: T): T {
  onTestFinished(() => started.stop());
  return started;
}

async function start(options: ServerOptions = {}): Promise<RedisServer> {
  return stopping(await RedisServer.start(options));
}

let whyNoNamespaces: string | undefined;

beforeAll(async () => {
  await redisServerPath();
  await faketimePath();
  whyNoNamespaces = await Namespaces.whyNot();
}, INSTALL_MS);

describe('one server', () => {
  it.each<{ persistence: Persistence; kept: string | null }>([
    { persistence: 'none', kept: null },
    { persistence: 'aof-always', kept: 'written' },
    // The snapshot is from before the write.
    { persistence: 'rdb', kept: 'saved' },
  ])('killed and restarted with persistence $persistence, it has $kept', async ({ persistence, kept }) => {
    const server = await start({ persistence });
    await server.command('SET', 'key', 'saved');
    if (persistence === 'rdb') await server.command('SAVE');
    await server.command('SET', 'key', 'written');
    await server.kill9();
    expect(server.running).toBe(false);
    await server.restart();
    expect(await server.command('GET', 'key')).toBe(kept);
  });

  it('keeps all when it is restarted with its log written every second', async () => {
    const server = await start({ persistence: 'aof-everysec' });
    await server.command('SET', 'key', 'written');
    await server.restart();
    expect(await server.command('GET', 'key')).toBe('written');
  });

  it('says why it does not start, with its log, and leaves no folder', async () => {
    const failing = RedisServer.start({ config: { nonsense: 'yes' } });
    await expect(failing).rejects.toThrow(/did not start: exit code 1\. Its log:[\s\S]*'nonsense yes'/);
  });

  it('answers nothing while it is paused, and all when it goes on', async () => {
    const server = await start();
    server.pause();
    const answer = server.command('PING').then(() => 'answered');
    const probe = new Redis({ ...server.connection, lazyConnect: true, retryStrategy: () => null, commandTimeout: 200 });
    onTestFinished(() => probe.disconnect());
    probe.on('error', () => {});
    await expect(probe.ping()).rejects.toThrow('Command timed out');
    server.resume();
    expect(await answer).toBe('answered');
  });

  it('moves its wall clock forward while it serves, so that keys expire', async () => {
    const server = await start({ movableClock: true });
    await server.command('SET', 'short', 1, 'PX', 10_000);
    await server.command('SET', 'long', 1, 'PX', 100_000);
    server.advance(60_000);
    expect(await server.command('GET', 'short')).toBeNull();
    expect(Number(await server.command('PTTL', 'long'))).toBeLessThanOrEqual(40_000);
    const [seconds] = (await server.command('TIME')) as [string];
    expect(Number(seconds) - Date.now() / 1_000).toBeGreaterThan(58);
  });

  it('takes TLS, the password and the users it was given, and no others', async () => {
    const server = await start({ tls: true, password: 'right', users: ['gateway on >secret ~chat:* &chat:* +@all'] });
    expect(await server.command('PING')).toBe('PONG');
    const withUser = async (username: string, password: string) => {
      const client = new Redis({ ...server.connection, username, password, lazyConnect: true, retryStrategy: () => null });
      client.on('error', () => {});
      try {
        await client.connect();
        return await client.set('chat:key', 'value');
      } finally {
        client.disconnect();
      }
    };
    expect(await withUser('gateway', 'secret')).toBe('OK');
    await expect(withUser('gateway', 'wrong')).rejects.toThrow();
    await expect(withUser('default', 'wrong')).rejects.toThrow();
  });
});

describe('a proxy before a server', () => {
  it('delays, holds back, refuses and heals', async () => {
    const server = await start();
    const proxy = stopping(await TcpProxy.start(server));
    const client = new Redis({ host: proxy.host, port: proxy.port, retryStrategy: () => 20, maxRetriesPerRequest: null });
    onTestFinished(() => client.disconnect());
    const errors: string[] = [];
    client.on('error', (error) => errors.push(String(error)));
    expect(await client.set('key', 'value')).toBe('OK');

    proxy.delay(50);
    const asked = performance.now();
    await client.ping();
    expect(performance.now() - asked).toBeGreaterThan(95);

    proxy.stall();
    let answered = false;
    const late = client.get('key').then((value) => {
      answered = true;
      return value;
    });
    await server.command('PING');
    expect({ answered, connections: proxy.connections }).toEqual({ answered: false, connections: 1 });
    await proxy.heal();
    expect(await late).toBe('value');

    proxy.cut();
    await until('the client is refused', 5_000, async () => errors.find((error) => error.includes('ECONNREFUSED')));
    await proxy.heal();
    expect(await client.get('key')).toBe('value');
  });
});

describe('Sentinel', () => {
  it('makes another the primary, by command and when the primary is killed, and the old one follows', async () => {
    const servers = stopping(await SentinelServers.start({ downAfterMs: 500 }));
    const first = await servers.primary();
    expect(first).toBe(servers.nodes[0]);
    const second = await servers.failover();
    expect(second).not.toBe(first);
    await servers.untilHealthy();
    expect(await second.commands(['SET', 'key', 'value'], ['WAIT', 2, 5_000])).toEqual(['OK', 2]);
    await second.kill9();
    const third = await servers.untilPrimaryIsNot(second);
    await second.restart();
    await servers.untilHealthy();
    expect(await Promise.all([third, second].map((node) => node.command('GET', 'key')))).toEqual(['value', 'value']);
  });

  it('a clock that jumps fails nothing over', async () => {
    const servers = stopping(await SentinelServers.start({ replicas: 1, movableClock: true }));
    const [primary, replica] = servers.nodes;
    expect(await primary?.commands(['SET', 'key', 'value', 'EX', 3_600], ['WAIT', 1, 5_000])).toEqual(['OK', 1]);
    servers.advance(86_400_000);
    expect(await primary?.command('EXISTS', 'key')).toBe(0);
    expect(await replica?.command('EXISTS', 'key')).toBe(0);
    await servers.untilHealthy();
    expect(await servers.primary()).toBe(primary);
  });

  it('a primary cut off from the others still serves its clients, and loses that tail when it comes back', async ({ skip }) => {
    if (whyNoNamespaces !== undefined) skip(whyNoNamespaces);
    const namespaces = stopping(await Namespaces.make());
    const made: Namespace[] = [];
    const place = async (name: string) => {
      const namespace = await namespaces.add(name);
      made.push(namespace);
      return namespace;
    };
    const servers = stopping(await SentinelServers.start({ place, downAfterMs: 500 }));
    const old = await servers.primary();
    expect(await old.commands(['SET', 'key', 'kept'], ['WAIT', 2, 5_000])).toEqual(['OK', 2]);

    const [own, ...others] = made;
    await own?.cut(others.map(({ address }) => address));
    await old.command('SET', 'key', 'tail');
    const next = await servers.untilPrimaryIsNot(old);
    expect(await Promise.all([old, next].map((node) => node.command('GET', 'key')))).toEqual(['tail', 'kept']);
    await own?.heal();
    await servers.untilHealthy();
    expect(await old.command('GET', 'key')).toBe('kept');
  });
});

describe('Cluster', () => {
  it('moves a slot with its keys, fails over by command and by a kill, and heals', async () => {
    const servers = stopping(await ClusterServers.start());
    const [, to] = servers.nodes;
    const slot = 0;
    const from = await servers.ownerOf(slot);
    if (to === undefined) throw new Error('The Cluster has no second node.');
    // Its slot is 0.
    const tag = '{3560}';
    expect(await from.command('CLUSTER', 'KEYSLOT', tag)).toBe(slot);
    await from.commands(...Array.from({ length: 120 }, (_, at) => ['SET', `${tag}${at}`, at]));
    await servers.migrateSlot(slot, to, async () => {
      await expect(from.command('GET', `${tag}none`)).rejects.toThrow(`ASK ${slot} ${to.host}:${to.port}`);
    });
    expect(await servers.ownerOf(slot)).toBe(to);
    expect(await to.command('CLUSTER', 'COUNTKEYSINSLOT', slot)).toBe(120);
    expect(await to.commands(['SET', `${tag}7`, 'seven'], ['WAIT', 1, 5_000])).toEqual(['OK', 1]);

    const second = await servers.failover(to);
    expect(await servers.ownerOf(slot)).toBe(second);
    await servers.untilHealthy();
    await second.kill9();
    const third = await servers.untilOwnerIsNot(slot, second);
    expect(await third.command('GET', `${tag}7`)).toBe('seven');
    await second.restart();
    await servers.untilHealthy();
    expect((await servers.shards()).map(({ replicas }) => replicas.length)).toEqual([1, 1, 1]);
  });

  it('a clock that jumps fails nothing over', async () => {
    const servers = stopping(await ClusterServers.start({ primaries: 2, replicas: 1, movableClock: true }));
    const owner = await servers.ownerOf(0);
    const before = await servers.shards();
    await owner.command('SET', '{3560}', 'value', 'EX', 3_600);
    servers.advance(86_400_000);
    expect(await owner.command('EXISTS', '{3560}')).toBe(0);
    await servers.untilHealthy();
    expect(await servers.shards()).toEqual(before);
  });
});

describe('nothing is left', () => {
  it('of a process that exits or is killed: no server, no folder', async () => {
    for (const end of ['process.exit()', "process.kill(process.pid, 'SIGKILL')"]) {
      const script = `
        import { RedisServer } from '${new URL('server.ts', FOLDER)}';
        const server = await RedisServer.start({ movableClock: true });
        process.stdout.write(server.pid + ' ' + server.folder, () => ${end});
      `;
      const [pid = '', folder = ''] = (await run(script)).split(' ');
      await until(`the server ${pid} has ended`, 5_000, async () => (isAlive(Number(pid)) ? undefined : true));
      if (end === 'process.exit()') expect(existsSync(folder)).toBe(false);
    }
  });

  it('of a run that was killed: the next one removes its namespaces', async ({ skip }) => {
    if (whyNoNamespaces !== undefined) skip(whyNoNamespaces);
    const script = `
      import { Namespaces } from '${new URL('namespaces.ts', FOLDER)}';
      const { name } = await (await Namespaces.make()).add('left');
      process.stdout.write(name, () => process.kill(process.pid, 'SIGKILL'));
    `;
    const left = `/run/netns/${await run(script)}`;
    expect(existsSync(left)).toBe(true);
    stopping(await Namespaces.make());
    expect(existsSync(left)).toBe(false);
  });
});

/** Runs a script in a process of its own to its end, and answers what it printed. */
async function run(script: string): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  await once(child, 'close');
  return output;
}

import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChatClient } from '../../client/index.ts';
import type { ClusterStatus } from '../../operator/status/status.ts';
import { CliProcess, runCli } from '../fakes/cli-process.ts';
import { freePort } from '../servers/ports.ts';
import { RedisServer } from '../servers/redis/server.ts';

const PATIENCE = { timeout: 15_000, interval: 50 };
const PASSWORD = 'hunter2%/@:';
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
let file: string;
const running: CliProcess[] = [];
const servers: RedisServer[] = [];
const clients: ChatClient[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chatcluster-test-'));
  file = join(folder, 'cluster.yaml');
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const cli of running.splice(0)) {
    cli.kill('SIGKILL');
    await cli.ended;
  }
  for (const server of servers.splice(0)) await server.stop();
  rmSync(folder, { recursive: true });
});

async function redis(password?: string): Promise<RedisServer> {
  const server = await RedisServer.start(password === undefined ? {} : { password });
  servers.push(server);
  return server;
}

const urlOf = ({ host, port }: RedisServer) => `redis://${host}:${port}`;
const write = (spec: string) =>
  writeFileSync(
    file,
    `apiVersion: chatcluster.io/v1alpha1\nkind: ChatCluster\nmetadata: {name: t}\nspec:\n  scaling: {minReplicas: 2, maxReplicas: 4}\n${spec}`,
  );

/** `up` with a file that says this; resolves when it listens. */
async function up(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  spec = '',
): Promise<{ readonly cli: CliProcess; readonly url: string }> {
  write(spec);
  const cli = new CliProcess(['up', '-f', file, '--port', '0', ...args], { env: { TMPDIR: folder, ...env } });
  running.push(cli);
  const [, url = ''] = await cli.until(/Dashboard +(http:\/\/[\d.:]+)\/dashboard/);
  return { cli, url };
}

async function gatewaysOf(url: string): Promise<ClusterStatus['gateways']> {
  const response = await fetch(`${url}/api/status`);
  return response.ok ? ((await response.json()) as ClusterStatus).gateways : [];
}

/** The gateways, once these are ready and none else is there. */
const ready = (url: string, names: readonly string[]) =>
  vi.waitFor(
    async () => {
      const gateways = await gatewaysOf(url);
      expect(gateways.map(({ name, state }) => `${name} ${state}`)).toEqual(names.map((name) => `${name} ready`));
      return gateways;
    },
    { ...PATIENCE, timeout: 40_000 },
  );

interface Listener {
  readonly client: ChatClient;
  /** What it was told, in order. */
  readonly heard: unknown[];
}

async function listener(url: string): Promise<Listener> {
  const client = new ChatClient({ url });
  clients.push(client);
  const heard: unknown[] = [];
  const room = client.channel('room');
  room.on('message', ({ data }) => heard.push(data));
  room.on('gap', (gap) => heard.push(gap));
  client.connect();
  await room.subscribe();
  return { client, heard };
}

describe('chatcluster up --redis', () => {
  it('lets gateways meet at it, and nobody misses anything when one of them is killed', async () => {
    const server = await redis(PASSWORD);
    const { cli, url } = await up(['--redis', urlOf(server)], { CHATCLUSTER_REDIS_PASSWORD: PASSWORD });
    expect(cli.stdout).toContain(`Broker     ${urlOf(server)} (keys t:*, durability acknowledged)\n`);
    await ready(url, ['t-1', 't-2']);
    const [ada, ben] = [await listener(url), await listener(url)];
    const gateways = await vi.waitFor(async () => {
      const found = await gatewaysOf(url);
      expect(found.map(({ connections }) => connections)).toEqual([1, 1]);
      return found;
    }, PATIENCE);
    // What a gateway's command line says, everybody on the machine may read.
    for (const { pid } of gateways) expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(PASSWORD);

    const want: number[] = [];
    const say = async (by: Listener, count: number) => {
      for (let i = 0; i < count; i++) {
        want.push(want.length);
        await by.client.channel('room').publish(want.length - 1);
      }
    };
    await say(ada, 10);
    await say(ben, 10);
    process.kill(gateways[0]?.pid ?? 0, 'SIGKILL');
    await say(ada, 10);
    await say(ben, 10);
    await ready(url, ['t-2', 't-3']);
    await say(ada, 10);
    await vi.waitFor(() => expect([ada.heard, ben.heard]).toEqual([want, want]), PATIENCE);

    const keys = (await server.command('KEYS', '*')) as readonly string[];
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.filter((key) => !key.startsWith('t:'))).toEqual([]);
    cli.kill('SIGINT');
    expect(await cli.ended).toMatchObject({ code: 0, stderr: '' });
    expect(cli.stdout).not.toContain(PASSWORD);
  });

  it('takes it from the file too, rolls out what gateways do there, and stays where it is when another does not answer', async () => {
    const server = await redis();
    const { cli, url } = await up([], {}, `  broker: {url: "${urlOf(server)}/3", keyPrefix: "live:"}\n`);
    await ready(url, ['t-1', 't-2']);
    const ada = await listener(url);
    await ada.client.channel('room').publish('stored');
    const inDatabase = async () => (await server.info('keyspace')).db3;
    expect(await inDatabase()).toMatch(/^keys=[1-9]/);

    write(`  broker: {url: "redis://127.0.0.1:${await freePort()}"}\n`);
    await cli.until(/The edit is not applied.*\n.*Redis at 127\.0\.0\.1:\d+: Nothing listens there/);
    expect((await gatewaysOf(url)).map(({ name }) => name)).toEqual(['t-1', 't-2']);

    write(`  broker: {url: "${urlOf(server)}/3", keyPrefix: "live:"}\n  history: {maxMessages: 7}\n`);
    await cli.until(/the edit is applied: gateways get new settings by a rollout\n/);
    await ready(url, ['t-3', 't-4']);
    await ada.client.channel('room').publish('after the rollout');
    await vi.waitFor(() => expect(ada.heard).toEqual(['stored', 'after the rollout']), PATIENCE);
  });

  it('goes back to the embedded broker when the file names no Redis any more', async () => {
    const server = await redis();
    const { cli, url } = await up([], {}, `  broker: {url: "${urlOf(server)}"}\n`);
    await ready(url, ['t-1', 't-2']);
    write('');
    await cli.until(/by a rollout, and meet at another broker: embedded in this process\n/);
    await ready(url, ['t-3', 't-4']);
    await server.stop();
    const ada = await listener(url);
    await ada.client.channel('room').publish('hello');
    await vi.waitFor(() => expect(ada.heard).toEqual(['hello']), PATIENCE);
  });
});

describe('chatcluster up --redis, when it can not', () => {
  it.each([
    ['a wrong password', 'falsch'],
    ['no password where one is needed', ''],
  ])('says in one line that it has %s', async (_, password) => {
    const server = await redis(PASSWORD);
    write('');
    const ended = await runCli(['up', '-f', file, '--port', '0', '--redis', urlOf(server)], {
      env: { CHATCLUSTER_REDIS_PASSWORD: password },
    });
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toMatch(
      new RegExp(`^Redis at 127\\.0\\.0\\.1:${server.port}: It refuses the user name or password: correct them.*\n$`),
    );
  });

  it('says in one line that nothing listens there', async () => {
    write('');
    const port = await freePort();
    const ended = await runCli(['up', '-f', file, '--port', '0', '--redis', `redis://127.0.0.1:${port}`], { env: { TMPDIR: folder } });
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toBe(`Redis at 127.0.0.1:${port}: Nothing listens there: start it, or correct the URL.\n`);
  });

  it('stops at Ctrl-C while it waits for an answer', async () => {
    const silent = createServer();
    const asked = once(silent, 'connection');
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    try {
      write('');
      const { port } = silent.address() as AddressInfo;
      const cli = new CliProcess(['up', '-f', file, '--port', '0', '--redis', `redis://127.0.0.1:${port}`], { env: { TMPDIR: folder } });
      running.push(cli);
      const [socket] = (await asked) as [Socket];
      cli.kill('SIGINT');
      expect(await cli.ended).toMatchObject({ code: 0, stderr: '' });
      socket.destroy();
    } finally {
      silent.close();
    }
  });

  it.each([
    [
      'a URL of something else',
      ['--redis', 'http://localhost:6379'],
      '--redis: "http://localhost:6379" is not the URL of a Redis; write "redis://localhost:6379" if one answers there.',
    ],
    [
      'a password for everybody to see',
      ['--redis', 'redis://:hunter2@r'],
      '--redis: "redis://:***@r" shows its password in the list of processes; give that in CHATCLUSTER_REDIS_PASSWORD.',
    ],
    [
      'replicas of no Redis',
      ['--durability', 'replicated'],
      '--durability replicated needs a Redis; name one with --redis URL, or in the file as spec.broker.url.',
    ],
  ])('refuses %s', async (_, args, line) => {
    write('');
    expect(await runCli(['up', '-f', file, '--port', '0', ...args], { env: { TMPDIR: folder } })).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `${line}\n`,
    });
  });
});

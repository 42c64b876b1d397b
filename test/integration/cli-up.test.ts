import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChatClient } from '../../client/index.ts';
import type { ClusterStatus } from '../../operator/status/status.ts';
import { CliProcess, runCli } from '../fakes/cli-process.ts';

const PATIENCE = { timeout: 15_000, interval: 50 };
vi.setConfig({ testTimeout: 60_000 });

/** Holds the ChatCluster, and is where `up` puts its temporary files. */
let folder: string;
let file: string;
const running: CliProcess[] = [];
const clients: ChatClient[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chatcluster-test-'));
  file = join(folder, 'cluster.yaml');
  writeFileSync(file, yaml(2));
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const cli of running.splice(0)) {
    cli.kill('SIGKILL');
    await cli.ended;
  }
  rmSync(folder, { recursive: true });
});

const yaml = (minReplicas: number | string, more = ''): string =>
  `apiVersion: chatcluster.io/v1alpha1\nkind: ChatCluster\nmetadata: {name: t}\nspec: {scaling: {minReplicas: ${minReplicas}, maxReplicas: 4}${more}}\n`;

interface Up {
  readonly cli: CliProcess;
  readonly url: string;
}

/** A cluster that listens; its gateways may be starting. */
async function up(...args: readonly string[]): Promise<Up> {
  const cli = new CliProcess(['up', '-f', file, '--port', '0', ...args], { env: { TMPDIR: folder } });
  running.push(cli);
  const [, url = ''] = await cli.until(/Dashboard +(http:\/\/[\d.:]+)\/dashboard/);
  return { cli, url };
}

async function statusOf(url: string): Promise<ClusterStatus | null> {
  const response = await fetch(`${url}/api/status`);
  return response.ok ? ((await response.json()) as ClusterStatus) : null;
}

const ready = (url: string, names: readonly string[]) =>
  vi.waitFor(async () => {
    const gateways = (await statusOf(url))?.gateways ?? [];
    expect(gateways.map(({ name, state }) => `${name} ${state}`)).toEqual(names.map((name) => `${name} ready`));
    return gateways;
  }, PATIENCE);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const pidsOf = async (url: string): Promise<number[]> => ((await statusOf(url))?.gateways ?? []).flatMap(({ pid }) => pid ?? []);
const allEnded = (pids: readonly number[]) => vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), PATIENCE);
const temporaryFiles = (): string[] => readdirSync(folder).filter((name) => name.startsWith('chatcluster-'));

async function connected(url: string): Promise<ChatClient> {
  const client = new ChatClient({ url });
  clients.push(client);
  client.connect();
  await client.channel('room').subscribe();
  return client;
}

describe('chatcluster up', () => {
  it('serves clients, and ends with everything at the first Ctrl-C', async () => {
    const { cli, url } = await up();
    await ready(url, ['t-1', 't-2']);
    const [ada, ben] = [await connected(url), await connected(url)];
    const heard = new Promise((resolve) => ben.channel('room').on('message', ({ data }) => resolve(data)));
    await ada.channel('room').publish({ text: 'hello' });
    expect(await heard).toEqual({ text: 'hello' });
    await vi.waitFor(async () => expect((await statusOf(url))?.connections).toBe(2), PATIENCE);

    const pids = await pidsOf(url);
    expect(temporaryFiles()).toHaveLength(1);
    cli.kill('SIGINT');
    // A terminal and npm may both pass it on: that is one Ctrl-C.
    cli.kill('SIGINT');
    expect(await cli.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(cli.stdout).toMatch(/stopped\n$/);
    expect([pids.filter(isAlive), temporaryFiles()]).toEqual([[], []]);
  });

  it('stops at once at the second Ctrl-C', async () => {
    const { cli, url } = await up();
    const gateways = await ready(url, ['t-1', 't-2']);
    // This one would be waited for.
    process.kill(gateways[0]?.pid ?? 0, 'SIGSTOP');
    cli.kill('SIGINT');
    await cli.until(/stopping/);
    const again = setInterval(() => cli.kill('SIGINT'), 50);
    const { code } = await cli.ended.finally(() => clearInterval(again));
    expect(code).toBe(130);
    await allEnded(gateways.flatMap(({ pid }) => pid ?? []));
    expect(temporaryFiles()).toEqual([]);
  });

  it('takes its gateways with it when it is killed', async () => {
    const { cli, url } = await up();
    const gateways = await ready(url, ['t-1', 't-2']);
    cli.kill('SIGKILL');
    await allEnded(gateways.flatMap(({ pid }) => pid ?? []));
  });

  it('applies an edit, and runs on through one that is invalid', async () => {
    const { cli, url } = await up();
    await ready(url, ['t-1', 't-2']);
    writeFileSync(file, yaml('two'));
    await cli.until(/The edit is not applied.*\n.*cluster\.yaml:4:\d+: spec\.scaling\.minReplicas: "two"/);
    expect((await statusOf(url))?.gateways).toHaveLength(2);
    // As editors do that write a new file and put it in the place of the old.
    writeFileSync(`${file}~`, yaml(3));
    renameSync(`${file}~`, file);
    await ready(url, ['t-1', 't-2', 't-3']);
    writeFileSync(file, yaml(3).replace('name: t', 'name: u'));
    await cli.until(/metadata\.name is "u" now; .*not applied/);
    expect((await statusOf(url))?.name).toBe('t');
  });

  it('leaves out a farm for long polling, and says so once', async () => {
    const farm = ', longPolling: {scaling: {minReplicas: 3}}';
    writeFileSync(file, yaml(2, farm));
    const { cli, url } = await up();
    await cli.until(
      /spec\.longPolling is left out here: t-longpoll is made on Kubernetes; on one machine the gateways answer polls too\.\n/,
    );
    await ready(url, ['t-1', 't-2']);
    const client = new ChatClient({ url, transports: ['longpoll'] });
    clients.push(client);
    client.connect();
    await client.channel('room').subscribe();
    for (const [replicas, more] of [
      [3, farm],
      [2, ''],
    ] as const) {
      writeFileSync(file, yaml(replicas, more));
      await cli.until(/the edit is applied/);
    }
    expect(cli.stdout.match(/spec\.longPolling/g)).toHaveLength(1);
  });

  it('rolls out new settings of the gateways without losing a client', async () => {
    const { url } = await up();
    await ready(url, ['t-1', 't-2']);
    const client = await connected(url);
    const changes: string[] = [];
    client.on('state', ({ kind }) => changes.push(kind));
    writeFileSync(file, yaml(2, ', gateway: {connectionsPerGateway: 123}'));
    await vi.waitFor(
      async () => {
        const gateways = (await statusOf(url))?.gateways ?? [];
        expect(gateways.map(({ capacity, state, current }) => [capacity, state, current])).toEqual([
          [123, 'ready', true],
          [123, 'ready', true],
        ]);
      },
      { timeout: 40_000, interval: 100 },
    );
    expect(changes.filter((kind) => kind !== 'connected')).toEqual([]);
  });

  it('replaces a gateway that crashed, and its client comes back', async () => {
    const { url } = await up();
    const gateways = await ready(url, ['t-1', 't-2']);
    const client = await connected(url);
    for (const { pid } of gateways) process.kill(pid ?? 0, 'SIGKILL');
    await ready(url, ['t-3', 't-4']);
    await client.channel('room').publish('after the crash');
  });

  it('drains a gateway by command', async () => {
    const { url } = await up();
    await ready(url, ['t-1', 't-2']);
    expect(await runCli(['drain', 't-1', '--wait', '--url', url])).toMatchObject({ code: 0, stdout: 't-1 is gone.\n' });
    await ready(url, ['t-2', 't-3']);
    const { code, stderr } = await runCli(['drain', 't-1', '--url', url]);
    expect([code, stderr]).toEqual([1, 'There is no gateway "t-1"; there are t-2, t-3.\n']);
  });

  it('writes lines of JSON for machines', async () => {
    const cli = new CliProcess(['up', '-f', file, '--port', '0', '--log', 'json'], { env: { TMPDIR: folder } });
    running.push(cli);
    await cli.until(/"decision":"create","gateway":"t-2".*\n/);
    cli.kill('SIGTERM');
    const { code, stdout } = await cli.ended;
    expect(code).toBe(0);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ msg: 'started', cluster: 't', file });
    expect(lines.at(-1)).toMatchObject({ msg: 'stopped' });
  });
});

describe('chatcluster up, when it can not', () => {
  const files: readonly (readonly [name: string, text: string, line: RegExp])[] = [
    ['no YAML', 'spec: [', /cluster\.yaml:\d+:\d+: /],
    ['an unknown field', yaml(2, ', colour: blue'), /cluster\.yaml:4:\d+: spec\.colour: unknown field/],
    ['a value out of range', yaml(-1), /cluster\.yaml:4:\d+: spec\.scaling\.minReplicas: -1/],
    ['a contradiction', yaml(9), /cluster\.yaml:4:\d+: spec\.scaling\./],
  ];
  it.each(files)('says in one line that the file has %s', async (_, text, line) => {
    writeFileSync(file, text);
    const { code, stdout, stderr } = await runCli(['up', '-f', file], { env: { TMPDIR: folder } });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(line)]);
  });

  it('says that there is no such file', async () => {
    const { code, stderr } = await runCli(['up', '-f', join(folder, 'none.yaml')]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^.*none\.yaml: there is no such file; .*\n$/);
  });

  it.each([
    ['a port that is none', ['--port', '99999'], 2, /--port.*from 0 to 65535/],
    ['an address of another machine', ['--host', '192.0.2.1', '--port', '0'], 2, /^--host 192\.0\.2\.1 is no address of this machine/],
    ['a log format that there is not', ['--log', 'xml'], 2, /'xml' is invalid/],
  ])('says in one line what is wrong with %s', async (_, args, code, line) => {
    const ended = await runCli(['up', '-f', file, ...args], { env: { TMPDIR: folder } });
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(line)]);
    expect(temporaryFiles()).toEqual([]);
  });

  it('says that the port is taken, and leaves nothing behind', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) =>
      other.listen(0, '127.0.0.1', () => {
        const address = other.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      }),
    );
    try {
      const { code, stdout, stderr } = await runCli(['up', '-f', file, '--port', String(port)], { env: { TMPDIR: folder } });
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toBe(`Port ${port} on 127.0.0.1 is taken by another process; stop that one, or choose another port with --port.\n`);
      expect(existsSync(file) && temporaryFiles()).toEqual([]);
    } finally {
      other.close();
    }
  });
});

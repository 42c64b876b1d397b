import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseTrace } from '../../operator/simulate/trace/trace.ts';
import { CliProcess, runCli } from '../fakes/cli-process.ts';
import { clusterStatus, gatewayLine } from '../fakes/console.ts';
import { ConsoleServer } from '../fakes/console-server.ts';

/** A port on which nothing can listen. */
const NOBODY = 'http://127.0.0.1:2';

let server: ConsoleServer;
let folder = '';
const running: CliProcess[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chatcluster-test-'));
  server = new ConsoleServer();
  await server.start();
});
afterEach(() => {
  for (const cli of running.splice(0)) cli.kill('SIGKILL');
  server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const holding = (connections: number) =>
  clusterStatus({ connections, capacity: 500, desired: 1, gateways: [gatewayLine({ name: 'local-1', connections })] });

/** The cluster says so many connections, until it has been asked twice more. */
async function say(connections: number): Promise<void> {
  server.status = holding(connections);
  const asked = server.asked;
  while (server.asked < asked + 2) await new Promise((resolve) => setTimeout(resolve, 20));
}

function recording(path: string): CliProcess {
  const cli = new CliProcess(['record', '--url', `http://127.0.0.1:${server.port}`, '-o', path]);
  running.push(cli);
  return cli;
}

const linesOf = (path: string) => {
  const text = readFileSync(path, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
};

/** Without those that are like the one before. */
const unlike = (values: readonly unknown[]) =>
  values.filter((value, i) => i === 0 || JSON.stringify(value) !== JSON.stringify(values[i - 1]));

describe('chatcluster record', () => {
  it('writes each change as a whole line until Ctrl-C; simulate replays it', async () => {
    const path = join(folder, 'trace.jsonl');
    server.status = holding(10);
    const cli = recording(path);
    await cli.until(/Records local in .*trace\.jsonl until Ctrl-C/);
    await say(10);
    await say(250);
    cli.kill('SIGINT');
    expect(await cli.ended).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringMatching(/2 changes in .*\. Replay them: chatcluster simulate/),
    });
    const [head, ...snapshots] = linesOf(path);
    expect(head).toEqual({ recording: 1, cluster: 'local', startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) });
    expect(unlike(snapshots.map(({ seconds: _seconds, ...rest }) => rest))).toEqual(
      [10, 250].map((connections) => ({
        connections,
        desired: 1,
        capacity: 500,
        gateways: [{ name: 'local-1', state: 'ready', connections }],
      })),
    );
    const replay = parseTrace(readFileSync(path, 'utf8'), path).points.map(({ connections }) => connections);
    // What stayed the same until the change stands right before it: the replay has a step there, not a slope.
    expect(replay.slice(0, 3)).toEqual([10, 10, 250]);
    const replayed = await runCli(['simulate', '-f', 'examples/local.yaml', '--trace', path, '-o', 'json']);
    expect(JSON.parse(replayed.stdout)).toMatchObject({ clients: 250 });
  });

  it('goes on when the cluster is away for a while, and says so once', async () => {
    const path = join(folder, 'trace.jsonl');
    server.status = holding(10);
    const cli = recording(path);
    await cli.until(/until Ctrl-C/);
    await say(10);
    server.status = null;
    await cli.until(/Asks again\./);
    await say(30);
    cli.kill('SIGTERM');
    expect((await cli.ended).stderr.match(/Asks again/g)).toHaveLength(1);
    expect(unlike(linesOf(path).map(({ connections }) => connections))).toEqual([undefined, 10, 30]);
  });

  it('never writes over a file', async () => {
    const path = join(folder, 'trace.jsonl');
    writeFileSync(path, 'precious');
    server.status = holding(0);
    expect(await recording(path).ended).toMatchObject({
      code: 2,
      stderr: `-o ${path}: the file is there already; name another, or remove it first.\n`,
    });
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  it.each<[name: string, args: string[], code: number, line: RegExp]>([
    ['no file', ['--url', NOBODY], 2, /^error: required option '-o, --output <path>' not specified/],
    ['nobody there', ['--url', NOBODY, '-o', 'never.jsonl'], 1, /^Nothing listens on http:\/\/127\.0\.0\.1:2\. Start a cluster/],
    ['a name of one on this machine', ['chat', '-o', 'never.jsonl'], 2, /^"chat": only on Kubernetes is there more than one/],
    [
      'both kinds of cluster',
      ['--url', NOBODY, '--kube', '-o', 'never.jsonl'],
      2,
      /^--url is for a cluster on this machine, --kube for one on/,
    ],
  ])('refuses %s', async (_name, args, code, line) => {
    expect(await runCli(['record', ...args])).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(line) });
  });

  it('tells of a folder that is not there', async () => {
    server.status = holding(0);
    expect(await recording(join(folder, 'no', 'trace.jsonl')).ended).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no such folder; make it first.'),
    });
  });
});

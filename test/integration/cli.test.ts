import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { COMMANDS } from '../../cli/commands.ts';
import { CliProcess, runCli } from '../fakes/cli-process.ts';
import { clusterStatus, gatewayLine } from '../fakes/console.ts';
import { ConsoleServer } from '../fakes/console-server.ts';
import { findOldNode } from '../fakes/old-node.ts';

const NAMES = COMMANDS.map(({ name }) => name);
/** A port on which nothing can listen. */
const NOBODY = 'http://127.0.0.1:2';

let server: ConsoleServer;
const running: CliProcess[] = [];
beforeEach(async () => {
  server = new ConsoleServer();
  await server.start();
});
afterEach(async () => {
  for (const cli of running.splice(0)) cli.kill('SIGKILL');
  server.stop();
});

describe('chatcluster', () => {
  it('lists its commands and exit codes', async () => {
    const { code, stdout, stderr } = await runCli(['--help']);
    expect([code, stderr]).toEqual([0, '']);
    for (const name of NAMES) expect(stdout).toMatch(new RegExp(`^  ${name} +\\w`, 'm'));
    expect(stdout).toContain('Exit codes:');
  });

  it.each(NAMES)('explains %s and its exit codes', async (command) => {
    const [byFlag, byHelp] = await Promise.all([runCli([command, '--help']), runCli(['help', command])]);
    expect(byFlag).toMatchObject({ code: 0, stderr: '' });
    expect(byFlag.stdout).toMatch(/Exit codes: 0 /);
    expect(byHelp).toEqual(byFlag);
  });

  it('tells its version', async () => {
    expect(await runCli(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  const mistakes: readonly (readonly [name: string, args: string[], code: number, line: RegExp])[] = [
    ['an unknown command', ['fly'], 2, /^error: unknown command 'fly'$/],
    ['an unknown option', ['status', '--fast'], 2, /^error: unknown option '--fast'$/],
    ['an argument too many', ['drain', 'local-1', 'local-2'], 2, /^error: too many arguments/],
    [
      'a name where there is only one cluster',
      ['status', 'local'],
      2,
      /^"local": only on Kubernetes is there more than one ChatCluster to name\./,
    ],
    ['a command for Kubernetes, without saying so', ['pause', 'chat'], 2, /^"pause" is for clusters on Kubernetes: add --kube/],
    [
      'both kinds of cluster',
      ['status', '--url', NOBODY, '-n', 'shop'],
      2,
      /^--url is for a cluster on this machine, -n for one on Kubernetes/,
    ],
    ['a kubeconfig that is not there', ['status', '--kubeconfig', '/nowhere'], 1, /^--kubeconfig \/nowhere: there is no such file\.$/],
    ['all namespaces and one name', ['status', 'chat', '-A'], 2, /^-A shows every ChatCluster: leave out "chat"/],
    ['a missing argument', ['drain'], 2, /^error: missing required argument 'gateway'$/],
    ['a missing option', ['up'], 2, /^error: required option '-f, --file <path>' not specified$/],
    ['an output that there is not', ['status', '-o', 'xml'], 2, /'xml' is invalid. Allowed choices are text, json, yaml/],
    ['an address that is none', ['status', '--url', 'here'], 2, /^--url here: give an address such as http:/],
    [
      'no cluster, for status',
      ['status', '--url', NOBODY],
      1,
      /^Nothing listens on http:\/\/127\.0\.0\.1:2\. Start .* "chatcluster up -f FILE"/,
    ],
    ['no cluster, for drain', ['drain', 'local-1', '--url', NOBODY], 1, /^Nothing listens on http:\/\/127\.0\.0\.1:2\. Start /],
    ['a gateway setting that can not be', ['gateway', '--max-connections', 'many'], 2, /^--max-connections is "many"; give a whole number/],
  ];
  it.each(mistakes)('says in one line what is wrong with %s', async (_, args, code, line) => {
    const ended = await runCli(args);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(line)]);
  });

  it('shows where an error comes from only when asked to', async () => {
    const { code, stderr } = await runCli(['status', '--url', NOBODY], { env: { CHATCLUSTER_DEBUG: '1' } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/\n {4}at .*console-client/);
  });

  it('ends quietly when nobody reads on', async () => {
    server.status = clusterStatus();
    const cli = new CliProcess(['status', '--watch', '-o', 'json', '--url', server.url]);
    running.push(cli);
    await cli.until(/\n/);
    cli.child.stdout?.destroy();
    expect(await cli.ended).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('chatcluster status', () => {
  it('prints the status as JSON', async () => {
    server.status = clusterStatus({ desired: 3, gateways: [gatewayLine({ name: 'local-7', connections: 12 })] });
    const { code, stdout } = await runCli(['status', '--output', 'json', '--url', server.url]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ desired: 3, gateways: [{ name: 'local-7', state: 'ready', connections: 12, pid: 4711 }] });
  });

  it('prints it as YAML', async () => {
    server.status = clusterStatus({ desired: 3 });
    const { code, stdout } = await runCli(['status', '-o', 'yaml', '--url', server.url]);
    expect(code).toBe(0);
    expect(parse(stdout)).toMatchObject({ name: 'local', desired: 3 });
  });

  it('ends well with Ctrl-C while it is watched', async () => {
    server.status = clusterStatus();
    const cli = new CliProcess(['status', '--watch', '--url', server.url]);
    running.push(cli);
    await cli.until(/local/);
    cli.kill('SIGINT');
    expect(await cli.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
  });

  it('prints it for people, without colors where there is no terminal', async () => {
    server.status = clusterStatus({ gateways: [gatewayLine({ name: 'local-7' })] });
    const { code, stdout } = await runCli(['status', '--url', `${server.url}/`]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/local-7/);
    expect(stdout.includes('\x1b')).toBe(false);
  });

  it('passes on that the cluster has none yet', async () => {
    const { code, stderr } = await runCli(['status', '--url', server.url]);
    expect([code, stderr]).toEqual([1, 'The cluster starts: there is no status yet.\n']);
  });
});

describe('chatcluster uncordon', () => {
  it('takes a drain back', async () => {
    const { code, stdout } = await runCli(['uncordon', 'local-1', '--url', server.url]);
    expect([code, stdout]).toEqual([0, 'local-1 takes connections again.\n']);
    expect(server.acted).toEqual(['uncordon local-1']);
  });
});

describe('chatcluster drain', () => {
  it('asks for a drain', async () => {
    const { code, stdout } = await runCli(['drain', 'local-1', '--url', server.url]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^local-1 drains/);
    expect(server.acted).toEqual(['drain local-1']);
  });

  it('waits, when asked to, until the gateway is gone', async () => {
    server.status = clusterStatus({ gateways: [gatewayLine({ name: 'local-1', state: 'draining' })] });
    const cli = new CliProcess(['drain', 'local-1', '--wait', '--url', server.url]);
    running.push(cli);
    await vi.waitFor(() => expect(server.asked).toBeGreaterThan(1), { timeout: 10_000 });
    expect(cli.child.exitCode).toBeNull();
    server.status = clusterStatus({ gateways: [] });
    expect(await cli.ended).toMatchObject({ code: 0, stdout: 'local-1 is gone.\n' });
  });

  it('says why it can not be', async () => {
    const reason = 'There is no gateway local-9; there are local-1 and local-2.';
    server.outcome = { kind: 'refused', status: 404, reason };
    const { code, stderr } = await runCli(['drain', 'local-9', '--url', server.url]);
    expect([code, stderr]).toEqual([1, `${reason}\n`]);
  });
});

const oldNode = findOldNode();
describe.runIf(oldNode !== null)('chatcluster in a checkout, on a Node that can not run TypeScript', () => {
  const node = oldNode ?? '';

  it('runs on the Node of the checkout, and passes the exit code on', async () => {
    const { code, stderr } = await runCli(['status', '--url', NOBODY], { node });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^Nothing listens/)]);
  });

  it('passes signals on, and ends as it was ended', async () => {
    server.status = clusterStatus();
    const cli = new CliProcess(['status', '--watch', '-o', 'json', '--url', server.url], { node });
    running.push(cli);
    await cli.until(/\n/);
    cli.kill('SIGTERM');
    expect(await cli.ended).toMatchObject({ code: null, signal: 'SIGTERM' });
  });
});

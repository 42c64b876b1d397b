import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliProcess, runCli } from '../fakes/cli-process.ts';

const example = 'examples/local.yaml';
const short = ['--duration', '10m', '--clients', '2000', '--profile', 'spike'];

describe('chatcluster simulate', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'chatcluster-test-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('prints a plot and the figures', async () => {
    const { code, stdout, stderr } = await runCli(['simulate', '-f', example, ...short]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^local: 2,000 clients for 10 min, spike \(.*\)\n\n +\S+ ┤/);
    for (const figure of ['gateway-hours', 'utilisation, peak', 'refused', 'moved', 'dropped', 'time to capacity', 'flaps'])
      expect(stdout).toContain(`\n${figure} `);
    expect(stdout).toContain('\nTaken for granted:\n- A new gateway is ready after 10 s');
  });

  it('prints others beside ours, and what is taken for granted of them', async () => {
    const { code, stdout } = await runCli(['simulate', '-f', example, ...short, '--against', 'hpa,keda,knative']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\n +ChatCluster +HPA +KEDA +Knative\ngateway-hours( +[\d.,]+){4}\n/);
    for (const peer of ['HPA', 'KEDA', 'Knative']) expect(stdout).toContain(`\n- ${peer}: `);
  });

  it('takes a ChatCluster without its farm for long polling, and says so; the farm is simulated as kubectl prints it', async () => {
    const [chat, farm] = [join(folder, 'chat.yaml'), join(folder, 'farm.yaml')];
    const head = 'apiVersion: chatcluster.io/v1alpha1\nkind: ChatCluster\n';
    writeFileSync(chat, `${head}metadata: {name: chat}\nspec: {longPolling: {}}\n`);
    const printed =
      'metadata: {name: chat-longpoll, namespace: chat, uid: b, generation: 1, finalizers: [a], ownerReferences: [{kind: ChatCluster, name: chat, uid: a}]}\nspec: {gateway: {connectionsPerGateway: 2000}, broker: {url: "redis://redis", keyPrefix: "chat:"}}\nstatus: {replicas: 2}\n';
    writeFileSync(farm, head + printed);
    const [ours, its] = await Promise.all([chat, farm].map((path) => runCli(['simulate', '-f', path, ...short])));
    const left = 'All clients have WebSockets: the farm of spec.longPolling is a ChatCluster of its own';
    expect(unwrapped(ours?.stdout)).toContain(`- ${left}, which is simulated by itself (kubectl get chat chat-longpoll -o yaml).`);
    expect([its?.code, its?.stderr]).toEqual([0, '']);
    expect(unwrapped(its?.stdout)).toContain('holds at most 2,000 connections');
    expect(unwrapped(its?.stdout)).not.toContain(left);
  });

  it('replays a trace, and writes a page', async () => {
    const [trace, page] = [join(folder, 'load.csv'), join(folder, 'page.html')];
    writeFileSync(trace, 'seconds,connections\n0,100\n60,700\n120,700\n');
    const { code, stdout, stderr } = await runCli(['simulate', '-f', example, '--trace', trace, '--html', page, '-o', 'json']);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ clients: 700, durationMs: 120_000, contenders: { chatcluster: { peakConnections: 700 } } });
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>[\s\S]*<h1>local: 700 clients for 2 min<\/h1>[\s\S]*<\/html>\n$/);
  });

  it('ends at Ctrl-C, and leaves no half a page', async () => {
    const page = join(folder, 'never.html');
    const running = new CliProcess(['simulate', '-f', 'examples/million.yaml', '--duration', '8784h', '--html', page]);
    try {
      // Nothing is printed before the end; in this time it is at work.
      await sleep(2_000);
      running.kill('SIGINT');
      expect(await running.ended).toMatchObject({ signal: 'SIGINT', stdout: '' });
    } finally {
      running.kill('SIGKILL');
    }
    expect(existsSync(page)).toBe(false);
  });

  it('prints JSON, the same for the same seed', async () => {
    const args = ['simulate', '-f', example, ...short, '--seed', '7', '--output', 'json'];
    const [first, second] = await Promise.all([runCli(args), runCli(args)]);
    expect(JSON.parse(first.stdout)).toMatchObject({
      cluster: 'local',
      profile: 'spike',
      clients: 2_000,
      durationMs: 600_000,
      seed: 7,
      contenders: { chatcluster: { peakConnections: 2_000 } },
    });
    expect(second.stdout).toBe(first.stdout);
  });

  it('refuses a file that is invalid, and arguments that are, each in one line', async () => {
    const file = join(folder, 'bad.yaml');
    writeFileSync(file, 'apiVersion: chatcluster.io/v1alpha1\nkind: ChatCluster\nmetadata: {name: a}\nspec:\n  drain: {timeout: 5}\n');
    expect(await runCli(['simulate', '-f', file])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `${file}:5:11: spec.drain.timeout: 5 is not a duration from 1s to 24h; write it with its unit, such as "5s" for 5 seconds\n`,
    });
    expect(await runCli(['simulate', '-f', example, '--clients', 'many', '--duration', '1d'])).toMatchObject({
      code: 2,
      stderr:
        '--clients: "many" is not a whole number from 1 to 100000000\n--duration: "1d" is not a time from 1s to 8784h; write one, such as "10s" or "24h"\n',
    });
    expect(await runCli(['simulate', '-f', example, '--profile', 'calm'])).toMatchObject({ code: 2, stdout: '' });
    expect(await runCli(['simulate'])).toMatchObject({ code: 2, stdout: '' });
  });

  it.each<[name: string, args: string[], message: RegExp]>([
    ['a trace that is not there', ['--trace', '/nowhere.csv'], /^--trace \/nowhere\.csv: there is no such file\.\n$/],
    ['a folder as a trace', ['--trace', '/'], /^--trace \/ is a folder; name a CSV file or a recording\.\n$/],
    ['a trace that is none', ['--trace', 'package.json'], /^package\.json:1: this is no recording: its first line must be the one that/],
    ['text that is no trace', ['--trace', 'LICENSE'], /^LICENSE:\d+: ".*" is no header: the first line must be seconds,connections/],
    [
      'a page in a folder that is not there',
      ['--html', '/nowhere/a.html'],
      /^--html \/nowhere\/a\.html: there is no folder \/nowhere; make it first\.\n$/,
    ],
    ['a folder as a page', ['--html', '/'], /^--html \/ is a folder; name a file in it, such as \/simulation\.html\.\n$/],
    ['an unknown rival', ['--against', 'vpa'], /^--against: "vpa" is not known; use hpa, keda, knative, or several of them\n$/],
  ])('refuses %s, in one line', async (_name, args, message) => {
    expect(await runCli(['simulate', '-f', example, ...args])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(message),
    });
  });
});

/** In one line. */
function unwrapped(text = ''): string {
  return text.replace(/\s+/g, ' ');
}

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { COMMANDS } from '../../cli/commands.ts';
import { CliProcess, ROOT, runCli } from '../fakes/cli-process.ts';
import { findOldNode } from '../fakes/old-node.ts';

const PATIENCE = { timeout: 15_000, interval: 50 };
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

/** A folder that has nothing but the package and what it depends on, as `npm install` makes it. */
let folder: string;
let launcher: string;
const running: CliProcess[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chatcluster-package-'));
  const npm = (...args: readonly string[]) => execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  npm('pack', '--pack-destination', folder);
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  execFileSync('tar', ['-xzf', join(folder, `chatcluster-${version}.tgz`), '-C', modules]);
  renameSync(join(modules, 'package'), join(modules, 'chatcluster'));
  const dependencies = npm('ls', '--omit=dev', '--all', '--parseable').trim().split('\n').slice(1);
  for (const path of dependencies) {
    const name = relative(join(ROOT, 'node_modules'), path);
    // What one of them has for itself comes with it.
    if (name.includes('node_modules')) continue;
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(path, join(modules, name));
  }
  launcher = join(modules, 'chatcluster/bin/chatcluster.js');
});
afterEach(async () => {
  for (const cli of running.splice(0)) {
    cli.kill('SIGKILL');
    await cli.ended;
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const oldNode = findOldNode();
const nodes: readonly (readonly [name: string, node: string])[] = [
  ['this Node', process.execPath],
  ...(oldNode === null ? [] : [['the oldest Node that is supported', oldNode] as const]),
];

describe.each(nodes)('the package, on %s', (_, node) => {
  it('has a command', async () => {
    const options = { node, launcher, cwd: folder };
    expect(await runCli(['--version'], options)).toMatchObject({ code: 0, stderr: '' });
    for (const { name } of COMMANDS) {
      expect(await runCli([name, '--help'], options)).toMatchObject({ code: 0, stderr: '' });
    }
  });

  it("has kubectl's plugin", async () => {
    const options = { node, launcher: join(dirname(launcher), 'kubectl-chatcluster.js'), cwd: folder };
    const { code, stdout } = await runCli(['top', '--help'], options);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Usage: kubectl chatcluster top /)]);
    const missing = await runCli(['top', '--kubeconfig', '/nowhere'], options);
    expect(missing).toMatchObject({ code: 1, stderr: '--kubeconfig /nowhere: there is no such file.\n' });
    if (node !== oldNode) return;
    const unread = await runCli(['top', '--kubeconfig', 'node_modules/chatcluster/package.json'], options);
    expect(unread).toMatchObject({ code: 1, stderr: expect.stringMatching(/^A kubeconfig needs Node 22\.19 or newer; this is \S+\.\n$/) });
  });

  it('runs a cluster with its pages, and clients on it', async () => {
    const options = { node, launcher, cwd: folder, env: { TMPDIR: folder } };
    const cli = new CliProcess(['up', '-f', 'node_modules/chatcluster/examples/local.yaml', '--port', '0'], options);
    running.push(cli);
    const [, url = ''] = await cli.until(/Dashboard +(http:\/\/[\d.:]+)\/dashboard/);
    for (const path of ['/', '/dashboard', '/pages/chat.js', '/pages/style.css', '/client/index.js', '/vendor/uplot.js']) {
      expect((await fetch(url + path)).status, path).toBe(200);
    }
    await vi.waitFor(async () => expect((await runCli(['status', '--url', url], options)).stdout).toMatch(/2 ready/), PATIENCE);
    const load = await runCli(
      ['load', '--url', url, '--clients', '10', '--channels', '2', '--rate', '20', '--duration', '2s', '--output', 'json'],
      options,
    );
    expect(load.code).toBe(0);
    expect(JSON.parse(load.stdout)).toMatchObject({ lost: 0, duplicated: 0, reordered: 0, neverCameBack: 0 });
    cli.kill('SIGINT');
    expect(await cli.ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('has a client to import', () => {
    writeFileSync(join(folder, 'app.mjs'), "import { ChatClient } from 'chatcluster/client'; console.log(typeof ChatClient);");
    expect(execFileSync(node, ['app.mjs'], { cwd: folder, encoding: 'utf8' })).toBe('function\n');
  });
});

describe('the package', () => {
  it('has types for the client', () => {
    writeFileSync(
      join(folder, 'app.ts'),
      "import { ChatClient, type Message } from 'chatcluster/client';\nnew ChatClient({ url: 'x' }).channel('c').on('message', (m: Message) => m.position.offset.toFixed());\n",
    );
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const args = ['--noEmit', '--strict', '--module', 'nodenext', '--lib', 'es2023,dom', '--types', '', 'app.ts'];
    execFileSync(process.execPath, [tsc, ...args], { cwd: folder, encoding: 'utf8' });
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../fakes/cli-process.ts';

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
    for (const figure of ['gateway-hours', 'utilisation', 'refused', 'moved', 'time to capacity', 'changes'])
      expect(stdout).toContain(`\n${figure} `);
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
      peakConnections: 2_000,
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
});

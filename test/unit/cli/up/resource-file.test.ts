import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ResourceFile } from '../../../../cli/up/resource-file.ts';

const PATIENCE = { timeout: 10_000, interval: 10 };

let folder: string;
let path: string;
let watching: AbortController;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chatcluster-test-'));
  path = join(folder, 'cluster.yaml');
  watching = new AbortController();
});
afterEach(() => {
  watching.abort();
  rmSync(folder, { recursive: true });
});

const yaml = (maxReplicas: number | string): string =>
  `apiVersion: chatcluster.io/v1alpha1\nkind: ChatCluster\nmetadata: {name: local}\nspec: {scaling: {maxReplicas: ${maxReplicas}}}\n`;

/** What the watcher tells: the maxReplicas, or the first error. */
async function watched(): Promise<(number | string)[]> {
  const file = new ResourceFile(path);
  await file.read();
  const told: (number | string)[] = [];
  void file.watch((parsed) => {
    told.push(parsed.kind === 'ok' ? parsed.cluster.spec.scaling.maxReplicas : (parsed.errors[0]?.message ?? ''));
  }, watching.signal);
  return told;
}

it('tells of an edit in place', async () => {
  writeFileSync(path, yaml(5));
  const told = await watched();
  writeFileSync(path, yaml(6));
  await vi.waitFor(() => expect(told).toEqual([6]), PATIENCE);
});

it('tells of a file that was replaced, as many editors do, and of the next edit too', async () => {
  writeFileSync(path, yaml(5));
  const told = await watched();
  for (const n of [6, 7]) {
    writeFileSync(`${path}~`, yaml(n));
    renameSync(`${path}~`, path);
    await vi.waitFor(() => expect(told.at(-1)).toBe(n), PATIENCE);
  }
  expect(told).toEqual([6, 7]);
});

it('tells of an invalid edit once, and of its correction', async () => {
  writeFileSync(path, yaml(5));
  const told = await watched();
  writeFileSync(path, yaml('many'));
  await vi.waitFor(() => expect(told).toEqual([expect.stringMatching(/cluster\.yaml:4:\d+: spec\.scaling\.maxReplicas: /)]), PATIENCE);
  writeFileSync(path, yaml(7));
  await vi.waitFor(() => expect(told.slice(1)).toEqual([7]), PATIENCE);
});

it('waits for a file that is away, and says nothing when it comes back as it was', async () => {
  writeFileSync(path, yaml(5));
  const told = await watched();
  rmSync(path);
  writeFileSync(path, yaml(5));
  writeFileSync(path, yaml(6));
  await vi.waitFor(() => expect(told).toEqual([6]), PATIENCE);
});

it.each([
  ['is not there', () => {}, /cluster\.yaml: there is no such file/],
  ['is a folder', () => mkdirSync(path), /cluster\.yaml is a folder/],
])('rejects with one line when it %s', async (_, prepare, want) => {
  prepare();
  await expect(new ResourceFile(path).read()).rejects.toMatchObject({ name: 'Failure', exitCode: 2, message: expect.stringMatching(want) });
});

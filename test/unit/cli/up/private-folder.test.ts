import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { PrivateFolder } from '../../../../cli/up/private-folder.ts';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'cc-test-'));
  vi.stubEnv('TMPDIR', parent);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(parent, { recursive: true });
});

it('is for this user alone, and goes with all that is in it', () => {
  const folder = new PrivateFolder();
  writeFileSync(join(folder.path, 'broker'), '');
  expect(statSync(folder.path).mode & 0o777).toBe(0o700);
  const listeners = process.listenerCount('exit');
  folder.remove();
  expect([existsSync(folder.path), process.listenerCount('exit')]).toEqual([false, listeners - 1]);
});

it('leaves room for the name of a socket, however long the path of temporary files is', () => {
  const long = join(parent, 'x'.repeat(100));
  mkdirSync(long);
  vi.stubEnv('TMPDIR', long);
  const folder = new PrivateFolder();
  folder.remove();
  expect(folder.path.length).toBeLessThan(90);
});

it('removes the folders of processes that are gone, and no others', () => {
  const gone = Number(execFileSync(process.execPath, ['-p', 'process.pid']).toString());
  const names = [`chatcluster-${gone}-abcdef`, `chatcluster-${process.ppid}-abcdef`, 'chatcluster-old', `${gone}`];
  for (const name of names) mkdirSync(join(parent, name));
  new PrivateFolder().remove();
  expect(names.map((name) => existsSync(join(parent, name)))).toEqual([false, true, true, true]);
});

import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inPath } from '../servers/redis/install.ts';
import { makeFolder } from '../servers/redis/leftovers.ts';

const run = promisify(execFile);

/**
 * The path of Prometheus' `promtool`. Where there is none, it is taken out of the system's package, which isn't installed: that would start a server.
 * Rejects with what must be installed where we may not.
 */
export async function promtool(): Promise<string> {
  const found = inPath('promtool');
  if (found !== undefined) return found;
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'chatcluster-tests');
  const path = join(folder, 'promtool');
  if (existsSync(path)) return path;
  if (inPath('apt-get') === undefined || process.getuid?.() !== 0) {
    throw new Error('These tests need promtool: install the package "prometheus".');
  }
  const unpacked = makeFolder('promtool');
  const download = 'apt-get download -qq prometheus || { apt-get update -qq && apt-get download -qq prometheus; }';
  await run('sh', ['-c', `${download}; dpkg-deb -x prometheus_*.deb .`], { cwd: unpacked, timeout: 120_000 });
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(unpacked, 'usr/bin/promtool'), path);
  chmodSync(path, 0o755);
  return path;
}

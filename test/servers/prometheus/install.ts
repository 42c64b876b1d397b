import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inPath } from '../redis/install.ts';
import { makeFolder } from '../redis/leftovers.ts';

const run = promisify(execFile);

const DOWNLOAD_MS = 120_000;

/**
 * The path of Prometheus. Where there is none, it is taken out of the system's package, which isn't installed: that would start a server of the system.
 * Rejects with what must be installed where we may not.
 */
export async function prometheusPath(): Promise<string> {
  const found = process.env.PROMETHEUS ?? inPath('prometheus');
  if (found !== undefined) return found;
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'chatcluster-tests');
  const path = join(folder, 'prometheus');
  if (existsSync(path)) return path;
  if (inPath('apt-get') === undefined || process.getuid?.() !== 0) {
    throw new Error('These tests need Prometheus, in PATH or as PROMETHEUS: install the package "prometheus".');
  }
  mkdirSync(folder, { recursive: true });
  const unpacked = makeFolder('prometheus-package');
  const download = 'apt-get download -qq prometheus || { apt-get update -qq && apt-get download -qq prometheus; }';
  await run('sh', ['-c', `${download}; dpkg-deb -x prometheus_*.deb . && cp usr/bin/prometheus ${path}.${process.pid}`], {
    cwd: unpacked,
    timeout: DOWNLOAD_MS,
  });
  // Another process may be doing the same.
  renameSync(`${path}.${process.pid}`, path);
  return path;
}

import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inPath } from '../install.ts';
import { makeFolder } from '../leftovers.ts';

const run = promisify(execFile);

const DOWNLOAD_MS = 120_000;

/** The path of Prometheus. */
export function prometheusPath(): Promise<string> {
  return ofPackage('prometheus', process.env.PROMETHEUS);
}

/** The path of its tool that checks rules and queries. */
export function promtool(): Promise<string> {
  return ofPackage('promtool', process.env.PROMTOOL);
}

/**
 * Where there is no such program, it is taken out of the system's package, which isn't installed: that would start a server of the system.
 * Rejects with what must be installed where we may not.
 */
async function ofPackage(program: 'prometheus' | 'promtool', given: string | undefined): Promise<string> {
  const found = given ?? inPath(program);
  if (found !== undefined) return found;
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'chatcluster-tests');
  const path = join(folder, program);
  if (existsSync(path)) return path;
  if (inPath('apt-get') === undefined || process.getuid?.() !== 0) {
    throw new Error(`These tests need ${program}, in PATH or as ${program.toUpperCase()}: install the package "prometheus".`);
  }
  mkdirSync(folder, { recursive: true });
  const unpacked = makeFolder('prometheus-package');
  const download = 'apt-get download -qq prometheus || { apt-get update -qq && apt-get download -qq prometheus; }';
  await run('sh', ['-c', `${download}; dpkg-deb -x prometheus_*.deb .`], { cwd: unpacked, timeout: DOWNLOAD_MS });
  // Another process may be doing the same: it is there as a whole, or not at all.
  const copy = `${path}.${process.pid}`;
  copyFileSync(join(unpacked, 'usr/bin', program), copy);
  renameSync(copy, path);
  return path;
}

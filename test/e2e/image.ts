import { execFile } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { inPath, redisServerPath } from '../servers/install.ts';
import { ROOT } from './places.ts';
import { lab } from './tools.ts';

const run = promisify(execFile);

const REPOSITORY = 'localhost/chatcluster';
const VALKEY = 'localhost/valkey:e2e';

/** Makes the images of the Dockerfile and of a Valkey without Docker, out of this machine's own programs, and imports them into the cluster here. */
export async function importImages(): Promise<{ readonly image: string; readonly valkeyImage: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'chatcluster-image-'));
  try {
    const root = join(folder, 'root');
    await lab('noderoot', root, process.execPath);
    await buildInto(join(root, 'app'));
    const config = {
      Entrypoint: ['node', '/app/bin/chatcluster.js'],
      Env: ['PATH=/usr/bin:/bin', 'NODE_ENV=production'],
      WorkingDir: '/app',
      User: '65532:65532',
    };
    for (const tag of ['e2e', 'next']) await lab('image', `${REPOSITORY}:${tag}`, root, JSON.stringify(config));
    const valkey = join(folder, 'valkey');
    await programInto(valkey, await redisServerPath(), 'usr/bin/valkey-server');
    await lab('image', VALKEY, valkey, JSON.stringify({ Env: ['PATH=/usr/bin'], User: '999:999' }));
    return { image: `${REPOSITORY}:e2e`, valkeyImage: VALKEY };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The steps of the Dockerfile: what .dockerignore lets through is built, and gets the packages that it runs with. */
async function buildInto(app: string): Promise<void> {
  const kept = readFileSync(join(ROOT, '.dockerignore'), 'utf8').match(/(?<=^!).+$/gm) ?? [];
  const source = mkdtempSync(join(tmpdir(), 'chatcluster-build-'));
  try {
    for (const name of kept) cpSync(join(ROOT, name), join(source, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(source, 'node_modules'));
    await run(process.execPath, ['scripts/build.ts'], { cwd: source });
    rmSync(join(source, 'node_modules'));
    await run('npm', ['ci', '--omit=dev', '--ignore-scripts', '--no-fund', '--no-audit', '--prefer-offline'], { cwd: source });
    for (const name of ['node_modules', 'dist', 'bin', 'package.json', 'LICENSE'])
      cpSync(join(source, name), join(app, name), { recursive: true });
  } finally {
    rmSync(source, { recursive: true, force: true });
  }
}

/** A program with the libraries that it loads. */
async function programInto(root: string, program: string, place: string): Promise<void> {
  const { stdout } = await run(inPath('ldd') ?? 'ldd', [program]);
  const libraries = stdout.match(/\/\S+(?= \()/g) ?? [];
  for (const [from, to] of [[program, place] as const, ...libraries.map((path) => [path, path] as const)]) {
    const target = join(root, to);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(from, target);
  }
  for (const folder of ['data', 'etc', 'tmp', 'proc', 'sys', 'dev', 'run']) mkdirSync(join(root, folder), { recursive: true });
}

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What of the pages is no module and is served as it stands. */
const ASSETS = new Set(['.html', '.css', '.svg']);

/** Builds what is published into dist/: JavaScript and declarations of the modules, and the files of the pages. */
function build(root: string): void {
  const dist = join(root, 'dist');
  rmSync(dist, { recursive: true, force: true });
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
  execFileSync(process.execPath, [join(typescript, 'bin/tsc'), '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
  copyAssets(join(root, 'pages'), join(dist, 'pages'));
}

function copyAssets(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) if (ASSETS.has(extname(name))) cpSync(join(from, name), join(to, name));
}

try {
  build(fileURLToPath(new URL('..', import.meta.url)));
} catch (error) {
  // The compiler has said what is wrong.
  if (!(error instanceof Error && 'status' in error)) throw error;
  process.exitCode = 1;
}

import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Compiles the gateway as it is published, into a folder of the benchmark's own; returns its entry. */
export function buildGateway(): string {
  // Below node_modules, so that the libraries are found from there.
  const folder = join(root, 'node_modules', '.cache', 'chatcluster-bench');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'tsconfig.json');
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(root, 'tsconfig.build.json'),
      compilerOptions: { outDir: folder, rootDir: root, declaration: false, typeRoots: [join(root, 'node_modules/@types')] },
      include: [join(root, 'protocol'), join(root, 'gateway')],
    }),
  );
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
  execFileSync(process.execPath, [join(typescript, 'bin/tsc'), '-p', config], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  return join(folder, 'gateway', 'main.js');
}

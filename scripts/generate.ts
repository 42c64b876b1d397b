import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { customResourceDefinition } from '../operator/api/crd.ts';
import { dashboardText } from './dashboard.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What is made from the sources, by path: the CRD, the copy that the chart carries, and its dashboard. */
function generated(): ReadonlyMap<string, string> {
  const head = '# Written by `node scripts/generate.ts` from operator/api; a change here would be lost.\n';
  const crd = head + stringify(customResourceDefinition(), { lineWidth: 0, aliasDuplicateObjects: false });
  return new Map([
    ['crds/chatcluster.io_chatclusters.yaml', crd],
    ['charts/chatcluster/crds/chatclusters.yaml', crd],
    ['charts/chatcluster/files/dashboard.json', dashboardText()],
  ]);
}

/** The paths whose file isn't what it should be. */
function outdated(): string[] {
  return [...generated()].filter(([path, text]) => readIfThere(join(root, path)) !== text).map(([path]) => path);
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

const [option, ...more] = process.argv.slice(2);
if (more.length > 0 || (option !== undefined && option !== '--check')) {
  console.error('Usage: node scripts/generate.ts [--check]');
  process.exitCode = 2;
} else if (option === '--check') {
  for (const path of outdated()) {
    console.error(`${path} is not what the sources say; run \`node scripts/generate.ts\` and commit it.`);
    process.exitCode = 1;
  }
} else {
  for (const path of outdated()) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), generated().get(path) ?? '');
    console.log(path);
  }
}

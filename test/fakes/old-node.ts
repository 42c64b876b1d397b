import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A Node on this machine that can't run TypeScript; `null` when there is none. */
export function findOldNode(): string | null {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const node = join(folder, 'node');
    if (!existsSync(node)) continue;
    const [major = 0] = execFileSync(node, ['-p', 'process.versions.node']).toString().split('.').map(Number);
    if (major >= 20 && major < 22) return node;
  }
  return null;
}

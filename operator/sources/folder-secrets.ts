import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReadSecret } from './secrets.ts';

/** The variable that names the folder with the Secrets of a ChatCluster that runs on one machine. */
export const SECRETS_FOLDER_VARIABLE = 'CHATCLUSTER_SECRETS_FOLDER';

/**
 * Secrets as files, `<folder>/<name>/<key>`, as Kubernetes mounts them: so the same ChatCluster works on one machine. Read anew each time. A line break at the
 * end doesn't count. `folder`: `undefined` when none was named.
 */
export function folderSecrets(folder: string | undefined): ReadSecret {
  return async (name, key) => {
    if (folder === undefined || folder === '')
      throw new Error(`Secret ${name} is asked for, and ${SECRETS_FOLDER_VARIABLE} names no folder that has ${name}/${key}`);
    const path = join(folder, name, key);
    try {
      return (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
    } catch (error) {
      throw new Error(`Secret ${name}: ${path} can't be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}

import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { makeFolder } from '../servers/leftovers.ts';

const MEMORY = '/dev/shm';

/** A new folder, in memory where the system has a place for that. It goes with this process, or with the next run. */
export function makeMemoryFolder(name: string): string {
  return makeFolder(name, existsSync(MEMORY) ? MEMORY : tmpdir());
}

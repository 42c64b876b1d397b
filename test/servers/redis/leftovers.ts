import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'chatcluster-redis-';

const atExit = new Set<() => void>();
let folder: string | undefined;

/** Runs `undo`, which must be synchronous, when this process exits; the function returned takes that back. */
export function undoAtExit(undo: () => void): () => void {
  if (atExit.size === 0) process.once('exit', undoAll);
  atExit.add(undo);
  return () => {
    atExit.delete(undo);
    if (atExit.size === 0) process.removeListener('exit', undoAll);
  };
}

function undoAll(): void {
  for (const undo of [...atExit].reverse()) {
    try {
      undo();
    } catch {
      // The others must be undone all the same.
    }
  }
}

/** A new folder under the system's temporary one. All of them go when this process exits; those of a run that was killed, with the next run. */
export function makeFolder(name: string): string {
  if (folder === undefined) {
    removeFoldersOfTheDead();
    const made = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
    folder = made;
    undoAtExit(() => rmSync(made, { recursive: true, force: true }));
  }
  return mkdtempSync(join(folder, `${name}-`));
}

function removeFoldersOfTheDead(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length).split('-')[0]) : Number.NaN;
    if (Number.isInteger(pid) && !isAlive(pid)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

/** Whether a process of this id exists, ours or not. One that has ended doesn't, even while nobody has asked how. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const status = `/proc/${pid}/status`;
    return !existsSync(status) || !/^State:\s+Z/m.test(readFileSync(status, 'utf8'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

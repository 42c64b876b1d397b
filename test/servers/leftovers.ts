import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'chatcluster-test-';

const atExit = new Set<() => void>();
/** This process's own, by where they stand. */
const folders = new Map<string, string>();

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

/** A new folder under the system's temporary one, or another. All of them go when this process exits; those of a run that was killed, with the next run. */
export function makeFolder(name: string, under: string = tmpdir()): string {
  const folder = folders.get(under) ?? ownFolder(under);
  folders.set(under, folder);
  return mkdtempSync(join(folder, `${name}-`));
}

function ownFolder(under: string): string {
  removeFoldersOfTheDead(under);
  const made = mkdtempSync(join(under, `${PREFIX}${process.pid}-`));
  undoAtExit(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

function removeFoldersOfTheDead(under: string): void {
  for (const name of readdirSync(under)) {
    const pid = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length).split('-')[0]) : Number.NaN;
    if (Number.isInteger(pid) && !isAlive(pid)) rmSync(join(under, name), { recursive: true, force: true });
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

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The path of a Unix socket has at most 107 bytes (on macOS 103); what we put into the folder needs some of them. */
const LONGEST_PATH = 70;
/** The process that made it, and six letters of chance. */
const NAME = /^chatcluster-(\d+)-\w{6}$/;

/**
 * A new temporary folder that only this user may enter, for the broker's socket. It goes when the process exits in whatever way lets it
 * say goodbye; those of processes that could not are removed by the next.
 */
export class PrivateFolder {
  readonly path: string;
  readonly #remove = () => rmSync(this.path, { recursive: true, force: true });

  constructor() {
    const parent = tmpdir().length <= LONGEST_PATH ? tmpdir() : '/tmp';
    removeOrphans(parent);
    this.path = mkdtempSync(join(parent, `chatcluster-${process.pid}-`));
    process.on('exit', this.#remove);
  }

  remove(): void {
    process.off('exit', this.#remove);
    this.#remove();
  }
}

function removeOrphans(parent: string): void {
  for (const name of readdirSync(parent)) {
    const [, pid] = NAME.exec(name) ?? [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    try {
      rmSync(join(parent, name), { recursive: true });
    } catch {
      // Another user's: theirs to remove.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It is there, though not ours to signal.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The path of a Unix socket has at most 107 bytes (on macOS 103); what we put into the folder needs some of them. */
const LONGEST_PATH = 80;

/** A new temporary folder that only this user may enter, for the broker's socket; gone when the process exits in whatever way lets it say goodbye. */
export class PrivateFolder {
  readonly path: string;
  readonly #remove = () => rmSync(this.path, { recursive: true, force: true });

  constructor() {
    const parent = tmpdir().length <= LONGEST_PATH ? tmpdir() : '/tmp';
    this.path = mkdtempSync(join(parent, 'chatcluster-'));
    process.on('exit', this.#remove);
  }

  remove(): void {
    process.off('exit', this.#remove);
    this.#remove();
  }
}

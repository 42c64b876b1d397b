import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faketimePath } from '../install.ts';

const SHARED_MEMORY = '/dev/shm';

/** The wall clock of one or several servers, which can be moved forward while they run. Their monotonic clock, and with it their timers, stays as it is. */
export class MovableClock {
  readonly #file: string;
  readonly #library: string;
  #aheadMs = 0;

  private constructor(file: string, library: string) {
    this.#file = file;
    this.#library = library;
    this.#write();
  }

  /** Kept as a file in this folder, which must outlive the servers. */
  static async make(folder: string): Promise<MovableClock> {
    return new MovableClock(join(folder, 'clock'), await faketimePath());
  }

  /** How far it is ahead of the system's, ms. */
  get aheadMs(): number {
    return this.#aheadMs;
  }

  /** What a server needs in its environment to live by this clock. */
  get env(): Readonly<Record<string, string>> {
    return {
      // libfaketime allocates while it reads its file, and jemalloc asks for the time while it allocates: that never ends. So the C library allocates.
      LD_PRELOAD: `${this.#library} libc.so.6`,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** The next command that a server executes sees the new time. */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new Error(`A clock moves forward by 0 ms or more, not by ${ms}.`);
    this.#aheadMs += ms;
    this.#write();
  }

  /** Takes the names off the memory that libfaketime made for a process: it has it open already, and if it is killed, nothing is left behind. */
  static unlinkMemory(pid: number): void {
    const names = [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`];
    for (const name of readdirSync(SHARED_MEMORY).filter((name) => names.includes(name)))
      rmSync(join(SHARED_MEMORY, name), { force: true });
  }

  /** A server never reads half a line. */
  #write(): void {
    writeFileSync(`${this.#file}.new`, `+${(this.#aheadMs / 1_000).toFixed(3)}\n`);
    renameSync(`${this.#file}.new`, this.#file);
  }
}

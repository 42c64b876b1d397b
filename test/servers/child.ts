import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { inPath } from './install.ts';
import { undoAtExit } from './leftovers.ts';

/** Where and how a program runs. */
export interface Launch {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  /** Gets all that it prints, after what it holds. */
  readonly log: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Gets nothing of this process's environment. */
  readonly bare?: boolean;
  /** A command in front of the program, which becomes the program, e.g. `ip netns exec NAME`. */
  readonly before?: readonly string[];
}

/** A server's process. It never outlives this one: it is killed when this one exits, and by the kernel when this one is killed. */
export class Child {
  readonly pid: number;
  /** Resolves to how it ended. */
  readonly ended: Promise<string>;
  readonly #process: ChildProcess;
  readonly #log: string;
  readonly #logStart: number;

  constructor({ program, args, folder, log, env = {}, bare = false, before = [] }: Launch) {
    const setpriv = inPath('setpriv');
    const withDeath = setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL', '--'];
    const [command = program, ...rest] = [...before, ...withDeath, program, ...args];
    this.#log = log;
    const output = openSync(log, 'a');
    this.#logStart = readFileSync(log).length;
    this.#process = spawn(command, rest, { cwd: folder, env: bare ? env : { ...process.env, ...env }, stdio: ['ignore', output, output] });
    closeSync(output);
    this.pid = this.#process.pid ?? 0;
    const forget = undoAtExit(() => this.kill('SIGKILL'));
    this.ended = once(this.#process, 'exit').then(
      ([code, signal]) => {
        forget();
        return signal === null ? `exit code ${code}` : `signal ${signal}`;
      },
      (error: Error) => {
        forget();
        return `it could not be started (${error.message})`;
      },
    );
  }

  get running(): boolean {
    return this.pid !== 0 && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Asks it to end, and kills it when it doesn't within this time, ms. */
  async stop(graceMs: number): Promise<void> {
    if (!this.running) return;
    this.kill('SIGTERM');
    // One that was paused gets the signal only when it goes on.
    this.kill('SIGCONT');
    const killing = setTimeout(() => this.kill('SIGKILL'), graceMs);
    await this.ended;
    clearTimeout(killing);
  }

  /** The last lines that it printed. */
  output(): string {
    return readFileSync(this.#log).subarray(this.#logStart).toString().trimEnd().split('\n').slice(-20).join('\n');
  }
}

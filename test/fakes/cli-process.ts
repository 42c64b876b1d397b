import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LAUNCHER = `${ROOT}bin/chatcluster.js`;

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Another Node than the one that runs the tests. */
  readonly node?: string;
  readonly launcher?: string;
}

/** A `chatcluster` process. */
export class CliProcess {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly ended: Promise<Ended>;
  readonly #heard = new Set<() => void>();

  constructor(args: readonly string[], options: CliOptions = {}) {
    const { env = {}, cwd = ROOT, node = process.execPath, launcher = LAUNCHER } = options;
    this.child = spawn(node, [launcher, ...args], { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk;
      for (const heard of this.#heard) heard();
    });
    this.child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk;
      for (const heard of this.#heard) heard();
    });
    this.ended = once(this.child, 'close').then(([code, signal]) => ({ code, signal, stdout: this.stdout, stderr: this.stderr }));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Resolves to the match as soon as the output (stdout, then stderr) has it; rejects when the process ends before. */
  until(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
        if (match === null) return;
        this.#heard.delete(look);
        resolve(match);
      };
      this.#heard.add(look);
      void this.ended.then((ended) => reject(new Error(`It ended before ${pattern}: ${JSON.stringify(ended)}`)));
      look();
    });
  }
}

/** Runs a command to its end. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<Ended> {
  return new CliProcess(args, options).ended;
}

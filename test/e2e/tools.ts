import { type ExecFileException, execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { until as untilLookingEvery } from '../servers/until.ts';

const run = promisify(execFile);
/** Each look is a call of kubectl, ms. */
const LOOK_MS = 500;

/**
 * A script that runs a cluster on this machine: `x CMD` runs a command inside the cluster's network, with its kubeconfig; `image NAME FOLDER CONFIG`
 * imports an image; `cut-node`, `heal-node`, `kill-node` and `start-node N` do what they say. Without it: the cluster that kubectl reaches.
 */
export const LAB = process.env.CHATCLUSTER_KUBE_SH;

/** Runs a program where the cluster is reached, and answers what it printed; rejects with what it said when it failed. */
export async function inReach(program: string, args: readonly string[], input?: string): Promise<string> {
  const [command = '', ...all] = LAB === undefined ? [program, ...args] : ['bash', LAB, 'x', program, ...args];
  return execute(command, all, input);
}

/** Tells the script of the cluster on this machine to do something. */
export async function lab(...args: readonly string[]): Promise<string> {
  if (LAB === undefined) throw new Error('This needs CHATCLUSTER_KUBE_SH, which names the script of a cluster on this machine.');
  return execute('bash', [LAB, ...args]);
}

/** Resolves with what `look` answers, as soon as that is not undefined; rejects after so long, with the last error. */
export function until<T>(what: string, timeoutMs: number, look: () => Promise<T | undefined>): Promise<T> {
  return untilLookingEvery(what, timeoutMs, look, LOOK_MS);
}

async function execute(command: string, args: readonly string[], input?: string): Promise<string> {
  const running = run(command, [...args], { maxBuffer: 64 * 1_024 * 1_024 });
  if (input !== undefined) running.child.stdin?.end(input);
  try {
    return (await running).stdout;
  } catch (error) {
    const { stderr, stdout, message } = error as ExecFileException;
    throw new Error(`${[command, ...args].join(' ').slice(0, 200)}: ${String(stderr || stdout || message).trim()}`);
  }
}

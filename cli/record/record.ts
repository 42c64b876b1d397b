import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordingHead, Snapshot } from '../../operator/simulate/trace/recording.ts';
import { Failure } from '../failure.ts';
import { onInterrupt } from '../up/interrupts.ts';
import type { Observed } from './views.ts';

interface Recording {
  /** The file; it must not be there yet. */
  readonly path: string;
  readonly look: (signal: AbortSignal) => Promise<Observed>;
  readonly everyMs: number;
  /** What to say of an error that may pass by itself; null ends the recording with the error. */
  readonly passing: (error: unknown) => string | null;
}

/** A line is written at least this often, though nothing changes, ms. */
const QUIET_MS = 60_000;

/** Records until Ctrl-C: a line for each change. What is in the file are whole lines at any time. */
export async function record({ path, look, everyMs, passing }: Recording): Promise<void> {
  const interrupted = new AbortController();
  const stopListening = onInterrupt(
    () => interrupted.abort(),
    () => process.exit(1),
  );
  const { signal } = interrupted;
  let file: FileHandle | null = null;
  let changes = 0;
  /** The latest look that was like the line before: it is written with the next change, which so begins when it did, or at the end. */
  let same = '';
  try {
    const first = await look(signal);
    file = await created(path);
    const startedAt = performance.now();
    await file.appendFile(
      `${JSON.stringify({ recording: 1, cluster: first.cluster, startedAt: new Date().toISOString() } satisfies RecordingHead)}\n`,
    );
    process.stderr.write(`Records ${first.cluster} in ${path} until Ctrl-C.\n`);
    let last = { text: '', at: Number.NEGATIVE_INFINITY };
    let trouble: string | null = null;
    for (let observed: Observed | null = first; ; observed = null) {
      try {
        const at = performance.now() - startedAt;
        const { cluster: _cluster, ...now } = observed ?? (await look(signal));
        trouble = null;
        const text = JSON.stringify(now);
        const line = `${JSON.stringify({ seconds: Math.round(at) / 1_000, ...now } satisfies Snapshot)}\n`;
        if (text !== last.text || at - last.at >= QUIET_MS) {
          await file.appendFile(text === last.text ? line : same + line);
          last = { text, at };
          changes += 1;
          same = '';
        } else {
          same = line;
        }
      } catch (error) {
        const told = signal.aborted ? null : passing(error);
        if (told === null) throw error;
        if (told !== trouble) process.stderr.write(`${told}\n`);
        trouble = told;
      }
      await sleep(everyMs, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    await file?.appendFile(same);
    process.stderr.write(
      file === null ? 'Nothing recorded.\n' : `${changes} changes in ${path}. Replay them: chatcluster simulate -f FILE --trace ${path}\n`,
    );
  } finally {
    stopListening();
    await file?.close();
  }
}

/** An `up` that doesn't answer may come back. */
export function passingFailure(error: unknown): string | null {
  return error instanceof Failure ? `${error.message} Asks again.` : null;
}

async function created(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'ax');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new Failure(`-o ${path}: the file is there already; name another, or remove it first.`, 2);
    if (code === 'ENOENT') throw new Failure(`-o ${path}: there is no such folder; make it first.`, 2);
    throw new Failure(`-o ${path} can't be written: ${message}`, 2);
  }
}

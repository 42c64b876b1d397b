import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';

/** How a terminal shows text. */
export interface Look {
  /** Cells of a line. */
  readonly width: number;
  readonly color: boolean;
}

export const OUTPUTS = ['text', 'json', 'yaml'] as const;
export type Output = (typeof OUTPUTS)[number];

/** What a command found, for people and for programs. */
export interface Found {
  readonly text: (look: Look) => string;
  readonly data: unknown;
}

interface Showing {
  readonly output: Output;
  readonly watch: boolean;
  readonly everyMs: number;
  /** What to say of an error that passes by itself, while the watch goes on; null ends it with the error. */
  readonly passing?: (error: unknown) => string | null;
}

/** Shows what `read` finds: once, or again and again until Ctrl-C, which is a good end. */
export async function show(read: (signal: AbortSignal) => Promise<Found>, { output, watch, everyMs, passing }: Showing): Promise<void> {
  const { stdout, stderr } = process;
  if (!watch) {
    const found = await read(new AbortController().signal);
    stdout.write(output === 'json' ? `${JSON.stringify(found.data, null, 2)}\n` : written(found, output));
    return;
  }
  const screen = stdout.isTTY === true && output === 'text';
  const interrupted = interruption();
  let last: Found | null = null;
  try {
    if (screen) stdout.write('\x1b[2J');
    for (;;) {
      let trouble: string | null = null;
      try {
        last = await read(interrupted.signal);
      } catch (error) {
        trouble = last === null ? null : (passing?.(error) ?? null);
        if (trouble === null) throw error;
      }
      if (screen && last !== null) stdout.write(screenful(written(last, output), trouble, stdout.rows));
      else if (trouble !== null) stderr.write(`${trouble}\n`);
      else if (last !== null) stdout.write(output === 'json' ? `${JSON.stringify(last.data)}\n` : document(last, output));
      await sleep(everyMs, undefined, { signal: interrupted.signal });
    }
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    if (stdout.isTTY) stdout.write('\n');
  } finally {
    interrupted.end();
  }
}

/** Aborted by the first Ctrl-C; a second one ends the process as usual. */
export function interruption(): { readonly signal: AbortSignal; readonly end: () => void } {
  const controller = new AbortController();
  const abort = () => controller.abort();
  process.once('SIGINT', abort);
  return { signal: controller.signal, end: () => process.off('SIGINT', abort) };
}

export function look(): Look {
  const { stdout, env } = process;
  return { width: stdout.columns ?? 100, color: stdout.isTTY === true && (env.NO_COLOR ?? '') === '' };
}

function written(found: Found, output: Output): string {
  return output === 'text' ? `${found.text(look())}\n` : output === 'yaml' ? stringify(found.data) : `${JSON.stringify(found.data)}\n`;
}

function document(found: Found, output: Output): string {
  return output === 'yaml' ? `---\n${written(found, output)}` : written(found, output);
}

/** The text from the top of the screen on, over what stood there, cut where the screen ends; what is wrong stands in the last line. */
export function screenful(text: string, trouble: string | null, rows: number): string {
  const lines = text.trimEnd().split('\n');
  const room = Math.max(1, rows - (trouble === null ? 1 : 2));
  const shown = lines.length <= room ? lines : [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more lines`];
  return `\x1b[H${[...shown, ...(trouble === null ? [] : [trouble])].map((line) => `${line}\x1b[K\n`).join('')}\x1b[J`;
}

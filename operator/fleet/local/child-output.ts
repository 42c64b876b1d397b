import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Calls `line` with each line that the child writes, to stdout or stderr. Ends with the child. */
export function readOutput(child: ChildProcess, line: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (text) => {
      if (text !== '') line(text);
    });
  }
}

import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Parsed, parseChatCluster } from '../../operator/api/parse.ts';
import { Failure } from '../failure.ts';

/** Between two looks at the file, ms. A look is one `stat`, which sees edits in place and replaced files alike, on network disks too. */
const LOOK_MS = 500;
/** An editor that writes in place may be in the middle of it: what is invalid is read again after this time, ms. */
const SETTLE_MS = 250;

/** The file that a ChatCluster stands in, while people edit it. */
export class ResourceFile {
  readonly #path: string;
  /** What was read last. */
  #text: string | null = null;
  #changes = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Rejects with a Failure when the file can't be read. */
  async read(): Promise<Parsed> {
    this.#text = await readText(this.#path);
    return parseChatCluster(this.#text, this.#path);
  }

  /** Calls `edited` with what the file says whenever its text is another than the one read last. A file that is gone for a while is waited for. Ends with the signal. */
  watch(edited: (parsed: Parsed) => void, signal: AbortSignal): void {
    const changed = () => {
      this.#changes++;
      if (this.#changes === 1) void this.#follow(edited, signal);
    };
    watchFile(this.#path, { interval: LOOK_MS }, changed);
    signal.addEventListener('abort', () => unwatchFile(this.#path, changed), { once: true });
  }

  /** Reads until nothing has changed meanwhile. */
  async #follow(edited: (parsed: Parsed) => void, signal: AbortSignal): Promise<void> {
    let seen: number;
    do {
      seen = this.#changes;
      const before = this.#text;
      try {
        let parsed = await this.read();
        if (parsed.kind === 'invalid' && this.#text !== before) {
          await sleep(SETTLE_MS, undefined, { signal });
          parsed = await this.read();
        }
        if (this.#text !== before && !signal.aborted) edited(parsed);
      } catch {
        // It isn't there now, or we stop. Its return is another change.
      }
    } while (seen !== this.#changes);
    this.#changes = 0;
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT')
      throw new Failure(`${path}: there is no such file; name one with a ChatCluster, such as examples/local.yaml.`, 2);
    if (code === 'EISDIR') throw new Failure(`${path} is a folder; name a file with one ChatCluster.`, 2);
    throw new Failure(`${path} can't be read: ${(error as Error).message}`, 2);
  }
}

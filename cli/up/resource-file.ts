import { readFile, stat } from 'node:fs/promises';
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
  /** What was read last, and what the file looked like right before. */
  #text: string | null = null;
  #look: string | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** Rejects with a Failure when the file can't be read. */
  async read(): Promise<Parsed> {
    this.#look = await lookAt(this.#path);
    this.#text = await readText(this.#path);
    return parseChatCluster(this.#text, this.#path);
  }

  /**
   * Calls `edited` with what the file says whenever its text is another than the one read last, until the signal; resolves then.
   * A file that is away for a while is waited for.
   */
  async watch(edited: (parsed: Parsed) => void | Promise<void>, signal: AbortSignal): Promise<void> {
    while (await slept(LOOK_MS, signal)) {
      const look = await lookAt(this.#path);
      if (look === null || look === this.#look) continue;
      const before = this.#text;
      try {
        let parsed = await this.read();
        if (parsed.kind === 'invalid' && this.#text !== before && (await slept(SETTLE_MS, signal))) parsed = await this.read();
        if (this.#text !== before && !signal.aborted) await edited(parsed);
      } catch {
        // It went away meanwhile; its return is another change.
      }
    }
  }
}

/** False when the signal came first. */
function slept(ms: number, signal: AbortSignal): Promise<boolean> {
  return sleep(ms, true, { signal }).catch(() => false);
}

/** What changes when the file does; `null` when it isn't there. */
async function lookAt(path: string): Promise<string | null> {
  try {
    const { mtimeNs, size, ino } = await stat(path, { bigint: true });
    return `${mtimeNs} ${size} ${ino}`;
  } catch {
    return null;
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

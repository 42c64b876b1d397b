import type { Gap, Message } from '../../protocol/messages.ts';

/** A line of a room's timeline. */
export type Entry =
  | { readonly kind: 'message'; readonly key: string; readonly message: Message; readonly text: string }
  | { readonly kind: 'gap'; readonly key: string; readonly missed: number }
  | { readonly kind: 'own'; readonly key: string; readonly text: string; readonly failed: boolean };

/** A message of one's own that is not in the stream yet. */
interface Own {
  readonly key: string;
  readonly text: string;
  readonly failed: boolean;
}

/** More than this is not shown: the oldest leave. */
const LIMIT = 1000;

/**
 * What one room shows: the stored messages and gaps in the stream's order, then one's own that are still under way. The history comes
 * before or after the stream begins; where they overlap, each message is shown once.
 */
export class Timeline {
  readonly #seen = new Set<string>();
  #stream: Entry[] = [];
  #own: Own[] = [];
  #gaps = 0;

  entries(): readonly Entry[] {
    return [...this.#stream, ...this.#own.map((own): Entry => ({ kind: 'own', ...own }))];
  }

  /** Older messages, ascending. */
  history(messages: readonly Message[]): void {
    this.#stream = [...messages.flatMap((message) => this.#entryOf(message)), ...this.#stream];
  }

  message(message: Message): void {
    this.#stream.push(...this.#entryOf(message));
    if (this.#stream.length > LIMIT) this.#stream.splice(0, this.#stream.length - LIMIT);
  }

  gap({ from, to }: Gap): void {
    const missed = from.epoch === to.epoch ? to.offset - from.offset : to.offset;
    this.#stream.push({ kind: 'gap', key: `gap ${this.#gaps++}`, missed });
  }

  /** Shows a message of one's own at once; `key` names it until it comes back in the stream. */
  sending(key: string, text: string): void {
    this.#own.push({ key, text, failed: false });
  }

  /** It was stored: the stream shows it. */
  sent(key: string): void {
    this.#own = this.#own.filter((own) => own.key !== key);
  }

  failed(key: string): void {
    this.#own = this.#own.map((own) => (own.key === key ? { ...own, failed: true } : own));
  }

  #entryOf(message: Message): Entry[] {
    const { epoch, offset } = message.position;
    const key = `${epoch} ${offset}`;
    if (this.#seen.has(key)) return [];
    this.#seen.add(key);
    const { text, key: own } = readData(message.data);
    if (own !== null) this.sent(own);
    return [{ kind: 'message', key, message, text }];
  }
}

/** The data of a chat message: its text, and the sender's key of it, by which its own page knows it again. */
export function readData(data: unknown): { readonly text: string; readonly key: string | null } {
  if (typeof data === 'string') return { text: data, key: null };
  if (typeof data !== 'object' || data === null) return { text: JSON.stringify(data), key: null };
  const { text, key } = data as Record<string, unknown>;
  return { text: typeof text === 'string' ? text : JSON.stringify(data), key: typeof key === 'string' ? key : null };
}

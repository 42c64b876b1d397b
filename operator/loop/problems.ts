/** The same line is told again only after this time, ms. */
const REPEAT_MS = 60_000;

/** Tells of what failed, but not every second of the same. */
export class Problems {
  readonly #tell: (text: string) => void;
  readonly #toldAt = new Map<string, number>();

  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  tell(text: string, now: number): void {
    for (const [line, at] of this.#toldAt) if (now - at >= REPEAT_MS) this.#toldAt.delete(line);
    if (this.#toldAt.has(text)) return;
    this.#toldAt.set(text, now);
    this.#tell(text);
  }
}

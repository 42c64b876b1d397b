/** Where nobody watches a line change, one is written this often, ms. */
const PLAIN_LINES_MS = 5_000;

/** Progress on one line that changes, or on plain lines now and then where nobody watches. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  #nextPlainAt = PLAIN_LINES_MS;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** `elapsedMs`: since the beginning. */
  show(text: string, elapsedMs: number): void {
    if (this.#stream.isTTY) {
      this.#stream.write(`\r\x1b[2K${text.slice(0, this.#stream.columns - 1)}`);
      return;
    }
    if (elapsedMs < this.#nextPlainAt) return;
    this.#nextPlainAt = elapsedMs + PLAIN_LINES_MS;
    this.#stream.write(`${text}\n`);
  }

  clear(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\x1b[2K');
  }
}

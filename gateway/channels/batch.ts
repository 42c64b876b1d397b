/** Frames of one channel that go to all its subscribers in one write. */
export class Batch {
  /** Each frame by itself, for transports that don't speak in frames. */
  readonly frames: readonly Buffer[];
  #bytes: Buffer | null = null;

  constructor(frames: readonly Buffer[]) {
    this.frames = frames;
  }

  /** All frames in one buffer; made once, when the first asks. */
  get bytes(): Buffer {
    if (this.#bytes === null) {
      const only = this.frames.length === 1 ? this.frames[0] : undefined;
      this.#bytes = only ?? Buffer.concat(this.frames);
    }
    return this.#bytes;
  }
}

import type { Socket } from 'node:net';

/** What came, or the end of it, and when it may go on. */
interface Waiting {
  readonly chunk: Buffer | 'end';
  readonly due: number;
}

/** Carries the bytes of one direction of a connection, in order, and can hold them back. */
export class OneWay {
  delayMs: number;
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #stalled = false;

  /** Carries nothing before `resume`. */
  constructor(from: Socket, to: Socket, delayMs: number) {
    this.delayMs = delayMs;
    this.#from = from;
    this.#to = to;
    from.pause();
    from.on('data', (chunk: Buffer) => this.#take(chunk));
    from.on('end', () => this.#take('end'));
    to.on('drain', () => this.#read());
    for (const socket of [from, to]) socket.on('close', () => this.#forget());
  }

  /** Reads no more, so that the sender's own buffers fill, and lets nothing out. */
  stall(): void {
    this.#stalled = true;
    this.#from.pause();
    clearTimeout(this.#timer);
  }

  resume(): void {
    this.#stalled = false;
    this.#release();
    this.#read();
  }

  #read(): void {
    if (!this.#stalled && !this.#to.writableNeedDrain) this.#from.resume();
  }

  #take(chunk: Buffer | 'end'): void {
    this.#waiting.push({ chunk, due: performance.now() + this.delayMs });
    this.#release();
  }

  /** Lets out what is due; what came later never overtakes it, even when its delay is shorter. */
  #release(): void {
    clearTimeout(this.#timer);
    if (this.#stalled) return;
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined) return;
      const leftMs = this.delayMs === 0 ? 0 : next.due - performance.now();
      if (leftMs > 0) {
        this.#timer = setTimeout(() => this.#release(), leftMs);
        return;
      }
      this.#waiting.shift();
      if (next.chunk === 'end') this.#to.end();
      else if (!this.#to.write(next.chunk)) this.#from.pause();
    }
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
  }
}

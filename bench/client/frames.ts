/** What the load client tells apart, by the tenth and eleventh byte of the JSON text `{"type":"…`. */
export interface FrameCounts {
  /** `message` */
  messages: number;
  /** `subscribed` */
  subscribed: number;
  /** `connected` */
  connected: number;
  /** `published` */
  published: number;
  /** Anything that must not come: an error, a gap, a close. */
  unexpected: string | null;
}

export const newFrameCounts = (): FrameCounts => ({ messages: 0, subscribed: 0, connected: 0, published: 0, unexpected: null });

const TYPE_AT = '{"type":"'.length;
const [M, S, C, P, J, U] = [...'mscpju'].map((letter) => letter.charCodeAt(0));
/** Of a frame, the longest header and the text up to its type's second letter. */
const HEAD_BYTES = 10 + TYPE_AT + 2;

/**
 * Counts a server's frames on one socket without copying or decoding them: only each frame's header and first letters of
 * its type are looked at. Frames may begin and end anywhere in what comes. With `onMessage` each message's bytes are handed on, which is slower.
 */
export class FrameReader {
  readonly #counts: FrameCounts;
  readonly #onMessage: ((payload: Buffer) => void) | null;
  readonly #onPing: () => void;
  /** Bytes of the present frame that are still to come, and don't matter. */
  #skip = 0;
  /** The beginning of a frame that was cut off. */
  #rest: Buffer | null = null;

  constructor(counts: FrameCounts, onMessage: ((payload: Buffer) => void) | null, onPing: () => void) {
    this.#counts = counts;
    this.#onMessage = onMessage;
    this.#onPing = onPing;
  }

  /** `bytes` may be reused by the caller afterwards. */
  read(bytes: Buffer): void {
    let at = 0;
    let data = bytes;
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, data.length);
      this.#skip -= skipped;
      at = skipped;
    } else if (this.#rest !== null) {
      data = Buffer.concat([this.#rest, bytes]);
      this.#rest = null;
    }
    while (at < data.length) {
      const next = this.#frame(data, at);
      if (next < 0) {
        this.#rest = Buffer.from(data.subarray(at));
        return;
      }
      at = next;
    }
    this.#skip += at - data.length;
  }

  /** Counts the frame at `at`; returns where the next begins (maybe beyond the end), or −1 when more must come first. */
  #frame(data: Buffer, at: number): number {
    const available = data.length - at;
    if (available < 2) return -1;
    const opcode = (data[at] ?? 0) & 0x0f;
    const short = (data[at + 1] ?? 0) & 0x7f;
    const header = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (available < header) return -1;
    const length = short === 127 ? Number(data.readBigUInt64BE(at + 2)) : short === 126 ? data.readUInt16BE(at + 2) : short;
    const wanted = this.#onMessage === null && opcode === 1 ? Math.min(header + length, HEAD_BYTES) : header + length;
    if (available < wanted) return -1;
    if (opcode === 1) this.#text(data, at + header, length);
    else if (opcode === 9) this.#onPing();
    else if (opcode === 8) this.#counts.unexpected ??= `close ${length >= 2 ? data.readUInt16BE(at + header) : ''}`;
    return at + header + length;
  }

  #text(data: Buffer, start: number, length: number): void {
    switch (data[start + TYPE_AT]) {
      case M:
        this.#counts.messages++;
        this.#onMessage?.(data.subarray(start, start + length));
        break;
      case S:
        this.#counts.subscribed++;
        break;
      case C:
        this.#counts.connected++;
        break;
      case P:
        if (data[start + TYPE_AT + 1] === U) this.#counts.published++;
        break;
      case J:
        break;
      default:
        this.#counts.unexpected ??= data.toString('utf8', start, Math.min(data.length, start + length));
    }
  }
}

/** A client's pong to a ping without a payload. */
export const PONG_FRAME = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

/** A client's text frame. It is masked, as it must be, with the mask 0, which changes nothing. */
export function clientFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = length < 126 ? 6 : 8;
  const frame = Buffer.alloc(header + length);
  frame[0] = 0x81;
  if (length < 126) frame[1] = 0x80 | length;
  else {
    frame[1] = 0x80 | 126;
    frame.writeUInt16BE(length, 2);
  }
  frame.write(text, header);
  return frame;
}

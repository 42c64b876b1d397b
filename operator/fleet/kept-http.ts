import { connect, isIPv6, type Socket } from 'node:net';

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

export interface HttpQuestion {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Until the whole answer must be there, ms. */
  readonly timeoutMs: number;
}

/** Longer answers are refused, bytes. */
const MOST_BYTES = 1_048_576;
const END_OF_HEAD = '\r\n\r\n';

/**
 * Asks one HTTP server by connections that it keeps. It is for the admin port of gateways, each of which is asked every second: it does a third of the work
 * of Node's own client, and knows no more of HTTP than that port speaks, answers of a given length. A question may reach the server twice, when it had
 * just closed the connection that it was kept for.
 */
export class KeptHttp {
  readonly #host: string;
  readonly #port: number;
  #idle: Connection | null = null;
  readonly #open = new Set<Connection>();

  constructor(host: string, port: number) {
    this.#host = host;
    this.#port = port;
  }

  /** Rejects when there is no whole answer within the time limit. */
  async ask(question: HttpQuestion): Promise<HttpAnswer> {
    const kept = this.#idle;
    this.#idle = null;
    if (kept === null) return this.#askBy(this.#connect(), question);
    try {
      return await this.#askBy(kept, question);
    } catch (error) {
      if (!kept.wasClosedUnheard) throw error;
      return this.#askBy(this.#connect(), question);
    }
  }

  /** What is under way is rejected. */
  close(): void {
    for (const connection of this.#open) connection.end(new Error('closed'));
  }

  async #askBy(connection: Connection, question: HttpQuestion): Promise<HttpAnswer> {
    const answer = await connection.ask(textOf(question, this.#host, this.#port), question.timeoutMs);
    if (this.#idle === null && connection.isUsable) this.#idle = connection;
    else connection.end(new Error('not needed any more'));
    return answer;
  }

  #connect(): Connection {
    const connection = new Connection(connect({ host: this.#host, port: this.#port, noDelay: true }), () => {
      this.#open.delete(connection);
      if (this.#idle === connection) this.#idle = null;
    });
    this.#open.add(connection);
    return connection;
  }
}

/** One connection, for one question at a time. */
class Connection {
  readonly #socket: Socket;
  readonly #ended: () => void;
  #received: Buffer | null = null;
  #waiting: {
    readonly resolve: (answer: HttpAnswer) => void;
    readonly reject: (error: Error) => void;
    readonly timer: NodeJS.Timeout;
  } | null = null;
  #answers = 0;
  #isOver = false;
  /** It had answered before, and the server closed it without a byte of the answer to the last question. */
  wasClosedUnheard = false;

  constructor(socket: Socket, ended: () => void) {
    this.#socket = socket;
    this.#ended = ended;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => this.#endedByServer(error));
    socket.on('close', () => this.#endedByServer(new Error('the connection was closed')));
  }

  get isUsable(): boolean {
    return !this.#isOver;
  }

  ask(text: string, timeoutMs: number): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.end(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
      this.#waiting = { resolve, reject, timer };
      this.#socket.ref();
      this.#socket.write(text, 'utf8');
    });
  }

  end(reason: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#socket.destroy();
    this.#ended();
    const waiting = this.#waiting;
    this.#waiting = null;
    clearTimeout(waiting?.timer);
    waiting?.reject(reason);
  }

  #endedByServer(error: Error): void {
    if (this.#isOver) return;
    this.wasClosedUnheard = this.#answers > 0 && this.#received === null;
    this.end(error);
  }

  #take(chunk: Buffer): void {
    const bytes = this.#received === null ? chunk : Buffer.concat([this.#received, chunk]);
    this.#received = bytes;
    const read = this.#waiting === null ? UNASKED : readAnswer(bytes);
    if (read.kind === 'invalid') this.end(new Error(read.problem));
    else if (read.kind === 'answer') this.#answered(read.answer, read.closes);
  }

  #answered(answer: HttpAnswer, closes: boolean): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    clearTimeout(waiting?.timer);
    this.#received = null;
    this.#answers++;
    this.#socket.unref();
    if (closes) this.end(new Error('it closes the connection'));
    waiting?.resolve(answer);
  }
}

type ReadAnswer =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'invalid'; readonly problem: string }
  | { readonly kind: 'answer'; readonly answer: HttpAnswer; readonly closes: boolean };

const UNASKED: ReadAnswer = { kind: 'invalid', problem: 'it said something that it was not asked' };

/** Reads the answer that the bytes are, or begin. */
export function readAnswer(bytes: Buffer): ReadAnswer {
  const end = bytes.indexOf(END_OF_HEAD, 0, 'latin1');
  if (end < 0) return bytes.length > MOST_BYTES ? { kind: 'invalid', problem: 'its answer is too long' } : { kind: 'incomplete' };
  const head = bytes.toString('latin1', 0, end);
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1];
  const length = /\r\ncontent-length: *(\d+) *(?:\r\n|$)/i.exec(head)?.[1];
  if (status === undefined) return { kind: 'invalid', problem: 'its answer is not HTTP' };
  if (length === undefined) return { kind: 'invalid', problem: `it answered ${status} without a length` };
  const from = end + END_OF_HEAD.length;
  const to = from + Number(length);
  if (to > MOST_BYTES) return { kind: 'invalid', problem: 'its answer is too long' };
  if (bytes.length < to) return { kind: 'incomplete' };
  if (bytes.length > to) return { kind: 'invalid', problem: 'it said more than it was asked' };
  const closes = /\r\nconnection: *close/i.test(head);
  return { kind: 'answer', answer: { status: Number(status), body: bytes.toString('utf8', from, to) }, closes };
}

function textOf({ method, path, headers, body }: HttpQuestion, host: string, port: number): string {
  const length = method === 'GET' ? '' : `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  let lines = '';
  for (const name in headers) lines += `${name}: ${headers[name]}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nHost: ${isIPv6(host) ? `[${host}]` : host}:${port}\r\n${lines}${length}\r\n${body}`;
}

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A client that sends bytes exactly as the test says, and keeps what comes back. */
export class RawSocket {
  readonly socket: Socket;
  received = '';
  readonly closed: Promise<unknown>;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = once(socket, 'close');
    socket.on('data', (chunk: Buffer) => {
      this.received += chunk.toString('latin1');
    });
    // A reset is one of the ends that tests look for.
    socket.on('error', () => {});
  }

  static async open(port: number): Promise<RawSocket> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    return new RawSocket(socket);
  }

  /** Resolves when the system has taken the bytes. */
  send(text: string): Promise<void> {
    return new Promise((resolve) => this.socket.write(text, 'latin1', () => resolve()));
  }

  /** Resolves to everything received as soon as it matches; rejects when the connection ends before. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.received)) {
      if (this.socket.closed) throw new Error(`The connection ended after ${JSON.stringify(this.received)}.`);
      await Promise.race([once(this.socket, 'data'), this.closed]);
    }
    return this.received;
  }
}

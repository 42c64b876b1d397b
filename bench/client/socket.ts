import { connect, type Socket } from 'node:net';
import { SUBPROTOCOL, WEBSOCKET_PATH } from '../../protocol/paths.ts';
import { clientFrame, type FrameCounts, FrameReader, PONG_FRAME } from './frames.ts';

/** All sockets read into the same buffer: what is read is counted at once, never kept. */
const readBuffer = Buffer.alloc(256 * 1024);

/** A WebSocket of the load client: as lean as it can be, so that the server is the one that is measured. */
export class ClientSocket {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Connects, upgrades, and says `connect` as a session of its own. Resolves when the server has accepted the upgrade. */
  static open(port: number, counts: FrameCounts, onMessage: ((payload: Buffer) => void) | null): Promise<ClientSocket> {
    return new Promise((resolve, reject) => {
      const reader = new FrameReader(counts, onMessage, () => socket.write(PONG_FRAME));
      let upgrading = '';
      const read = (size: number): boolean => {
        const bytes = readBuffer.subarray(0, size);
        if (upgrading === 'done') reader.read(bytes);
        else {
          upgrading += bytes.toString('latin1');
          const end = upgrading.indexOf('\r\n\r\n');
          if (end < 0) return true;
          if (!upgrading.startsWith('HTTP/1.1 101')) {
            counts.unexpected ??= upgrading.slice(0, 200);
            socket.destroy();
            reject(new Error(`Refused: ${upgrading.slice(0, 200)}`));
            return true;
          }
          const after = Buffer.from(upgrading.slice(end + 4), 'latin1');
          upgrading = 'done';
          resolve(new ClientSocket(socket));
          if (after.length > 0) reader.read(after);
        }
        return true;
      };
      const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread: { buffer: readBuffer, callback: read } });
      socket.on('error', (error) => {
        counts.unexpected ??= error.message;
        reject(error);
      });
      socket.write(
        `GET ${WEBSOCKET_PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
          `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ${SUBPROTOCOL}\r\n\r\n`,
      );
    });
  }

  send(message: object): void {
    this.#socket.write(clientFrame(JSON.stringify(message)));
  }

  /** Several messages in one write. */
  sendAll(messages: readonly object[]): void {
    this.#socket.write(Buffer.concat(messages.map((message) => clientFrame(JSON.stringify(message)))));
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const HEADER_BYTES = 12;
const TYPE_A = 1;
const TTL_SECONDS = 1;
/** QR, AA, RD and RA. */
const ANSWER = 0x8580;
const NAME_ERROR = 3;

export type AddressesByName = ReadonlyMap<string, () => readonly string[]>;

/** A DNS server on a port of 127.0.0.1 that knows a few names, and the IPv4 addresses that they have just now. */
export class DnsServer {
  readonly port: number;
  readonly #socket: Socket;
  readonly #names: AddressesByName;

  private constructor(socket: Socket, names: AddressesByName) {
    this.#socket = socket;
    this.#names = names;
    this.port = socket.address().port;
    socket.on('message', (question, { port, address }) => {
      const answer = this.#answer(question);
      if (answer !== null) socket.send(answer, port, address);
    });
  }

  static async start(names: AddressesByName): Promise<DnsServer> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new DnsServer(socket, names);
  }

  async stop(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  /** `null`: it isn't one question. */
  #answer(question: Buffer): Buffer | null {
    if (question.length < HEADER_BYTES || question.readUInt16BE(4) !== 1) return null;
    const { name, end } = readName(question, HEADER_BYTES);
    const addresses = this.#names.get(name);
    const records = addresses !== undefined && question.readUInt16BE(end) === TYPE_A ? addresses().map(recordOf) : [];
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt16BE(question.readUInt16BE(0), 0);
    header.writeUInt16BE(ANSWER | (addresses === undefined ? NAME_ERROR : 0), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    return Buffer.concat([header, question.subarray(HEADER_BYTES, end + 4), ...records]);
  }
}

/** A name of the question is never compressed. */
function readName(message: Buffer, start: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = start;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length).toLowerCase());
    at += 1 + length;
  }
  return { name: labels.join('.'), end: at + 1 };
}

/** An address of the name that was asked for, which stands right behind the header. */
function recordOf(address: string): Buffer {
  const record = Buffer.alloc(16);
  record.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
  record.writeUInt16BE(TYPE_A, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(TTL_SECONDS, 6);
  record.writeUInt16BE(4, 10);
  record.set(address.split('.').map(Number), 12);
  return record;
}

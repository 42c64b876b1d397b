import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

const PODS = '10.244.';
const PROCESSES = '127.244.';
const HOSTS = '10.89.';
const BLOCKS = 256;
const LAST_IN_BLOCK = 254;
/** A port of a block's first address that nobody serves: whoever listens on it has the block. */
const CLAIM_PORT = 4;

/** Where the process of a Pod listens. Kubernetes refuses loopback addresses as those of Pods, so a Pod says 10.244.x.y and listens on 127.244.x.y. */
export function podAddress(ip: string): string {
  return ip.startsWith(PODS) ? `${PROCESSES}${ip.slice(PODS.length)}` : ip;
}

/** A text with every Pod's address exchanged for where its process listens. */
export function podAddressesIn(text: string): string {
  return text.replaceAll(`"${PODS}`, `"${PROCESSES}`);
}

/** 253 addresses of Pods, 10.244.N.2 and on, which no other process on this machine has: its kernel keeps them until we end. */
export class AddressBlock {
  readonly #claim: Server;
  /** As which its node is known; nothing is there. */
  readonly hostIp: string;
  readonly #prefix: string;
  readonly #taken = new Set<number>();
  #last = 1;

  private constructor(claim: Server, block: number) {
    this.#claim = claim;
    this.hostIp = `${HOSTS}${block}.1`;
    this.#prefix = `${PODS}${block}.`;
  }

  static async take(): Promise<AddressBlock> {
    const first = Math.floor(Math.random() * BLOCKS);
    for (let tries = 0; tries < BLOCKS; tries++) {
      const block = (first + tries) % BLOCKS;
      const claim = await claimBlock(block);
      if (claim !== undefined) return new AddressBlock(claim, block);
    }
    throw new Error(`All blocks of ${PROCESSES}0.0/16 are in use on this machine.`);
  }

  get full(): boolean {
    return this.#taken.size > LAST_IN_BLOCK - 2;
  }

  /** An address that is free, and of those the one that was free the longest. */
  next(): string {
    for (let tries = 0; tries < LAST_IN_BLOCK; tries++) {
      this.#last = this.#last >= LAST_IN_BLOCK ? 2 : this.#last + 1;
      if (this.#taken.has(this.#last)) continue;
      this.#taken.add(this.#last);
      return `${this.#prefix}${this.#last}`;
    }
    throw new Error(`All addresses of ${this.#prefix}0/24 are taken.`);
  }

  giveBack(ip: string): void {
    if (ip.startsWith(this.#prefix)) this.#taken.delete(Number(ip.slice(this.#prefix.length)));
  }

  async release(): Promise<void> {
    this.#claim.close();
    if (this.#claim.listening) await once(this.#claim, 'close');
  }
}

async function claimBlock(block: number): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen(CLAIM_PORT, `${PROCESSES}${block}.1`);
    await once(server, 'listening');
    server.unref();
    return server;
  } catch {
    return undefined;
  }
}

import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Position } from '../../protocol/position.ts';
import { paced } from '../pace.ts';
import { type FrameCounts, newFrameCounts } from './frames.ts';
import { ClientSocket } from './socket.ts';

/** Clients that come back to a gateway which knows nothing of them. */
export interface Returning {
  readonly port: number;
  readonly clients: number;
  /** Client i was subscribed to one of these channels, i modulo their number, and has seen it up to the position. */
  readonly channels: readonly { readonly channel: string; readonly position: Position }[];
  /** Messages that each has missed. */
  readonly missed: number;
  /** The time in which they subscribe, evenly, ms; 0: all in one turn. */
  readonly withinMs: number;
  readonly giveUpMs: number;
}

export interface Returned {
  /** From the first subscribe until the last missed message came, ms. */
  readonly elapsedMs: number;
  /** Clients that did not get exactly the messages that they missed. */
  readonly incomplete: number;
}

/** Connections that are opened at the same time: few enough for a server's backlog. */
const OPENING = 100;
const LOOK_MS = 2;

/** One of them: what it heard. */
interface Client {
  readonly socket: ClientSocket;
  readonly counts: FrameCounts;
}

/** Connects all; then they subscribe, each with its position. Rejects when the server says anything that is not wanted. */
export async function comeBack({ port, clients: count, channels, missed, withinMs, giveUpMs }: Returning): Promise<Returned> {
  const clients: Client[] = [];
  try {
    for (let i = 0; i < count; i += OPENING) {
      clients.push(...(await Promise.all(Array.from({ length: Math.min(OPENING, count - i) }, () => connect(port)))));
    }
    await until(() => clients.every(({ counts }) => counts.connected === 1), giveUpMs);
    const start = performance.now();
    let subscribed = 0;
    const subscribe = (some: number): void => {
      const last = Math.min(count, subscribed + some);
      for (; subscribed < last; subscribed++)
        clients[subscribed]?.socket.send({ type: 'subscribe', ...channels[subscribed % channels.length] });
    };
    if (withinMs > 0) await paced({ rate: (count * 1_000) / withinMs, durationMs: withinMs }, subscribe);
    subscribe(count);
    // Those that have all are looked at no more.
    let waiting = clients;
    const all = (): boolean => {
      waiting = waiting.filter(({ counts }) => counts.messages < missed);
      return waiting.length === 0;
    };
    await until(all, giveUpMs);
    const elapsedMs = performance.now() - start;
    const unexpected = clients.find(({ counts }) => counts.unexpected !== null)?.counts.unexpected;
    if (unexpected !== undefined) throw new Error(`The server said: ${unexpected}`);
    return { elapsedMs, incomplete: clients.filter(({ counts }) => counts.messages !== missed).length };
  } finally {
    for (const { socket } of clients) socket.destroy();
  }
}

async function connect(port: number): Promise<Client> {
  const counts = newFrameCounts();
  const socket = await ClientSocket.open(port, counts, null);
  socket.send({ type: 'connect', session: randomBytes(16).toString('base64url'), cause: 'reconnect' });
  return { socket, counts };
}

/** Waits until the condition holds, or the time is over. */
async function until(condition: () => boolean, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition() && performance.now() < deadline) await sleep(LOOK_MS);
}

import { setTimeout as sleep } from 'node:timers/promises';
import { ChatClient, type Position } from '../../client/index.ts';
import { samePosition } from '../../protocol/position.ts';
import type { History, StoredMessage } from './checker/log.ts';
import type { Crowd } from './clients/crowd.ts';
import { CHAT_URL, type Network } from './clients/network.ts';

const LOOK_MS = 250;
/** So often in a row nothing may have changed. */
const QUIET_LOOKS = 4;
/** As long as messages go through, so many times the time is granted: a slow machine is no fault of what is tested. */
const LONGEST = 6;
const PAGE = 1_000;
/** Whoever asks for a channel's head is answered by then, unless a gateway has a fault. */
const ANSWER_MS = 60_000;
const CONNECT_TIMEOUT_MS = 4_000;
const BACKOFF = { baseMs: 100, maxMs: 1_000 };

/** What the end of a run is read from. */
export interface EndOptions {
  readonly crowd: Crowd;
  readonly channels: readonly string[];
  /** The way of the reader to the gateways. */
  readonly network: Network;
  /** Until every client must be at its channels' heads, once these stand still; and until they stand still, once nothing goes on any more. */
  readonly settleMs: number;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** How a run ended. */
export interface TheEnd {
  readonly histories: readonly History[];
  /** What kept it from being quiet when the time was over; null: it was. */
  readonly unquiet: string | null;
}

/**
 * Waits until no message is under way, the heads stand still and every client is at its channels' heads; or until the time is over, which
 * the checker then sees. Reads the final histories.
 */
export async function readTheEnd(options: EndOptions): Promise<TheEnd> {
  const reader = new Reader(options.network);
  try {
    const unquiet = await untilQuiet(options, reader);
    const { channels, now, signal } = options;
    const histories: History[] = [];
    for (const [channel, head] of await reader.heads(channels, signal)) {
      histories.push({ kind: 'history', at: now(), channel, head, messages: await reader.messages(channel, signal) });
    }
    return { histories, unquiet };
  } finally {
    await reader.close();
  }
}

async function untilQuiet({ crowd, channels, settleMs, now, signal }: EndOptions, reader: Reader): Promise<string | null> {
  const last = now() + LONGEST * settleMs;
  let until = now() + settleMs;
  let before: ReadonlyMap<string, Position> = new Map();
  let unsettled = crowd.unsettled;
  let unquiet: string | null = null;
  for (let quiet = 0; quiet < QUIET_LOOKS && now() < until; ) {
    await sleep(LOOK_MS, undefined, { signal });
    const heads = await reader.heads(channels, signal);
    const moved = whatMoves(crowd, heads, before);
    if (moved !== null && crowd.unsettled < unsettled) {
      unsettled = crowd.unsettled;
      until = Math.min(last, now() + settleMs);
    }
    unquiet = moved ?? whoIsBehind(crowd, heads);
    quiet = unquiet === null ? quiet + 1 : 0;
    before = heads;
  }
  return unquiet;
}

function whatMoves(crowd: Crowd, heads: ReadonlyMap<string, Position>, before: ReadonlyMap<string, Position>): string | null {
  if (crowd.unsettled > 0) return `${crowd.unsettled} messages have no outcome`;
  for (const [channel, head] of heads) {
    const last = before.get(channel);
    if (last === undefined || !samePosition(head, last)) return `${channel} moved to ${head.epoch}/${head.offset}`;
  }
  return null;
}

function whoIsBehind(crowd: Crowd, heads: ReadonlyMap<string, Position>): string | null {
  for (const { client, channel, position } of crowd.places()) {
    const head = heads.get(channel);
    if (head === undefined || (position !== null && samePosition(position, head))) continue;
    const where = position === null ? 'has no stream' : `is at ${position.epoch}/${position.offset}`;
    return `${client} ${where} in ${channel}, whose head is ${head.epoch}/${head.offset}`;
  }
  return null;
}

/** Reads what the channels hold, through a gateway. */
class Reader {
  readonly #client: ChatClient;

  constructor(network: Network) {
    this.#client = new ChatClient({
      url: CHAT_URL,
      name: 'reader',
      transports: ['websocket'],
      webSocket: network.webSocket,
      backoff: BACKOFF,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
    });
    this.#client.connect();
  }

  /** Where a stream starts that is given no position. */
  async heads(channels: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Position>> {
    const heads = new Map<string, Position>();
    await Promise.all(
      channels.map(async (name) => {
        const channel = this.#client.channel(name);
        const asked = retried(() => channel.subscribe().then(({ position }) => position), signal);
        heads.set(name, await answered(asked, `No gateway says where ${name} stands`, signal));
        channel.unsubscribe();
      }),
    );
    return new Map(channels.map((name) => [name, heads.get(name) as Position]));
  }

  async messages(name: string, signal: AbortSignal): Promise<readonly StoredMessage[]> {
    const channel = this.#client.channel(name);
    const stored: StoredMessage[] = [];
    for (let before: number | null = null; ; ) {
      const range: { readonly limit: number; readonly before?: number } = { limit: PAGE, ...(before === null ? null : { before }) };
      const { messages, more } = await retried(() => channel.history(range), signal);
      stored.unshift(...messages.map(({ id, position }) => ({ id, position })));
      const oldest = stored[0];
      if (!more || oldest === undefined) return stored;
      before = oldest.position.offset;
    }
  }

  close(): Promise<void> {
    return this.#client.close({ flushMs: 0 });
  }
}

/** Rejects when there is no answer in time: a run must not wait for ever. */
async function answered<T>(answer: Promise<T>, what: string, signal: AbortSignal): Promise<T> {
  const done = new AbortController();
  const late = sleep(ANSWER_MS, undefined, { signal: AbortSignal.any([signal, done.signal]) }).then(() => {
    throw new Error(`${what}, for ${ANSWER_MS} ms.`);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    done.abort();
  }
}

/** Tried a few times: a gateway may refuse for a moment. */
async function retried<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || tries === 20) throw error;
      await sleep(LOOK_MS, undefined, { signal });
    }
  }
}

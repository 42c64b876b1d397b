import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ChatClient } from '../../client/client.ts';
import type { Transport } from '../../client/link.ts';
import type { ClientOptions } from '../../client/options.ts';
import { type Position, samePosition } from '../../protocol/position.ts';
import { GatewayPair } from '../fakes/gateway-pair.ts';

/** One client that reads and publishes in one channel, and keeps its own books. */
class Chatter {
  readonly client: ChatClient;
  readonly faults: string[] = [];
  readonly read: string[] = [];
  readonly acknowledged: string[] = [];
  readonly moves: string[] = [];
  reconnects = 0;
  gaps = 0;
  /** Connections on which it is subscribed; and how often there was none after there had been one. */
  #open = 0;
  silences = 0;
  #position: Position | null = null;
  #number = 0;
  readonly #name: string;

  constructor(name: string, url: string, transports: readonly Transport[], more: Partial<ClientOptions> = {}) {
    this.#name = name;
    this.client = new ChatClient({ url, name, transports, webSocket: WebSocket, ...more });
    this.client.on('connection', ({ kind, cause }) => {
      this.#open += kind === 'opened' ? 1 : -1;
      if (kind === 'opened' && cause === 'reconnect') this.reconnects++;
      if (this.#open === 0) this.silences++;
    });
    this.client.on('migrated', ({ from, to }) => this.moves.push(`${from} → ${to}`));
    const channel = this.client.channel('room');
    channel.on('message', ({ position, id }) => {
      const before = this.#position;
      if (before === null || position.offset !== before.offset + 1) this.faults.push(`${position.offset} after ${before?.offset}`);
      this.#position = position;
      this.read.push(id);
    });
    channel.on('gap', ({ from, to }) => {
      this.gaps++;
      if (this.#position === null || !samePosition(from, this.#position)) this.faults.push('a gap from elsewhere');
      this.#position = to;
    });
    channel.on('subscribed', ({ position }) => {
      this.#position ??= position;
    });
  }

  async start(): Promise<void> {
    this.client.connect();
    await this.client.channel('room').subscribe({ presence: true });
  }

  publish(): void {
    const id = `${this.#name} ${String(this.#number++).padStart(6, '0')}`;
    this.client
      .channel('room')
      .publish({ text: 'hello' }, id)
      .then(
        () => this.acknowledged.push(id),
        (error: unknown) => this.faults.push(`${id}: ${error}`),
      );
  }
}

/** However slow the machine is. */
const until = (check: () => void) => vi.waitFor(check, { timeout: 15_000 });

let pair: GatewayPair;
let url: string;
const chatters: Chatter[] = [];
let publishing: NodeJS.Timeout | undefined;

async function start(settings: ConstructorParameters<typeof GatewayPair>[0] = {}): Promise<void> {
  pair = new GatewayPair(settings);
  url = await pair.start();
}

async function join(name: string, transports: readonly Transport[], more: Partial<ClientOptions> = {}): Promise<Chatter> {
  const chatter = new Chatter(name, url, transports, more);
  chatters.push(chatter);
  await chatter.start();
  return chatter;
}

function publishAllTheTime(everyMs = 5): void {
  publishing = setInterval(() => {
    for (const chatter of chatters) chatter.publish();
  }, everyMs);
}

/** Ends publishing, waits until all is acknowledged and read by all, and checks each client's books against the others'. */
async function checkBooks(): Promise<void> {
  clearInterval(publishing);
  await until(() => expect(chatters.map(({ client }) => client.unacknowledged)).toEqual(chatters.map(() => 0)));
  const all = chatters.flatMap(({ acknowledged }) => acknowledged).sort();
  await until(() => expect(chatters.map(({ read }) => read.length)).toEqual(chatters.map(() => all.length)));
  for (const { read, faults, gaps } of chatters) {
    expect({ faults, gaps }).toEqual({ faults: [], gaps: 0 });
    expect(read).toEqual(chatters[0]?.read);
  }
  expect([...(chatters[0]?.read ?? [])].sort()).toEqual(all);
  for (const { acknowledged } of chatters) {
    const mine = (chatters[0]?.read ?? []).filter((id) => id.startsWith(`${acknowledged[0]?.split(' ')[0]} `));
    expect(mine).toEqual([...mine].sort());
  }
}

const connections = (index: number) => pair.members[index]?.gateway.status().connections;

/** Drains one gateway, waits until it is empty, and lets it accept again. */
async function drain(index: number): Promise<void> {
  const { gateway } = pair.members[index] ?? {};
  gateway?.drain({ ratePerSecond: 50, timeoutMs: 10_000 });
  await until(() => expect(connections(index)).toBe(0));
  gateway?.uncordon();
}

beforeEach(() => {
  chatters.length = 0;
});

afterEach(async () => {
  clearInterval(publishing);
  await Promise.all(chatters.map(({ client }) => client.close({ flushMs: 0 })));
  await pair.close();
});

test('drains move clients in mid-stream: none is silent, nothing is lost, doubled or reordered', async () => {
  await start();
  for (const name of ['ada', 'bob', 'cyd', 'dan']) await join(name, ['websocket']);
  publishAllTheTime();
  for (const index of [0, 1, 0, 1]) await drain(index);
  await checkBooks();
  for (const { silences, reconnects, moves } of chatters) {
    expect({ silences, reconnects }).toEqual({ silences: 0, reconnects: 0 });
    expect(moves.length).toBeGreaterThanOrEqual(3);
  }
  expect(pair.members.map(({ gateway }) => gateway.status().forcedTotal)).toEqual([0, 0]);
});

test('the same over long polling', async () => {
  await start({ pollTimeoutMs: 2_000 });
  for (const name of ['ada', 'bob', 'cyd']) await join(name, ['longpoll']);
  publishAllTheTime(40);
  for (const index of [0, 1, 0, 1]) await drain(index);
  await checkBooks();
  for (const { silences, reconnects } of chatters) expect({ silences, reconnects }).toEqual({ silences: 0, reconnects: 0 });
}, 60_000);

test('connections that are cut without a word cost nobody a message', async () => {
  await start();
  for (const name of ['ada', 'bob']) await join(name, ['websocket'], { backoff: { baseMs: 20 } });
  for (const name of ['cyd', 'dan']) await join(name, ['longpoll'], { backoff: { baseMs: 20 } });
  publishAllTheTime(40);
  for (let round = 0; round < 6; round++) {
    const before = chatters.map(({ read }) => read.length);
    pair.cut(round % 2);
    // Each of them reads on before the next cut.
    await until(() => expect(chatters.every(({ read }, i) => read.length > (before[i] ?? 0) + 10)).toBe(true));
  }
  await checkBooks();
  expect(chatters.reduce((sum, { reconnects }) => sum + reconnects, 0)).toBeGreaterThan(2);
});

test('where no WebSocket gets through it polls, and returns when one does, without a silence', async () => {
  await start({ pollTimeoutMs: 500 });
  pair.refuses = (head) => head.startsWith('GET /v1/websocket');
  // The client's clock runs ten times as fast.
  const setTimeoutFast = (run: () => void, ms: number) => setTimeout(run, ms / 10);
  const ada = await join('ada', ['websocket', 'longpoll'], { environment: { setTimeout: setTimeoutFast } });
  expect(ada.client.state).toMatchObject({ kind: 'connected', transport: 'longpoll' });
  publishAllTheTime();
  await until(() => expect(ada.acknowledged.length).toBeGreaterThan(20));
  pair.refuses = () => false;
  await until(() => expect(ada.client.state).toMatchObject({ kind: 'connected', transport: 'websocket' }));
  const before = ada.acknowledged.length;
  await until(() => expect(ada.acknowledged.length).toBeGreaterThan(before + 20));
  await checkBooks();
  expect(ada.silences).toBe(0);
});

test('presence does not flicker when a client moves, and tells who comes and goes', async () => {
  await start();
  const ada = await join('ada', ['websocket']);
  const heard: string[] = [];
  const room = ada.client.channel('room');
  room.on('join', ({ name }) => heard.push(`${name} joined`));
  room.on('leave', ({ name }) => heard.push(`${name} left`));
  await until(() => expect(room.members.map(({ name }) => name)).toEqual(['ada']));
  const bob = await join('bob', ['websocket']);
  await until(() => expect(heard).toContain('bob joined'));
  for (const index of [0, 1, 0]) await drain(index);
  expect(heard.filter((line) => line.startsWith('bob'))).toEqual(['bob joined']);
  expect(heard.filter((line) => line.endsWith('left'))).toEqual([]);
  await bob.client.close();
  await until(() => expect(heard).toContain('bob left'));
  expect((await room.presence()).map(({ name }) => name)).toEqual(['ada']);
});

test('questions, events and a reader with a kept position', async () => {
  await start();
  const ada = await join('ada', ['websocket']);
  for (let i = 0; i < 5; i++) ada.publish();
  await until(() => expect(ada.acknowledged.length).toBe(5));
  const page = await ada.client.channel('room').history({ limit: 2 });
  expect({ offsets: page.messages.map(({ position }) => position.offset), more: page.more }).toEqual({ offsets: [4, 5], more: true });

  const late = new ChatClient({ url, webSocket: WebSocket });
  const room = late.channel('room');
  const offsets: number[] = [];
  const events: unknown[] = [];
  room.on('message', ({ position }) => offsets.push(position.offset));
  room.on('event', ({ name, data }) => events.push({ name, data }));
  late.connect();
  await room.subscribe({ position: (page.messages[0] as { position: Position }).position });
  await until(() => expect(offsets).toEqual([5]));
  expect(ada.client.channel('room').sendEvent('typing', { on: true })).toBe(true);
  await until(() => expect(events).toEqual([{ name: 'typing', data: { on: true } }]));
  await late.close();
  expect(late.state.kind).toBe('closed');
});

test("Node's own WebSocket does as well", async () => {
  await start();
  const ada = await join('ada', ['websocket'], { webSocket: globalThis.WebSocket as unknown as NonNullable<ClientOptions['webSocket']> });
  ada.publish();
  await until(() => expect(ada.read.length).toBe(1));
});

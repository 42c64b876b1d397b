import { expect, test } from 'vitest';
import { ChatClient } from '../../../client/client.ts';
import type { Transport } from '../../../client/link.ts';
import type { Message } from '../../../protocol/messages.ts';
import { type Position, samePosition } from '../../../protocol/position.ts';
import { hash, type ModelMessage } from '../../fakes/model-broker.ts';
import { ModelWorld } from '../../fakes/model-world.ts';
import fc, { runs } from '../../setup/random-cases.ts';

const CHANNELS = ['a', 'b'];
const SECOND = 1_000;

/**
 * What one client got of one channel. Each step is checked as it comes: it must follow on the one before, or on messages after that one
 * which the client has had already, on a line that was lost.
 */
class Reader {
  position: Position | null = null;
  readonly #stored: () => readonly ModelMessage[];
  gaps = 0;
  readonly ids: string[] = [];
  readonly faults: string[] = [];

  /** `stored`: every message that the channel ever stored. */
  constructor(stored: () => readonly ModelMessage[]) {
    this.#stored = stored;
  }

  start(position: Position): void {
    this.position = position;
  }

  message({ position, id }: Message): void {
    const follows = (at: Position) =>
      position.epoch === at.epoch && position.offset === at.offset + 1 && position.digest === hash(at.digest + id);
    if (this.position === null) this.faults.push(`${id} came before the stream started`);
    else if (!this.#places().some(follows)) this.faults.push(`${show(position)} came after ${show(this.position)}`);
    this.ids.push(id);
    this.position = position;
  }

  gap(from: Position, to: Position): void {
    this.gaps++;
    if (!this.#places().some((at) => samePosition(at, from))) this.faults.push(`a gap from ${show(from)} at ${show(this.position)}`);
    this.position = to;
  }

  /** Where it may stand: at its position, or after messages that follow there, on whatever line, and that it has had already. */
  #places(): readonly Position[] {
    const places = this.position === null ? [] : [this.position];
    const had = this.#stored().filter(({ id }) => this.ids.includes(id));
    // It grows while it is gone through.
    for (const { epoch, offset, digest } of places) {
      const isNext = ({ position, id }: ModelMessage) =>
        position.epoch === epoch && position.offset === offset + 1 && position.digest === hash(digest + id);
      places.push(...had.filter(isNext).map(({ position }) => position));
    }
    return places;
  }
}

const show = (position: Position | null) => JSON.stringify(position);

/** One client that reads all channels and publishes numbers, 0, 1, 2 … in each. */
class Chatter {
  readonly client: ChatClient;
  readonly readers = new Map<string, Reader>();
  readonly acknowledged = new Map<string, Position>();
  readonly failures: unknown[] = [];
  readonly #name: string;
  #published = 0;

  constructor(world: ModelWorld, name: string, transports: readonly Transport[]) {
    this.#name = name;
    this.client = new ChatClient({ url: 'http://gateways', transports, environment: world.environment() });
    for (const channelName of CHANNELS) {
      const reader = new Reader(() => world.channel(channelName).stored);
      this.readers.set(channelName, reader);
      const channel = this.client.channel(channelName);
      channel.on('message', (message) => reader.message(message));
      channel.on('gap', ({ from, to }) => reader.gap(from, to));
      channel.on('subscribed', ({ position }) => {
        if (reader.position === null) reader.start(position);
      });
      void channel.subscribe();
    }
    this.client.connect();
  }

  publish(channel: string): void {
    const id = `${this.#name} ${String(this.#published++).padStart(4, '0')}`;
    this.client
      .channel(channel)
      .publish({ from: this.#name }, id)
      .then(
        ({ position }) => this.acknowledged.set(id, position),
        (error: unknown) => this.failures.push(error),
      );
  }
}

interface Step {
  readonly kind: string;
  readonly by: number;
}

/** What happens in the world, beside that each client keeps publishing. */
const HAPPENINGS: Record<string, (world: ModelWorld, by: number) => void> = {
  nothing: () => {},
  'one breaks': (world, by) => [...world.carriers].at(by % Math.max(1, world.carriers.size))?.break(),
  'all break': (world) => {
    for (const carrier of [...world.carriers]) carrier.break();
  },
  'one is asked to move': (world, by) => [...world.carriers].at(by % Math.max(1, world.carriers.size))?.migrate(),
  'all are asked to move': (world) => {
    for (const carrier of [...world.carriers]) carrier.migrate();
  },
  'the broker falters': (world) => {
    world.refusals = 0.3;
  },
  'the broker recovers': (world) => {
    world.refusals = 0;
  },
  'the gateways skip messages': (world) => {
    world.skips = 0.2;
  },
  'the gateways skip none': (world) => {
    world.skips = 0;
  },
  'web sockets are blocked': (world) => {
    world.refusesWebSockets = true;
  },
  'web sockets are let through': (world) => {
    world.refusesWebSockets = false;
  },
};

const DAMAGES: typeof HAPPENINGS = {
  'the history is trimmed': (world, by) => world.channel('a').trim(by % 4),
  'the tail is lost': (world, by) => world.channel('a').loseTail(1 + (by % 3)),
  'the history starts anew': (world) => world.channel('a').restart(),
};

/** Runs the steps, then lets the dust settle, checks that all is idle after `close`, and hands back what is to be looked at. */
async function run(seed: number, steps: readonly Step[], transports: readonly Transport[]) {
  const world = new ModelWorld(seed);
  const happenings = { ...HAPPENINGS, ...DAMAGES };
  const chatters = ['x', 'y'].map((name) => new Chatter(world, name, transports));
  await world.time.advance(2 * SECOND);
  for (const { kind, by } of steps) {
    for (const chatter of chatters) chatter.publish(CHANNELS[by % 2] as string);
    await world.time.advance(by * 3);
    happenings[kind]?.(world, by);
    for (const chatter of chatters) chatter.publish(CHANNELS[(by >> 1) % 2] as string);
    await world.time.advance(by);
  }
  world.refusals = 0;
  world.skips = 0;
  world.refusesWebSockets = false;
  // The last of all: what was skipped before it is missed when it comes.
  await world.time.advance(30 * SECOND);
  for (const channel of CHANNELS) for (const chatter of chatters) chatter.publish(channel);
  await world.time.advance(90 * SECOND);
  const closing = chatters.map(({ client }) => client.close());
  await world.time.advance(60 * SECOND);
  await Promise.all(closing);
  return { world, chatters, left: { timers: world.time.pending, connections: world.carriers.size } };
}

const steps = (kinds: readonly string[]) =>
  fc.array(fc.record({ kind: fc.constantFrom(...kinds), by: fc.nat(300) }), { minLength: 1, maxLength: 25 });
const transports = fc.constantFrom<readonly Transport[]>(['websocket', 'longpoll'], ['websocket'], ['longpoll']);

test('whatever breaks, moves or is refused: each message once and in order to all, each publish stored once and in order', async () => {
  const property = fc.asyncProperty(fc.integer(), steps(Object.keys(HAPPENINGS)), transports, async (seed, script, how) => {
    const { world, chatters, left } = await run(seed, script, how);
    for (const { readers, failures, acknowledged, client } of chatters) {
      for (const [name, { faults, gaps, ids, position }] of readers) {
        const stored = world.channel(name).stored;
        expect({ faults, gaps, position }).toEqual({ faults: [], gaps: 0, position: world.channel(name).head });
        expect(ids).toEqual(stored.map(({ id }) => id).slice(-ids.length));
      }
      expect({ failures, unacknowledged: client.unacknowledged }).toEqual({ failures: [], unacknowledged: 0 });
      expect(acknowledged.size).toBe(2 * script.length + CHANNELS.length);
    }
    for (const name of CHANNELS) {
      const ids = world.channel(name).stored.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      for (const publisher of ['x', 'y']) {
        const own = ids.filter((id) => id.startsWith(publisher));
        expect(own).toEqual([...own].sort());
      }
    }
    expect(left).toEqual({ timers: 0, connections: 0 });
  });
  await fc.assert(property, { numRuns: runs(150) });
}, 120_000);

test('whatever the broker loses: what comes follows on what came, or a gap says that it does not', async () => {
  const kinds = [...Object.keys(HAPPENINGS), ...Object.keys(DAMAGES), ...Object.keys(DAMAGES)];
  const property = fc.asyncProperty(fc.integer(), steps(kinds), transports, async (seed, script, how) => {
    const { world, chatters, left } = await run(seed, script, how);
    for (const { readers, client } of chatters) {
      for (const [name, { faults, ids }] of readers) {
        expect(faults).toEqual([]);
        expect(client.channel(name).position).toEqual(world.channel(name).head);
        expect(new Set(ids).size, 'no id twice').toBe(ids.length);
      }
    }
    expect(left).toEqual({ timers: 0, connections: 0 });
  });
  // The tail is lost in the middle of a move: the next connection goes on from before it, with the same offsets.
  const move = [0, 0, 17, 93, 22].map((by, i) => ({ kind: ['all are asked to move', 'the tail is lost'][i - 3] ?? 'nothing', by }));
  await fc.assert(property, { numRuns: runs(100), examples: [[751667236, move, ['websocket', 'longpoll']]] });
}, 120_000);

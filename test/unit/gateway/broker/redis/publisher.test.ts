import { afterEach, describe, expect, it } from 'vitest';
import { BrokerUnavailable, type NewMessage, type Stored } from '../../../../../gateway/broker/broker.ts';
import { Caller } from '../../../../../gateway/broker/redis/caller.ts';
import { keysOf } from '../../../../../gateway/broker/redis/keys.ts';
import { Publisher, type PublisherDeps } from '../../../../../gateway/broker/redis/publisher.ts';
import { Replication } from '../../../../../gateway/broker/redis/replication.ts';
import { Reporter } from '../../../../../gateway/broker/redis/reporter.ts';
import { newBrokerTelemetry } from '../../../../../gateway/broker/telemetry.ts';
import { silentLog } from '../../../../fakes/silent-log.ts';
import { settled } from '../../../../fakes/virtual-time.ts';
import { broken, FakeNode, FakeTopology, type Run, said } from './fake-node.ts';

/** What a server has of each channel, by the script's own rules: a known id is not stored again. */
class FakeStore {
  readonly channels = new Map<string, string[]>();

  publish(run: Run): unknown {
    return storedIn(run)
      .map(({ key, ids }) => this.#publish(key, ids))
      .join('\n');
  }

  #publish(key: string, given: readonly string[]): string {
    const ids = this.channels.get(key) ?? [];
    this.channels.set(key, ids);
    const stored = given.map((id) => {
      const known = ids.indexOf(id);
      const offset = known < 0 ? ids.push(id) : known + 1;
      return `${offset} digest${offset} ${known < 0 ? 0 : 1}`;
    });
    return ['e1', ...stored].join(' ');
  }
}

/** The ids that a run stores, by channel. */
function storedIn({ key, otherKeys, args: [, ...args] }: Run) {
  const given = [...args];
  return [key, ...otherKeys].map((channel) => {
    const count = Number(given.shift());
    const ids = given
      .splice(0, 2 * count)
      .filter((_, i) => i % 2 === 0)
      .map(String);
    return { key: channel, ids };
  });
}

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

function setUp(more: Partial<PublisherDeps> = {}) {
  const node = new FakeNode();
  const store = new FakeStore();
  node.answer = (run) => store.publish(run);
  const topology = new FakeTopology(node);
  const telemetry = newBrokerTelemetry();
  const now = () => performance.now();
  const caller = new Caller({ topology, reporter: new Reporter(silentLog, telemetry, now), telemetry, now, random: () => 0 });
  const counts: number[] = [];
  const publisher = new Publisher({
    caller,
    isShared: true,
    replication: null,
    channelArg: () => 'limits',
    timeoutMs: 5_000,
    maxWaiting: 10_000,
    maxWaitingBytes: 1_000_000,
    now,
    waiting: (count) => counts.push(count),
    ...more,
  });
  open.push(caller, publisher);
  const publish = (id: string, message: Partial<NewMessage> = {}, channel = 'room') =>
    publisher.publish(keysOf('', channel), { id, member: 'ann', data: '1', ...message });
  const publishAll = (ids: readonly string[], channel = 'room') => Promise.all(ids.map((id) => publish(id, {}, channel)));
  return { node, store, caller, topology, publisher, publish, publishAll, counts, waiting: () => counts.at(-1) ?? 0 };
}

const ids = (count: number, prefix = 'm') => Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`);
const offsets = (stored: readonly Stored[]) => stored.map(({ position }) => position.offset as number);
const idsOf = (run: Run) => storedIn(run).flatMap(({ ids }) => ids);

/** An answer that a test gives when it wants to. */
function held(node: FakeNode, store: FakeStore) {
  const { promise, resolve } = Promise.withResolvers<void>();
  node.answer = async (run) => {
    await promise;
    return store.publish(run);
  };
  return resolve;
}

describe('publishing', () => {
  it('stores what is called for in one turn by one script, in order', async () => {
    const { node, store, publishAll } = setUp();
    const stored = await publishAll(ids(10));
    expect(store.channels.get('{room}')).toEqual(ids(10));
    expect(offsets(stored)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(stored.map(({ duplicate }) => duplicate)).toEqual(Array(10).fill(false));
    expect(node.runs).toHaveLength(1);
  });

  it('answers with the position, the epoch and the digest', async () => {
    const { publish } = setUp();
    expect(await publish('m1')).toEqual({ position: { epoch: 'e1', offset: 1, digest: 'digest1' }, duplicate: false });
    expect(await publish('m1')).toEqual({ position: { epoch: 'e1', offset: 1, digest: 'digest1' }, duplicate: true });
  });

  it('has one script of a channel under way at a time; what comes meanwhile goes with the next', async () => {
    const { node, store, publish, publishAll } = setUp();
    const answer = held(node, store);
    const first = publish('first');
    await settled();
    const rest = publishAll(ids(5));
    await settled();
    expect(node.runs.map(idsOf)).toEqual([['first']]);
    answer();
    await Promise.all([first, rest]);
    expect(node.runs.map(idsOf)).toEqual([['first'], ids(5)]);
  });

  it('stores what comes for several channels in one turn by one script', async () => {
    const { node, store, publish } = setUp();
    const turn = [publish('m1', {}, 'a'), publish('m1', {}, 'b'), publish('m2', {}, 'a')];
    expect(offsets(await Promise.all(turn))).toEqual([1, 1, 2]);
    expect(node.runs.map(storedIn)).toEqual([
      [
        { key: '{a}', ids: ['m1', 'm2'] },
        { key: '{b}', ids: ['m1'] },
      ],
    ]);
    expect(store.channels.get('{a}')).toEqual(['m1', 'm2']);
  });

  it('stores what is for other channels by the next script when one is full', async () => {
    const { node, publish, publishAll } = setUp();
    const sizes = { a: 10, b: 50, c: 10, d: 60 };
    await Promise.all(Object.entries(sizes).map(([channel, size]) => publishAll(ids(size), channel)));
    expect(node.runs.map((run) => storedIn(run).map(({ key, ids }) => `${key} ${ids.length}`))).toEqual([
      ['{a} 10', '{b} 50', '{c} 4'],
      ['{d} 60'],
      ['{c} 6'],
    ]);
    await Promise.all([publish('long', { data: 'x'.repeat(200_000) }, 'a'), publish('long', { data: 'x'.repeat(200_000) }, 'b')]);
    expect(node.runs.slice(3).map(({ otherKeys }) => otherKeys.length)).toEqual([0, 0]);
  });

  it('fails for the one channel that can not be stored in, and stores in the others', async () => {
    const { node, store, publish } = setUp();
    node.answer = (run) => (storedIn(run).some(({ key }) => key === '{b}') ? raise(said('WRONGTYPE another value')) : store.publish(run));
    const outcomes = await Promise.allSettled(['a', 'b', 'c'].map((channel) => publish('m1', {}, channel)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('runs a script for each channel where each may lie on another node, all at a time', async () => {
    const { node, store, publish } = setUp({ isShared: false });
    const answer = held(node, store);
    const all = Promise.all(['a', 'b', 'c'].map((channel) => publish('m1', {}, channel)));
    await settled();
    expect(node.runs.map(({ key }) => key)).toEqual(['{a}', '{b}', '{c}']);
    answer();
    await all;
  });

  it('gives a script no more than 64 messages', async () => {
    const { node, store, publishAll } = setUp();
    await publishAll(ids(200));
    expect(node.runs.map((run) => idsOf(run).length)).toEqual([64, 64, 64, 8]);
    expect(store.channels.get('{room}')).toEqual(ids(200));
  });

  it('gives a script no more than about 256 KiB of text, or one message that is longer', async () => {
    const { node, publish } = setUp();
    const sizes = [100_000, 100_000, 100_000, 300_000, 1, 1];
    await Promise.all(sizes.map((size, i) => publish(`m${i}`, { data: 'x'.repeat(size) })));
    expect(node.runs.map(idsOf)).toEqual([['m0', 'm1'], ['m2'], ['m3'], ['m4', 'm5']]);
  });

  it('gives the script ids without spaces', async () => {
    const { node, publish } = setUp();
    await publish('a b%\n', { member: 'bob', name: 'Bob', data: '{}' });
    expect(node.runs[0]?.args).toEqual(['limits', 1, 'a%20b%25%0A', '["bob","Bob"]\n{}']);
  });

  it('tells how many wait', async () => {
    const { publishAll, counts } = setUp();
    await publishAll(ids(3));
    expect(counts).toEqual([1, 2, 3, 2, 1, 0]);
  });
});

describe('when Redis fails', () => {
  /** Pseudorandom numbers from 0 up to 1, the same for the same seed. */
  const randomOf = (seed: number) => () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };

  it.each([1, 2, 3, 4, 5])('all is stored once and in order, whatever fails before or after it was stored (seed %i)', async (seed) => {
    const { node, store, publish, topology, caller } = setUp();
    const random = randomOf(seed);
    const other = new FakeNode('r:2');
    topology.others.set('r:2', other);
    other.answer = (run) => (random() < 0.3 ? raise(said('TRYAGAIN later')) : store.publish(run));
    node.answer = (run) => {
      const luck = random();
      if (luck < 0.15) raise(broken());
      if (luck < 0.25) raise(said('MOVED 1 r:2'));
      if (luck < 0.35) raise(said('ASK 1 r:2'));
      if (luck < 0.4) raise(said('NOSCRIPT gone'));
      if (luck < 0.45) raise(said('LOADING soon'));
      const reply = store.publish(run);
      if (luck < 0.6) raise(broken());
      if (luck < 0.65) {
        node.isUp = false;
        setImmediate(() => {
          node.isUp = true;
          caller.wake();
        });
        raise(broken());
      }
      return reply;
    };
    const publishing: Promise<Stored>[] = [];
    for (let i = 1; i <= 300; i++) {
      publishing.push(publish(`m${i}`, {}, `room-${i % 3}`));
      if (random() < 0.2) await settled();
    }
    expect(offsets(await Promise.all(publishing))).toEqual(Array.from({ length: 300 }, (_, i) => Math.floor(i / 3) + 1));
    for (const rest of [1, 2, 3]) {
      const said = Array.from({ length: 100 }, (_, i) => `m${3 * i + rest}`);
      expect(store.channels.get(`{room-${rest % 3}}`)).toEqual(said);
    }
  });

  it('what was not answered is given again with what came meanwhile behind it', async () => {
    const { node, store, publish } = setUp();
    let late: Promise<unknown> | undefined;
    node.answer = (run) => {
      store.publish(run);
      late = publish('m2');
      node.answer = (again) => store.publish(again);
      throw broken();
    };
    expect((await publish('m1')).duplicate).toBe(true);
    await late;
    expect(node.runs.map(idsOf)).toEqual([['m1'], ['m1', 'm2']]);
  });

  it('waits for the node, and goes on when woken', async () => {
    const { node, publishAll, caller } = setUp();
    node.isUp = false;
    const publishing = publishAll(ids(5));
    await settled();
    expect(node.runs).toEqual([]);
    node.isUp = true;
    caller.wake();
    expect(offsets(await publishing)).toEqual([1, 2, 3, 4, 5]);
  });

  const forGood = ["NOPERM this user has no permissions to run the 'evalsha' command", 'ERR something else'];
  it.each(forGood)('fails at once, for good, with %s, and the next is given all the same', async (word) => {
    const { node, store, publish } = setUp();
    node.answer = () => raise(said(word));
    const failing = publish('m1').catch((error: unknown) => error);
    await settled();
    node.answer = (run) => store.publish(run);
    const error = await failing;
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(BrokerUnavailable);
    expect((await publish('m2')).position.offset).toBe(1);
  });

  it('fails when its time is over while the node is away, and is not stored later', async () => {
    const { node, store, publish, caller, waiting } = setUp({ timeoutMs: 50 });
    node.isUp = false;
    const before = performance.now();
    await expect(publish('m1')).rejects.toThrow(BrokerUnavailable);
    expect(performance.now() - before).toBeLessThan(550);
    expect(waiting()).toBe(0);
    node.isUp = true;
    caller.wake();
    await publish('m2');
    expect(store.channels.get('{room}')).toEqual(['m2']);
  });

  it('fails when its time is over while its script is under way; an answer that comes later counts for nobody', async () => {
    const { node, store, publish, waiting } = setUp({ timeoutMs: 50 });
    const answer = held(node, store);
    const before = performance.now();
    const late = publish('m1');
    await expect(late).rejects.toThrow(BrokerUnavailable);
    await expect(late).rejects.toThrow('Redis did not answer in time; the message may be stored or not.');
    expect(performance.now() - before).toBeLessThan(550);
    expect(waiting()).toBe(0);
    const next = publish('m2');
    answer();
    expect((await next).position.offset).toBe(2);
  });

  it('says at the end of its time what was wrong', async () => {
    const { node, publish } = setUp({ timeoutMs: 50 });
    node.answer = () => raise(said("OOM command not allowed when used memory > 'maxmemory'."));
    const publishing = publish('m1');
    await expect(publishing).rejects.toThrow(BrokerUnavailable);
    await expect(publishing).rejects.toThrow(/maxmemory/);
  });

  it('says what was wrong also to those whose time is over before that of others behind them', async () => {
    const { node, publish, publisher } = setUp({ timeoutMs: 300 });
    const failing = Promise.withResolvers<void>();
    node.answer = async () => {
      await failing.promise;
      node.isUp = false;
      throw said("OOM command not allowed when used memory > 'maxmemory'.");
    };
    const first = publish('m1').catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const second = publish('m2').catch((error: unknown) => error);
    failing.resolve();
    expect(String(await first)).toMatch(/maxmemory/);
    publisher.close();
    await second;
  });
});

describe('what waits is bounded', () => {
  it('by the count: more is refused at once, and taken again when there is room', async () => {
    const { node, store, publish, publishAll } = setUp({ maxWaiting: 3 });
    const answer = held(node, store);
    const taken = publishAll(ids(3));
    const refused = publish('m4');
    await expect(refused).rejects.toThrow(BrokerUnavailable);
    await expect(refused).rejects.toThrow('3 messages wait for Redis; no more are taken until it answers.');
    answer();
    await taken;
    expect((await publish('m4')).position.offset).toBe(4);
  });

  it('by the text: more is refused at once, and taken again when there is room', async () => {
    const { node, store, publish } = setUp({ maxWaitingBytes: 1_000 });
    const answer = held(node, store);
    const taken = publish('m1', { data: 'x'.repeat(900) });
    await expect(publish('m2', { data: 'x'.repeat(200) })).rejects.toThrow(BrokerUnavailable);
    const small = publish('m3', { data: 'x' });
    answer();
    await Promise.all([taken, small]);
    expect((await publish('m2', { data: 'x'.repeat(200) })).position.offset).toBe(3);
  });

  it('again after a time without Redis', async () => {
    const { node, publish, publishAll } = setUp({ maxWaiting: 3, timeoutMs: 30 });
    node.isUp = false;
    const outcomes = await Promise.allSettled([...ids(3).map((id) => publish(id)), publish('m4')]);
    expect(outcomes.map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
    const again = publishAll(ids(3));
    await expect(again).rejects.toThrow(/not connected/);
  });
});

describe('a closed publisher', () => {
  it('rejects what waits and what is under way', async () => {
    const { node, publish, publisher, caller, waiting } = setUp();
    node.answer = () => new Promise(() => {});
    const first = publish('m1');
    await settled();
    const second = publish('m2');
    caller.close();
    publisher.close();
    for (const one of [first, second]) {
      await expect(one).rejects.toThrow(BrokerUnavailable);
      await expect(one).rejects.toThrow('The broker is closed.');
    }
    expect(waiting()).toBe(0);
  });

  it('takes nothing', async () => {
    const { node, publish, publisher, caller } = setUp();
    caller.close();
    publisher.close();
    await expect(publish('m1')).rejects.toThrow(BrokerUnavailable);
    expect(node.runs).toEqual([]);
  });
});

describe('durability: replicated', () => {
  const setUpReplicated = () => setUp({ replication: new Replication(1_000, () => {}) });

  it('answers when a replica has it', async () => {
    const { node, publish } = setUpReplicated();
    const { promise, resolve } = Promise.withResolvers<number>();
    node.replicas = () => promise;
    let answered = false;
    const publishing = publish('m1').finally(() => {
      answered = true;
    });
    await settled();
    expect(node.does.wait).toBe(1);
    expect(answered).toBe(false);
    resolve(1);
    await publishing;
  });

  it('fails without waiting on when no replica has it; given again it is a duplicate that waits for the replica too', async () => {
    const { node, publish } = setUpReplicated();
    node.replicas = () => 0;
    const failing = publish('m1');
    await expect(failing).rejects.toThrow(BrokerUnavailable);
    await expect(failing).rejects.toThrow(/^Redis at r:1: No replica confirmed within 1000 ms: .*spec\.broker\.durability/);
    await expect(publish('m1')).rejects.toThrow(BrokerUnavailable);
    node.replicas = () => 1;
    expect(await publish('m1')).toMatchObject({ duplicate: true, position: { offset: 1 } });
    expect(node.does.wait).toBe(3);
  });

  it('gives it again when the server refused it for want of replicas: then it is not stored', async () => {
    const { node, store, publish } = setUpReplicated();
    node.answer = () => {
      node.answer = (again) => store.publish(again);
      throw said('NOREPLICAS Not enough good replicas to write.');
    };
    expect(await publish('m1')).toMatchObject({ duplicate: false, position: { offset: 1 } });
    expect(node.runs).toHaveLength(2);
  });

  it('gives it again when the connection that wrote it is gone', async () => {
    const { node, publish } = setUpReplicated();
    node.replicas = () => {
      if (node.generation === 0) node.generation++;
      return 1;
    };
    expect(await publish('m1')).toMatchObject({ duplicate: true, position: { offset: 1 } });
    expect(node.runs).toHaveLength(2);
  });
});

function raise(error: Error): never {
  throw error;
}

import { afterEach, describe, expect, it } from 'vitest';
import { slotOf } from '../../../../../gateway/broker/redis/keys.ts';
import { Subscriptions } from '../../../../../gateway/broker/redis/subscriptions.ts';
import { RecordingListener } from '../../../../fakes/recording-listener.ts';
import { settled } from '../../../../fakes/virtual-time.ts';
import { broken, FakeNode, FakeTopology, said } from './fake-node.ts';

const open: Subscriptions[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** `random`: the longer the pauses between two hundreds. */
function setUp(node: FakeNode | null = new FakeNode(), random = 0) {
  const topology = new FakeTopology(node);
  const resumed: string[] = [];
  const failed: string[] = [];
  const wellness: boolean[] = [];
  const waiting = new Set<() => void>();
  const heard = () => {
    for (const check of waiting) check();
  };
  const subscriptions: Subscriptions = new Subscriptions({
    topology,
    failed: ({ name }, error) => failed.push(`${name}: ${(error as Error).message}`),
    resumed(channel) {
      resumed.push(channel);
      heard();
    },
    changed() {
      wellness.push(subscriptions.isWell);
      heard();
    },
    random: () => random,
  });
  open.push(subscriptions);
  const add = (channel: string, listener = new RecordingListener()) => subscriptions.add(channel, `{${channel}}`, listener, 0);
  const addLive = (channel: string) => subscriptions.live(add(channel));
  /** Resolves once `condition` holds, now or when something was resumed or changed. */
  const until = (condition: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!condition()) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  return { subscriptions, topology, resumed, failed, wellness, add, addLive, until };
}

const channels = (count: number) => Array.from({ length: count }, (_, i) => `room${i + 1}`);
const keys = (of: readonly string[]) => of.map((channel) => `{${channel}}`);

describe('a subscription', () => {
  it('is live when its node has said yes', async () => {
    const node = new FakeNode();
    const admitted = Promise.withResolvers<void>();
    node.admit = () => admitted.promise;
    const { subscriptions, add } = setUp(node);
    const subscription = add('room');
    expect(subscription).toMatchObject({ channel: 'room', key: '{room}', node, isLive: false });
    const live = subscriptions.live(subscription);
    admitted.resolve();
    await live;
    expect(subscription.isLive).toBe(true);
    expect(node.subscribing).toEqual(['+{room}']);
  });

  it('is found by its channel and by its key, until it is removed', async () => {
    const { subscriptions, add } = setUp();
    const subscription = add('room');
    expect(subscriptions.get('room')).toBe(subscription);
    expect(subscriptions.byKey('{room}')).toBe(subscription);
    expect([...subscriptions]).toEqual([subscription]);
    await subscriptions.remove('room');
    expect(subscriptions.get('room')).toBeUndefined();
    expect(subscriptions.byKey('{room}')).toBeUndefined();
    expect([...subscriptions]).toEqual([]);
  });

  it('is one a channel: the later listener replaces the first, and the node is not asked again', async () => {
    const node = new FakeNode();
    const { subscriptions, add, addLive } = setUp(node);
    await addLive('room');
    const second = new RecordingListener();
    const again = add('room', second);
    expect(again).toBe(subscriptions.get('room'));
    expect(again.listener).toBe(second);
    await subscriptions.live(again);
    expect(node.subscribing).toEqual(['+{room}']);
  });

  it('makes its node connect for live delivery, and waits for that', async () => {
    const node = new FakeNode();
    node.isLive = false;
    const { subscriptions, addLive } = setUp(node);
    const live = addLive('room');
    await settled();
    expect(node.does.listen).toBe(1);
    expect(node.subscribing).toEqual([]);
    node.isLive = true;
    subscriptions.reset(node.node);
    await live;
  });

  it('waits until it is known which node has its slot', async () => {
    const { subscriptions, topology, addLive } = setUp(null);
    const live = addLive('room');
    topology.owner = new FakeNode();
    subscriptions.review();
    await live;
    expect(topology.owner.subscribing).toEqual(['+{room}']);
  });

  it('that was not live yet is nothing that is missing', () => {
    const { subscriptions, add } = setUp(null);
    add('room');
    expect(subscriptions.isWell).toBe(true);
  });
});

describe('a removed subscription', () => {
  it('is ended at its node', async () => {
    const node = new FakeNode();
    const { subscriptions, addLive } = setUp(node);
    await addLive('room');
    await subscriptions.remove('room');
    expect(node.subscribing).toEqual(['+{room}', '-{room}']);
  });

  it('and made again is subscribed after it was ended', async () => {
    const node = new FakeNode();
    const { subscriptions, addLive } = setUp(node);
    await addLive('room');
    const removing = subscriptions.remove('room');
    await addLive('room');
    await removing;
    expect(node.subscribing).toEqual(['+{room}', '-{room}', '+{room}']);
    expect([...node.subscribed]).toEqual(['{room}']);
  });

  it('lets go of those who wait for it', async () => {
    const { subscriptions, addLive } = setUp(null);
    const live = addLive('room');
    await subscriptions.remove('room');
    await live;
  });

  it('does not become live by a late yes', async () => {
    const node = new FakeNode();
    const admitted = Promise.withResolvers<void>();
    node.admit = () => admitted.promise;
    const { subscriptions, add, resumed } = setUp(node);
    const subscription = add('room');
    await settled();
    await subscriptions.remove('room');
    admitted.resolve();
    await settled();
    expect(subscription.isLive).toBe(false);
    expect(resumed).toEqual([]);
  });

  it('that was lost is no longer missing', async () => {
    const node = new FakeNode();
    const { subscriptions, addLive, wellness } = setUp(node);
    await addLive('room');
    node.isLive = false;
    subscriptions.reset(node.node);
    expect(subscriptions.isWell).toBe(false);
    await subscriptions.remove('room');
    expect(subscriptions.isWell).toBe(true);
    expect(wellness).toEqual([false, true]);
  });

  it('is nothing when there is none', async () => {
    await setUp().subscriptions.remove('room');
  });
});

describe('a connection that broke', () => {
  it('is missed until all is subscribed again, and each channel resumed', async () => {
    const node = new FakeNode();
    const { subscriptions, addLive, resumed, wellness, until } = setUp(node);
    await Promise.all(channels(5).map(addLive));
    node.goDown();
    subscriptions.reset(node.node);
    expect(subscriptions.isWell).toBe(false);
    expect([...subscriptions].every(({ isLive, node }) => !isLive && node === null)).toBe(true);
    node.isLive = true;
    subscriptions.reset(node.node);
    await until(() => subscriptions.isWell);
    expect(resumed).toEqual(channels(5));
    expect([...node.subscribed]).toEqual(keys(channels(5)));
    expect(wellness.at(-1)).toBe(true);
  });

  it('of one node leaves the channels of others alone', async () => {
    const [a, b] = [new FakeNode('a:1'), new FakeNode('b:1')];
    const { subscriptions, topology, addLive, until, resumed } = setUp(a);
    topology.nodeOf = (slot?: number) => (slot === slotOf('{room1}') ? a.node : b.node);
    await Promise.all(['room1', 'room2'].map(addLive));
    a.goDown();
    subscriptions.reset(a.node);
    expect(subscriptions.get('room2')?.isLive).toBe(true);
    a.isLive = true;
    subscriptions.reset(a.node);
    await until(() => subscriptions.isWell);
    expect(resumed).toEqual(['room1']);
    expect(b.subscribing).toEqual(['+{room2}']);
  });

  it('is well again although a channel that was never live still waits', async () => {
    const node = new FakeNode();
    node.admit = (key) => (key === '{never}' ? Promise.reject(said('NOPERM no')) : undefined);
    const { subscriptions, add, addLive, wellness, until } = setUp(node);
    await addLive('room');
    add('never');
    node.goDown();
    subscriptions.reset(node.node);
    node.isLive = true;
    subscriptions.reset(node.node);
    await until(() => wellness.at(-1) === true);
  });

  it('twice in a row resumes once what was live once', async () => {
    const node = new FakeNode();
    const { subscriptions, addLive, until, resumed } = setUp(node);
    await addLive('room');
    for (let i = 0; i < 3; i++) {
      node.goDown();
      subscriptions.reset(node.node);
    }
    node.isLive = true;
    subscriptions.reset(node.node);
    await until(() => subscriptions.isWell);
    expect(resumed).toEqual(['room']);
  });
});

describe('a slot that moves', () => {
  it('takes its channels along: they are subscribed at the next node, ended at the last, and resumed', async () => {
    const [from, to] = [new FakeNode('a:1'), new FakeNode('b:1')];
    const { subscriptions, topology, addLive, until, resumed } = setUp(from);
    await addLive('room');
    topology.owner = to;
    subscriptions.review();
    expect(subscriptions.isWell).toBe(false);
    await until(() => subscriptions.isWell);
    expect(from.subscribing).toEqual(['+{room}', '-{room}']);
    expect(to.subscribing).toEqual(['+{room}']);
    expect(resumed).toEqual(['room']);
  });

  it('leaves alone what is at the right node', async () => {
    const node = new FakeNode();
    const { subscriptions, addLive } = setUp(node);
    await addLive('room');
    subscriptions.review();
    await settled();
    expect(subscriptions.isWell).toBe(true);
    expect(node.subscribing).toEqual(['+{room}']);
  });

  it('is found by a refusal: the map is asked for, and the subscription tried again', async () => {
    const [from, to] = [new FakeNode('a:1'), new FakeNode('b:1')];
    from.admit = () => Promise.reject(said('MOVED 1 b:1'));
    const { subscriptions, topology, addLive, failed } = setUp(from);
    const live = addLive('room');
    await settled();
    expect(topology.refreshes).toBe(1);
    expect(failed).toEqual(['a:1: MOVED 1 b:1']);
    topology.owner = to;
    subscriptions.review();
    await live;
    expect([...to.subscribed]).toEqual(['{room}']);
  });

  it('is found when the node ends what it had, although the map still names it', async () => {
    const node = new FakeNode();
    const { subscriptions, addLive, until, resumed } = setUp(node);
    await Promise.all(['room1', 'room2'].map(addLive));
    node.subscribed.delete('{room1}');
    for (let i = 0; i < 1_000; i++) subscriptions.ended(node.node);
    await until(() => resumed.length > 0);
    expect(resumed).toEqual(['room1']);
    expect(node.subscribing).toEqual(['+{room1}', '+{room2}', '+{room1}']);
    expect([...node.subscribed].toSorted()).toEqual(['{room1}', '{room2}']);
  });
});

describe('a refused subscription', () => {
  it.each([said('NOPERM this user has no permissions to run the ssubscribe command'), broken()])('is tried again (%s)', async (error) => {
    const node = new FakeNode();
    let refusals = 0;
    node.admit = () => (refusals++ < 2 ? Promise.reject(error) : undefined);
    const { addLive, failed } = setUp(node);
    await addLive('room');
    expect(node.subscribing).toEqual(['+{room}', '+{room}', '+{room}']);
    expect(failed).toHaveLength(2);
  });

  it('of a connection that is gone is not mixed up with the next one', async () => {
    const node = new FakeNode();
    const first = Promise.withResolvers<void>();
    node.admit = () => first.promise;
    const { subscriptions, addLive, failed } = setUp(node);
    const live = addLive('room');
    await settled();
    node.goDown();
    subscriptions.reset(node.node);
    first.reject(broken());
    await settled();
    expect(failed).toEqual([]);
    node.admit = () => {};
    node.isLive = true;
    subscriptions.reset(node.node);
    await live;
    expect(subscriptions.get('room')).toMatchObject({ isLive: true, node });
  });
});

describe('thousands of channels', () => {
  /** All are live, and the connection has just come back. */
  async function backAgain(count: number, random: number) {
    const node = new FakeNode();
    const parts = setUp(node, random);
    await Promise.all(channels(count).map(parts.addLive));
    node.goDown();
    parts.subscriptions.reset(node.node);
    node.subscribing.length = 0;
    node.isLive = true;
    parts.subscriptions.reset(node.node);
    await settled();
    return { ...parts, node };
  }
  /** Longer than two of the shortest pauses between two hundreds. */
  const pauses = () => new Promise((resolve) => setTimeout(resolve, 80));

  it('are subscribed anew a hundred at a time', async () => {
    const { node, subscriptions, until, resumed } = await backAgain(250, 8);
    expect(node.subscribing).toHaveLength(100);
    await until(() => subscriptions.isWell);
    expect([...node.subscribed].toSorted()).toEqual(keys(channels(250)).toSorted());
    expect(resumed.toSorted()).toEqual(channels(250).toSorted());
  });

  it('do not make a new one wait', async () => {
    const { node, addLive } = await backAgain(250, 8);
    await addLive('new');
    expect(node.subscribing).toHaveLength(101);
    expect(node.subscribed.has('{new}')).toBe(true);
  });

  it('do not make one wait that was asked for while the connection was away', async () => {
    const node = new FakeNode();
    const { subscriptions, addLive } = setUp(node, 8);
    await Promise.all(channels(250).map(addLive));
    node.goDown();
    subscriptions.reset(node.node);
    node.subscribing.length = 0;
    const live = addLive('new');
    node.isLive = true;
    subscriptions.reset(node.node);
    await live;
    expect(node.subscribing[0]).toBe('+{new}');
    expect(node.subscribing).toHaveLength(100);
  });

  it('that are removed meanwhile are not subscribed any more', async () => {
    const { node, subscriptions } = await backAgain(1_000, 0);
    await Promise.all(channels(1_000).map((channel) => subscriptions.remove(channel)));
    expect(subscriptions.isWell).toBe(true);
    const { length } = node.subscribing;
    await pauses();
    expect(node.subscribing).toHaveLength(length);
    expect([...node.subscribed]).toEqual([]);
  });

  it('are not subscribed any more once all is closed', async () => {
    const { node, subscriptions } = await backAgain(1_000, 0);
    subscriptions.close();
    subscriptions.reset(node.node);
    const { length } = node.subscribing;
    await pauses();
    expect(node.subscribing).toHaveLength(length);
    expect([...subscriptions]).toEqual([]);
  });
});

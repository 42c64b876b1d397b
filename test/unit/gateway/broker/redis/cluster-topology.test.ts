import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClusterTopology } from '../../../../../gateway/broker/redis/cluster-topology.ts';
import type { Address } from '../../../../../gateway/broker/redis/options.ts';
import { SLOTS } from '../../../../../gateway/broker/redis/slots.ts';
import { broken, FakeNode } from './fake-node.ts';

/** Longer than a sign of change waits, shorter than the routine look. */
const URGENT_MS = 300;
const ROUTINE_MS = 60_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A Cluster whose nodes all know the same map, unless a test says otherwise; `seeds` are as `host:port`. */
function setUp(seeds: readonly string[], owners: readonly string[] = ['a:1', 'b:1', 'c:1']) {
  const cluster = { owners };
  const nodes = new Map<string, FakeNode>();
  const made: string[] = [];
  const down = new Set<string>();
  let changes = 0;
  const topology = new ClusterTopology({
    seeds: seeds.map(addressOf),
    makeNode({ host, port }) {
      const name = `${host}:${port}`;
      const node = new FakeNode(name);
      node.isUp = !down.has(name);
      node.slotsAnswer = () => shared(cluster.owners);
      made.push(name);
      nodes.set(name, node);
      return node.node;
    },
    changed: () => changes++,
    random: () => 0.5,
  });
  const node = (name: string): FakeNode => {
    const found = nodes.get(name);
    if (found === undefined) throw new Error(`no node ${name}`);
    return found;
  };
  const asked = () => [...nodes.values()].reduce((sum, { does }) => sum + does.slots, 0);
  /** Connects, as the broker does: every node that is up has the map asked for. */
  const start = async () => {
    topology.start();
    topology.refresh();
    await vi.advanceTimersByTimeAsync(URGENT_MS);
  };
  const soon = () => {
    topology.refresh();
    return vi.advanceTimersByTimeAsync(URGENT_MS);
  };
  return { topology, cluster, nodes, made, down, node, asked, start, soon, changes: () => changes };
}

function addressOf(text: string): Address {
  const [host = '', port] = text.split(':');
  return { host, port: Number(port) };
}

/** The slots, shared out evenly. */
function shared(owners: readonly string[]): unknown {
  const size = Math.ceil(SLOTS / owners.length);
  return owners.map((owner, i) => {
    const { host, port } = addressOf(owner);
    return [i * size, Math.min(SLOTS, (i + 1) * size) - 1, [host, port]];
  });
}

const ownersOf = (topology: ClusterTopology) => [...topology.owners].map(({ name }) => name).toSorted();

describe('a Cluster', () => {
  it('knows no node of any slot at first', () => {
    const { topology, made } = setUp(['a:1']);
    topology.start();
    expect(made).toEqual(['a:1']);
    expect(topology.isComplete).toBe(false);
    expect(topology.nodeOf(0)).toBeNull();
    expect([...topology.owners]).toEqual([]);
  });

  it('is learned from one node: the others are connected to', async () => {
    const { topology, made, node, start, changes } = setUp(['a:1']);
    await start();
    expect(made).toEqual(['a:1', 'b:1', 'c:1']);
    expect(made.map((name) => node(name).does.start)).toEqual([1, 1, 1]);
    expect(topology.isComplete).toBe(true);
    expect(topology.nodeOf(0)).toBe(node('a:1'));
    expect(topology.nodeOf(8_192)).toBe(node('b:1'));
    expect(topology.nodeOf(SLOTS - 1)).toBe(node('c:1'));
    expect(ownersOf(topology)).toEqual(['a:1', 'b:1', 'c:1']);
    expect(changes()).toBe(1);
  });

  it('is learned although some of the given nodes are down, and one answers nonsense', async () => {
    const { topology, start, node, down } = setUp(['x:1', 'y:1', 'z:1', 'b:1']);
    down.add('x:1');
    topology.start();
    node('y:1').slotsAnswer = () => {
      throw broken();
    };
    node('z:1').slotsAnswer = () => 'ERR This instance has cluster support disabled';
    await start();
    expect(ownersOf(topology)).toEqual(['a:1', 'b:1', 'c:1']);
  });

  it('is asked again and again until a node answers', async () => {
    const { topology, start, node, down } = setUp(['a:1']);
    down.add('a:1');
    await start();
    expect(topology.isComplete).toBe(false);
    node('a:1').isUp = true;
    await vi.advanceTimersByTimeAsync(2 * URGENT_MS);
    expect(topology.isComplete).toBe(true);
  });

  it('is asked one node at a time', async () => {
    const { asked, start } = setUp(['a:1', 'b:1', 'c:1']);
    await start();
    expect(asked()).toBe(1);
  });

  it('names its nodes by IPv6 addresses too', async () => {
    const { topology, node, start } = setUp(['a:1']);
    topology.start();
    node('a:1').slotsAnswer = () => [[0, SLOTS - 1, ['fe80::1', 7000]]];
    await start();
    expect(topology.nodeOf(0)?.name).toBe('fe80::1:7000');
  });
});

describe('a Cluster that changes', () => {
  it('is looked at soon after a sign, once however many there are', async () => {
    const { topology, cluster, start, asked, node, changes } = setUp(['a:1']);
    await start();
    cluster.owners = ['b:1', 'c:1'];
    const before = asked();
    for (let i = 0; i < 1_000; i++) topology.refresh();
    await vi.advanceTimersByTimeAsync(URGENT_MS);
    expect(asked()).toBe(before + 1);
    expect(topology.nodeOf(0)).toBe(node('b:1'));
    expect(changes()).toBe(2);
  });

  it('is looked at now and then without a sign', async () => {
    const { topology, cluster, start } = setUp(['a:1']);
    await start();
    cluster.owners = ['a:1', 'd:1'];
    await vi.advanceTimersByTimeAsync(ROUTINE_MS);
    expect(ownersOf(topology)).toEqual(['a:1', 'd:1']);
  });

  it('is looked at often while a node does not answer or a slot has none', async () => {
    const { asked, start, soon, node, cluster } = setUp(['a:1']);
    await start();
    node('c:1').isUp = false;
    await soon();
    let before = asked();
    await vi.advanceTimersByTimeAsync(ROUTINE_MS);
    expect(asked() - before).toBeGreaterThan(50);
    node('c:1').isUp = true;
    await vi.advanceTimersByTimeAsync(1_000);
    before = asked();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked() - before).toBe(0);
    cluster.owners = [];
    await vi.advanceTimersByTimeAsync(ROUTINE_MS);
    expect(asked() - before).toBeGreaterThan(10);
  });

  it('lets a node go that has no slots any more, but keeps the given ones as the way back', async () => {
    const { topology, cluster, start, soon, node } = setUp(['a:1']);
    await start();
    cluster.owners = ['b:1'];
    await soon();
    expect(ownersOf(topology)).toEqual(['b:1']);
    expect([node('a:1').does.close, node('b:1').does.close, node('c:1').does.close]).toEqual([0, 0, 1]);
    cluster.owners = ['c:1'];
    const gone = node('c:1');
    await soon();
    expect(node('c:1')).not.toBe(gone);
    expect(topology.nodeOf(0)).toBe(node('c:1'));
    expect(node('b:1').does.close).toBe(1);
  });

  it('tells nothing when it is the same as before', async () => {
    const { start, soon, changes } = setUp(['a:1']);
    await start();
    await soon();
    await soon();
    expect(changes()).toBe(1);
  });

  it('is not complete while slots have no node, and those that have one stay in use', async () => {
    const { topology, start, soon, node } = setUp(['a:1'], ['a:1']);
    await start();
    node('a:1').slotsAnswer = () => [[0, 99, ['a', 1]]];
    await soon();
    expect(topology.isComplete).toBe(false);
    expect(topology.nodeOf(99)).toBe(node('a:1'));
    expect(topology.nodeOf(100)).toBeNull();
  });

  it('is asked once more for a sign that came while it was being asked', async () => {
    const { topology, cluster, start, node } = setUp(['a:1'], ['a:1']);
    await start();
    const answer = Promise.withResolvers<unknown>();
    node('a:1').slotsAnswer = () => answer.promise;
    topology.refresh();
    await vi.advanceTimersByTimeAsync(URGENT_MS);
    topology.refresh();
    await vi.advanceTimersByTimeAsync(URGENT_MS);
    expect(node('a:1').does.slots).toBe(2);
    cluster.owners = ['b:1'];
    node('a:1').slotsAnswer = () => shared(cluster.owners);
    answer.resolve(shared(['a:1']));
    await vi.advanceTimersByTimeAsync(2 * URGENT_MS);
    expect(ownersOf(topology)).toEqual(['b:1']);
  });

  it('connects to the node that another one names before the map does', async () => {
    const { topology, start, node, made } = setUp(['a:1'], ['a:1']);
    await start();
    expect(topology.nodeAt('d:1')).toBe(node('d:1'));
    expect(topology.nodeAt('d:1')).toBe(node('d:1'));
    expect(made).toEqual(['a:1', 'd:1']);
  });
});

describe('a closed Cluster', () => {
  it('closes every node, and makes and asks none', async () => {
    const { topology, start, nodes, made, asked } = setUp(['a:1']);
    await start();
    const before = asked();
    topology.close();
    expect([...nodes.values()].map(({ does }) => does.close)).toEqual([1, 1, 1]);
    expect(topology.nodeAt('d:1')).toBeNull();
    topology.refresh();
    await vi.advanceTimersByTimeAsync(10 * ROUTINE_MS);
    expect(made).toHaveLength(3);
    expect(asked()).toBe(before);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes no answer that comes late', async () => {
    const { topology, node, made } = setUp(['a:1']);
    topology.start();
    const answer = Promise.withResolvers<unknown>();
    node('a:1').slotsAnswer = () => answer.promise;
    topology.refresh();
    await vi.advanceTimersByTimeAsync(URGENT_MS);
    topology.close();
    answer.resolve(shared(['b:1']));
    await vi.advanceTimersByTimeAsync(ROUTINE_MS);
    expect(made).toEqual(['a:1']);
  });
});

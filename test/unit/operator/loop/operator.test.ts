import { afterEach, describe, expect, it } from 'vitest';
import type { ChatCluster } from '../../../../operator/api/spec.ts';
import type { Action } from '../../../../operator/fleet/fleet.ts';
import { SimulatedFleet } from '../../../../operator/fleet/simulated/simulated-fleet.ts';
import { LeaseRecord, MemoryLease } from '../../../../operator/lease/memory-lease.ts';
import { Operator } from '../../../../operator/loop/operator.ts';
import { MemoryStateStore, Overtaken } from '../../../../operator/loop/state-store.ts';
import { cluster } from '../../../fakes/chat-cluster.ts';
import { settled, VirtualTime } from '../../../fakes/virtual-time.ts';

const LEASE_MS = 15_000;
const SMALL = cluster({
  gateway: { connectionsPerGateway: 100 },
  scaling: { minReplicas: 2, maxReplicas: 4, scaleDown: { stabilizationMs: 10_000 } },
});

/** A fleet that can't be reached for a while, and remembers what was done to it. */
class Fleet extends SimulatedFleet {
  readonly applied: string[] = [];
  rounds = 0;
  unreachable = false;
  hindered: readonly string[] = [];
  /** Is told of each action before it is done. */
  acting: () => void = () => undefined;

  override async list() {
    this.rounds += 1;
    if (this.unreachable) throw new Error('the fleet is not there');
    return super.list();
  }

  override problems() {
    return this.hindered;
  }

  override async apply(action: Action): Promise<void> {
    this.applied.push(`${action.kind} ${action.gateway}`);
    this.acting();
    return super.apply(action);
  }
}

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

function world(
  options: { readonly cluster?: ChatCluster; readonly record?: LeaseRecord; readonly drainRequests?: () => readonly string[] } = {},
) {
  const time = new VirtualTime();
  const fleet = new Fleet({ cluster: options.cluster ?? SMALL, seed: 1 });
  const problems: string[] = [];
  const store = new MemoryStateStore();
  const record = options.record ?? new LeaseRecord();
  const make = (name: string) =>
    new Operator({
      cluster: options.cluster ?? SMALL,
      fleet,
      store,
      lease: new MemoryLease(record, name, LEASE_MS),
      problem: (text) => problems.push(text),
      ...(options.drainRequests && { drainRequests: options.drainRequests }),
      figures: () => ({ movedPerSecond: 7, deliveryLatencyMs: 3 }),
      clock: {
        now: () => time.now(),
        sleep: (ms, signal) =>
          new Promise((resolve) => {
            const timer = time.setTimeout(resolve, ms);
            signal.addEventListener('abort', () => {
              time.clearTimeout(timer);
              resolve();
            });
          }),
      },
    });
  const operator = make('a');
  const pass = async (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      fleet.advance(1_000);
      await time.advance(1_000);
    }
  };
  const run = (one: Operator = operator) => {
    const stopping = new AbortController();
    const ended = one.run(stopping.signal);
    const stop = async () => {
      stopping.abort();
      await ended;
    };
    stops.push(stop);
    return stop;
  };
  return { fleet, operator, problems, store, record, make, pass, run, time };
}

describe('the operator', () => {
  it('runs a round each interval, until it is stopped', async () => {
    const { fleet, pass, run, time } = world();
    const stop = run();
    await pass(5);
    expect(fleet.rounds).toBe(6);
    await stop();
    await pass(5);
    expect(fleet.rounds).toBe(6);
    expect(time.pending).toBe(0);
  });

  it('begins from the stored state again when that is newer, without a word', async () => {
    const { fleet, store, problems, pass, run } = world();
    const save = store.save.bind(store);
    let saves = 0;
    store.save = async (state) => {
      const stored = await store.load();
      if (stored !== null && stored.memory.planning.lastOrdinal > state.memory.planning.lastOrdinal) throw new Overtaken();
      await save(state);
      saves++;
    };
    run();
    await pass(5);
    const stored = await store.load();
    if (stored === null) throw new Error('nothing was stored');
    const { memory } = stored;
    await save({ ...stored, memory: { ...memory, planning: { ...memory.planning, lastOrdinal: 70 } } });
    await pass(5);
    expect((await store.load())?.memory.planning.lastOrdinal).toBe(70);
    const before = { rounds: fleet.rounds, saves };
    await pass(5);
    expect([fleet.rounds - before.rounds, saves - before.saves, problems]).toEqual([5, 5, []]);
  });

  it('is woken when something happens to the fleet, but takes a breath between two rounds', async () => {
    const { fleet, pass, run, time } = world();
    run();
    await pass(4);
    const { rounds } = fleet;
    fleet.crash('chat-1');
    fleet.crash('chat-2');
    await time.advance(0);
    await settled();
    expect(fleet.rounds).toBe(rounds + 1);
    fleet.crash('chat-3');
    await time.advance(99);
    expect(fleet.rounds).toBe(rounds + 1);
    await time.advance(1);
    expect(fleet.rounds).toBe(rounds + 2);
  });

  it('creates, tells what it did and why, and comes to rest', async () => {
    const { fleet, operator, pass, run } = world();
    run();
    await pass(6);
    expect(fleet.applied).toEqual(['create chat-1', 'create chat-2']);
    const status = operator.status();
    expect(status?.gateways.map(({ name, state }) => `${name} ${state}`)).toEqual(['chat-1 ready', 'chat-2 ready']);
    expect(status?.decisions.map(({ summary }) => summary)).toContain('create chat-2');
    expect(status).toMatchObject({ desired: 2, movedPerSecond: 7, deliveryLatencyMs: 3 });
  });

  it('tells each status to those who listen, until they have enough', async () => {
    const { operator, pass, run } = world();
    const seen: number[] = [];
    const end = operator.onStatus(({ at }) => seen.push(at));
    run();
    await pass(2);
    end();
    await pass(2);
    expect(seen).toEqual([0, 1_000, 2_000]);
  });

  it('tells of a round that failed, once and not each second, and does it when it can', async () => {
    const { fleet, problems, pass, run } = world();
    fleet.unreachable = true;
    run();
    await pass(10);
    expect(problems).toEqual(['the fleet is not there']);
    fleet.unreachable = false;
    await pass(1);
    expect(fleet.applied).toEqual(['create chat-1', 'create chat-2']);
  });

  it('takes a new spec at once', async () => {
    const { fleet, operator, pass, run, time } = world();
    run();
    await pass(4);
    operator.setCluster(cluster({ gateway: { connectionsPerGateway: 100 }, scaling: { minReplicas: 3, maxReplicas: 4 } }));
    await time.advance(100);
    expect(fleet.applied.at(-1)).toBe('create chat-3');
  });

  it('drains what a person asks for, after its replacement, and forgets the request when it is gone', async () => {
    const { fleet, operator, store, pass, run } = world();
    run();
    await pass(4);
    fleet.setClients(100);
    expect([operator.requestDrain('chat-9'), operator.requestDrain('chat-1')]).toEqual([false, true]);
    await pass(1);
    expect((await store.load())?.drainRequests).toEqual(['chat-1']);
    await pass(20);
    expect(fleet.applied.filter((word) => !word.startsWith('shed'))).toEqual([
      'create chat-1',
      'create chat-2',
      'create chat-3',
      'drain chat-1',
      'delete chat-1',
    ]);
    expect(fleet.connections).toBe(100);
    expect((await store.load())?.drainRequests).toEqual([]);
  });

  it('takes a drain back when a person wants it, and gives up what was to replace it', async () => {
    const slow = cluster({ ...SMALL.spec, drain: { maxConnectionsPerSecond: 1 } });
    const { fleet, operator, pass, run } = world({ cluster: slow });
    run();
    await pass(4);
    fleet.setClients(60);
    operator.requestDrain('chat-1');
    await pass(3);
    expect(fleet.gateway('chat-1')?.drain).not.toBeNull();
    expect(operator.cancelDrain('chat-1')).toBe(true);
    await pass(1);
    expect(fleet.gateway('chat-1')).toMatchObject({ drain: null, cordoned: false });
    expect(fleet.applied).toContain('uncordon chat-1');
    await pass(60);
    expect(fleet.gateways().map(({ name }) => name)).toContain('chat-1');
  });

  it('stands by while another one holds the lease, and goes on from what that one left', async () => {
    const { fleet, operator, make, pass, run } = world();
    const stop = run();
    const other = make('b');
    run(other);
    await pass(4);
    expect(other.status()).toBeNull();
    operator.requestDrain('chat-1');
    await pass(1);
    await stop();
    await pass(5);
    expect(other.status()?.desired).toBe(2);
    expect(fleet.gateways().map(({ name }) => name)).not.toContain('chat-1');
  });

  it('drains what is asked for outside, and takes it back when that is asked for no more', async () => {
    const slow = cluster({ ...SMALL.spec, drain: { maxConnectionsPerSecond: 1 } });
    let outside: readonly string[] = [];
    const { fleet, operator, pass, run } = world({ cluster: slow, drainRequests: () => outside });
    run();
    await pass(4);
    fleet.setClients(60);
    outside = ['chat-1'];
    await pass(5);
    expect(fleet.gateway('chat-1')?.drain).not.toBeNull();
    expect([operator.requestDrain('chat-2'), operator.cancelDrain('chat-1')]).toEqual([false, false]);
    outside = [];
    await pass(2);
    expect(fleet.gateway('chat-1')).toMatchObject({ drain: null, cordoned: false });
  });

  it('creates no gateway for one whose drain is taken back in the same round', async () => {
    const slow = cluster({ ...SMALL.spec, drain: { maxConnectionsPerSecond: 1 } });
    const { fleet, operator, pass, run, time } = world({ cluster: slow });
    run();
    await pass(4);
    fleet.setClients(60);
    operator.requestDrain('chat-1');
    await pass(6);
    expect(fleet.gateway('chat-1')?.drain).not.toBeNull();
    const created = fleet.applied.filter((word) => word.startsWith('create')).length;
    fleet.crash('chat-3');
    operator.cancelDrain('chat-1');
    await time.advance(100);
    await settled();
    expect(fleet.gateway('chat-1')?.drain).toBeNull();
    expect(fleet.applied.filter((word) => word.startsWith('create'))).toHaveLength(created);
  });

  it("tells the fleet's own problems", async () => {
    const { fleet, operator, pass, run } = world();
    fleet.hindered = ['the quota is used up'];
    run();
    await pass(2);
    expect(operator.status()?.conditions.find(({ type }) => type === 'Degraded')).toMatchObject({
      status: 'True',
      message: 'the quota is used up.',
    });
  });

  it('goes on with the decisions that an earlier operator took', async () => {
    const { operator, make, pass, run } = world();
    const stop = run();
    await pass(4);
    const earlier = operator.status()?.decisions ?? [];
    await stop();
    const other = make('b');
    run(other);
    await pass(2);
    expect(other.status()?.decisions).toEqual(earlier);
    expect(earlier.length).toBeGreaterThan(0);
  });

  it('ends a round that was planned for a ChatCluster that stays when that is deleted meanwhile', async () => {
    const { fleet, operator, pass, run } = world();
    fleet.acting = () => operator.setCluster({ ...SMALL, controls: { ...SMALL.controls, removing: true } });
    run();
    await pass(5);
    expect(fleet.applied).toEqual(['create chat-1', 'delete chat-1']);
    expect(fleet.gateways()).toEqual([]);
  });
});

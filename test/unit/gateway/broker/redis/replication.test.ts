import { describe, expect, it } from 'vitest';
import { CallFailed } from '../../../../../gateway/broker/redis/caller.ts';
import { Replication } from '../../../../../gateway/broker/redis/replication.ts';
import { settled } from '../../../../fakes/virtual-time.ts';
import { broken, FakeNode } from './fake-node.ts';

/** A node whose waits a test ends one by one. */
function setUp(name = 'r:1', timeoutMs = 1_000) {
  const node = new FakeNode(name);
  const waits: PromiseWithResolvers<number>[] = [];
  node.replicas = () => {
    const wait = Promise.withResolvers<number>();
    waits.push(wait);
    return wait.promise;
  };
  const answer = () => ({ values: [], node: node.node, generation: node.generation });
  const told: string[] = [];
  const replication = new Replication(timeoutMs, (of, { kind }) => told.push(`${of.name} ${kind}`));
  return { node, waits, answer, told, replication };
}

const failureOf = (confirming: Promise<void>) =>
  confirming.then(
    () => null,
    (error: unknown) => (error instanceof CallFailed ? error.failure : error),
  );

describe('a replica confirms', () => {
  it('one script', async () => {
    const { waits, answer, replication } = setUp();
    const confirming = replication.confirm(answer());
    await settled();
    waits[0]?.resolve(1);
    await confirming;
    expect(waits).toHaveLength(1);
  });

  it('all scripts that were answered while one wait was under way by the next, and by no earlier one', async () => {
    const { waits, answer, replication } = setUp();
    const done: number[] = [];
    const confirm = (n: number) => replication.confirm(answer()).then(() => done.push(n));
    const all = [confirm(1)];
    await settled();
    all.push(confirm(2), confirm(3), confirm(4));
    await settled();
    expect(waits).toHaveLength(1);
    waits[0]?.resolve(1);
    await settled();
    expect(done).toEqual([1]);
    expect(waits).toHaveLength(2);
    all.push(confirm(5));
    waits[1]?.resolve(2);
    await settled();
    expect(done).toEqual([1, 2, 3, 4]);
    waits[2]?.resolve(1);
    await Promise.all(all);
    expect(waits).toHaveLength(3);
  });

  it('the scripts of each node by a wait of its own', async () => {
    const [a, b] = [setUp('a:1'), setUp('b:1')];
    const { replication } = a;
    const confirming = [replication.confirm(a.answer()), replication.confirm(b.answer())];
    await settled();
    expect([a.waits.length, b.waits.length]).toEqual([1, 1]);
    a.waits[0]?.resolve(1);
    b.waits[0]?.resolve(1);
    await Promise.all(confirming);
  });
});

describe('no replica confirms', () => {
  it('in time', async () => {
    const { waits, answer, replication, told } = setUp('r:1', 750);
    const failed = failureOf(replication.confirm(answer()));
    await settled();
    waits[0]?.resolve(0);
    expect(await failed).toEqual({
      kind: 'replicas',
      retry: true,
      text: 'Redis at r:1: No replica confirmed within 750 ms: look after its replicas, or lower spec.broker.durability to acknowledged.',
    });
    expect(told).toEqual(['r:1 replicas']);
  });

  it('what a connection wrote that is gone since: another one can not wait for that', async () => {
    const { node, waits, answer, replication } = setUp();
    const failed = failureOf(replication.confirm(answer()));
    await settled();
    node.generation++;
    waits[0]?.resolve(2);
    expect(await failed).toMatchObject({ kind: 'connection', retry: true });
  });

  it('what a connection wrote that broke before the wait began', async () => {
    const { node, waits, answer, replication } = setUp();
    const written = answer();
    node.generation++;
    const failed = failureOf(replication.confirm(written));
    await settled();
    waits[0]?.resolve(2);
    expect(await failed).toMatchObject({ kind: 'connection', retry: true });
  });

  it('when the wait fails; the one after it is made all the same', async () => {
    const { waits, answer, replication } = setUp();
    const [first, second] = [failureOf(replication.confirm(answer())), failureOf(replication.confirm(answer()))];
    await settled();
    waits[0]?.reject(broken());
    expect(await first).toMatchObject({ kind: 'connection', retry: true });
    await settled();
    waits[1]?.resolve(1);
    expect(await second).toBeNull();
  });

  it('in time, which those behind it are not told by the same wait', async () => {
    const { waits, answer, replication } = setUp();
    const [first, second] = [failureOf(replication.confirm(answer())), failureOf(replication.confirm(answer()))];
    await settled();
    waits[0]?.resolve(0);
    expect(await first).toMatchObject({ kind: 'replicas' });
    await settled();
    waits[1]?.resolve(1);
    expect(await second).toBeNull();
  });
});

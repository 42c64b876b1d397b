import { afterEach, describe, expect, it } from 'vitest';
import { BrokerUnavailable } from '../../../../../gateway/broker/broker.ts';
import { type Call, Caller, CallFailed } from '../../../../../gateway/broker/redis/caller.ts';
import { Reporter } from '../../../../../gateway/broker/redis/reporter.ts';
import { SCRIPTS } from '../../../../../gateway/broker/redis/scripts.ts';
import { newBrokerTelemetry } from '../../../../../gateway/broker/telemetry.ts';
import { silentLog } from '../../../../fakes/silent-log.ts';
import { broken, FakeNode, FakeTopology, type Run, said } from './fake-node.ts';

const callers: Caller[] = [];
afterEach(() => {
  for (const caller of callers.splice(0)) caller.close();
});

function setUp(node: FakeNode | null = new FakeNode()) {
  const topology = new FakeTopology(node);
  const telemetry = newBrokerTelemetry();
  const now = () => performance.now();
  const caller = new Caller({ topology, reporter: new Reporter(silentLog, telemetry, now), telemetry, now, random: () => 0 });
  callers.push(caller);
  return { caller, topology, telemetry };
}

const CALL: Call = { script: SCRIPTS.head, keys: ['{room}'], args: ['x'], listenKey: '{room}' };
const soon = (ms = 5_000) => performance.now() + ms;

/** Answers in this order, the last one for ever. */
const inOrder = (...answers: readonly (() => unknown)[]) => {
  let i = 0;
  return () => answers[Math.min(i++, answers.length - 1)]?.();
};
const refuse = (error: Error) => () => {
  throw error;
};

describe('a call', () => {
  it('runs the script, which tells listeners itself, and answers without what was not told', async () => {
    const node = new FakeNode();
    node.answer = () => [[], 'e1', 7];
    const { caller, telemetry } = setUp(node);
    expect(await caller.call(CALL, soon())).toEqual(['e1', 7]);
    expect(node.runs).toEqual([{ script: 'head', key: '{room}', otherKeys: [], args: ['x'], tellsItself: true, asking: false }]);
    expect(telemetry.scripts).toBe(1);
  });

  const retried = [
    { name: 'a broken connection', error: broken(), kind: 'connection', refreshes: 0 },
    { name: 'MOVED', error: said('MOVED 1 r:2'), kind: 'moved', refreshes: 1 },
    { name: 'TRYAGAIN', error: said('TRYAGAIN Multiple keys request during rehashing of slot'), kind: 'moved', refreshes: 1 },
    { name: 'CLUSTERDOWN', error: said('CLUSTERDOWN The cluster is down'), kind: 'cluster-down', refreshes: 1 },
    { name: 'LOADING', error: said('LOADING Redis is loading the dataset in memory'), kind: 'loading', refreshes: 0 },
    { name: 'READONLY', error: said("READONLY You can't write against a read only replica."), kind: 'read-only', refreshes: 0 },
    { name: 'OOM', error: said("OOM command not allowed when used memory > 'maxmemory'."), kind: 'out-of-memory', refreshes: 0 },
  ] as const;
  it.each(retried)('is made again after $name, which is counted', async ({ error, kind, refreshes }) => {
    const node = new FakeNode();
    node.answer = inOrder(refuse(error), refuse(error), () => [[], 'well']);
    const { caller, topology, telemetry } = setUp(node);
    expect(await caller.call(CALL, soon())).toEqual(['well']);
    expect(node.runs).toHaveLength(3);
    expect(telemetry.failures).toEqual(new Map([[kind, 2]]));
    expect(topology.refreshes).toBe(2 * refreshes);
  });

  it('loads the scripts where they are lost, and is made again at once', async () => {
    const node = new FakeNode();
    node.answer = () => (node.does.loadScripts === 0 ? refuse(said('NOSCRIPT No matching script.'))() : [[], 'well']);
    const { caller, telemetry } = setUp(node);
    expect(await caller.call(CALL, soon())).toEqual(['well']);
    expect(node.does.loadScripts).toBe(1);
    expect(telemetry.failures.size).toBe(0);
    expect(telemetry.scripts).toBe(2);
  });

  it('fails when its time is over, with what was wrong at last', async () => {
    const node = new FakeNode();
    node.answer = refuse(said("OOM command not allowed when used memory > 'maxmemory'."));
    const { caller } = setUp(node);
    const call = caller.call(CALL, soon(60));
    await expect(call).rejects.toThrow(BrokerUnavailable);
    await expect(call).rejects.toThrow(/^Redis at r:1: It is out of memory: raise its maxmemory/);
  });

  it('fails when its time is over, also while a script is under way', async () => {
    const node = new FakeNode();
    node.answer = () => new Promise(() => {});
    const { caller } = setUp(node);
    const call = caller.call(CALL, soon(30));
    await expect(call).rejects.toThrow(BrokerUnavailable);
    await expect(call).rejects.toThrow(/did not answer in time/);
  });

  it.each([
    ["NOPERM this user has no permissions to run the 'evalsha' command", /evalsha/],
    ['WRONGPASS invalid username-password pair or user is disabled.', /user name or password/],
    ['ERR something else', /It answered: ERR something else/],
  ])('fails at once, for good, with %s', async (word, text) => {
    const node = new FakeNode();
    node.answer = refuse(said(word));
    const { caller } = setUp(node);
    const error: unknown = await caller.call(CALL, soon()).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(BrokerUnavailable);
    expect((error as Error).message).toMatch(text);
    expect(node.runs).toHaveLength(1);
  });

  it('waits for its node, and is made when woken', async () => {
    const node = new FakeNode();
    node.answer = () => [[], 'well'];
    node.isUp = false;
    const { caller } = setUp(node);
    const call = caller.call(CALL, soon());
    await Promise.resolve();
    expect(node.runs).toEqual([]);
    node.isUp = true;
    caller.wake();
    expect(await call).toEqual(['well']);
  });

  it('waits until it is known which node has the slot', async () => {
    const { caller, topology } = setUp(null);
    const call = caller.call(CALL, soon());
    const node = new FakeNode();
    node.answer = () => [[], 'well'];
    await Promise.resolve();
    topology.owner = node;
    caller.wake();
    expect(await call).toEqual(['well']);
  });

  it.each([
    { name: 'its node is not there', node: null, text: 'Redis: no node is known for this slot.' },
    { name: 'its node is down', node: Object.assign(new FakeNode(), { isUp: false }), text: 'Redis at r:1 is not connected.' },
  ])('fails in time while $name', async ({ node, text }) => {
    const { caller } = setUp(node);
    const before = performance.now();
    const call = caller.call(CALL, soon(50));
    await expect(call).rejects.toThrow(BrokerUnavailable);
    await expect(call).rejects.toThrow(text);
    expect(performance.now() - before).toBeLessThan(300);
  });
});

describe('a closed caller', () => {
  it.each([
    ['a call that waits for its node', Object.assign(new FakeNode(), { isUp: false })],
    ['a call that is under way', Object.assign(new FakeNode(), { answer: () => new Promise(() => {}) })],
    ['a call that rests', Object.assign(new FakeNode(), { answer: refuse(broken()) })],
  ])('rejects %s', async (_, node) => {
    const { caller } = setUp(node);
    const call = caller.call(CALL, soon());
    await Promise.resolve();
    caller.close();
    await expect(call).rejects.toThrow(BrokerUnavailable);
    await expect(call).rejects.toThrow('The broker is closed.');
  });

  it('takes no call', async () => {
    const node = new FakeNode();
    const { caller } = setUp(node);
    caller.close();
    await expect(caller.call(CALL, soon())).rejects.toThrow(BrokerUnavailable);
    expect(node.runs).toEqual([]);
  });
});

describe('a slot that is half moved', () => {
  function halfMoved() {
    const owner = new FakeNode('old:1');
    owner.answer = refuse(said('ASK 1 new:1'));
    const next = new FakeNode('new:1');
    next.answer = (_run: Run) => [['mone', 'mtwo'], 'well'];
    const parts = setUp(owner);
    parts.topology.others.set('new:1', next);
    return { ...parts, owner, next };
  }

  it('is asked for at its next node; listeners are told where they are, in order', async () => {
    const { caller, owner, next, telemetry } = halfMoved();
    expect(await caller.call(CALL, soon())).toEqual(['well']);
    expect(next.runs).toEqual([{ script: 'head', key: '{room}', otherKeys: [], args: ['x'], tellsItself: false, asking: true }]);
    expect(owner.told).toEqual([
      ['{room}', 'mone'],
      ['{room}', 'mtwo'],
    ]);
    expect(telemetry.failures.size).toBe(0);
  });

  it('is asked for at another port of the same host, when the node names no other', async () => {
    const { caller, owner, topology } = halfMoved();
    const other = new FakeNode('old:2');
    other.answer = () => [[], 'well'];
    topology.others.set('old:2', other);
    owner.answer = refuse(said('ASK 1 :2'));
    expect(await caller.call(CALL, soon())).toEqual(['well']);
  });

  it('names the next node as the one that answered', async () => {
    const { caller, next } = halfMoved();
    next.generation = 5;
    expect(await caller.once(CALL)).toEqual({ values: ['well'], node: next, generation: 5 });
  });

  it('is asked for again until the next node is connected', async () => {
    const { caller, next } = halfMoved();
    next.isUp = false;
    const failed = await caller.once(CALL).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(CallFailed);
    expect((failed as CallFailed).failure).toMatchObject({ kind: 'moved', retry: true });
    const call = caller.call(CALL, soon());
    next.isUp = true;
    expect(await call).toEqual(['well']);
  });

  it('gets the scripts where they are missing', async () => {
    const { caller, next } = halfMoved();
    next.answer = () => (next.does.loadScripts === 0 ? refuse(said('NOSCRIPT No matching script.'))() : [[], 'well']);
    expect(await caller.call(CALL, soon())).toEqual(['well']);
    expect(next.does.loadScripts).toBe(1);
  });
});

describe('telling listeners', () => {
  it('is done at the node of the slot', () => {
    const node = new FakeNode();
    setUp(node).caller.tell('{room}', 'e{}');
    expect(node.told).toEqual([['{room}', 'e{}']]);
  });

  it('is not done while none is known', () => {
    expect(() => setUp(null).caller.tell('{room}', 'e{}')).not.toThrow();
  });
});

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChatClient } from '../../../client/index.ts';
import { parseChatCluster } from '../../../operator/api/parse.ts';
import { faultsOf, NO_FAULTS } from '../../kube/load-faults.ts';
import { OperatorWorld, type Subject } from '../../kube/operator-world.ts';
import { until } from '../../servers/until.ts';

const TEST_MS = 300_000;
const WAIT_MS = 60_000;
const SCALING = 'minReplicas: 1, maxReplicas: 3, behavior: {scaleDown: {stabilizationWindowSeconds: 2}}';
/**
 * 15 requests a gateway at the target: for 36 clients that is 3, also when some count at two gateways for a moment, as their polls go from one to the
 * other. There is room for those who come before the next gateway.
 */
const FARM = `longPolling: {requestsPerGateway: 30, acceptRatePerSecond: 100, scaling: {${SCALING}, targetUtilization: 50, panic: {windowSeconds: 2}, lookAhead: {enabled: false}}}`;
const ONE = 'scaling: {minReplicas: 1}';

let world: OperatorWorld;
let chat: Subject;
let farm: Subject;
const clients: ChatClient[] = [];

beforeAll(async () => {
  world = await OperatorWorld.open();
  chat = await world.subject();
  farm = await world.farmOf(chat);
  const operator = await world.operator('one', [chat]);
  await operator.ready();
  await chat.apply(`${ONE}\n${FARM}`);
  await Promise.all([chat.settled(1), farm.settled(1)]);
}, TEST_MS);

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close({ flushMs: 0 })));
  await world?.stop();
});

const kubectl = (...args: readonly string[]) => world.plane.kubectl('-n', chat.namespace, ...args);
const isThere = async ({ path }: Subject) => (await world.plane.api.find(path)) !== undefined;
const goes = (subject: Subject) => until(`${subject.name} is gone`, WAIT_MS, async () => (await isThere(subject)) === false || undefined);

describe('a farm for long polling', () => {
  it('is a ChatCluster that kubectl shows beside the other', { timeout: TEST_MS }, async () => {
    expect(await kubectl('get', 'chat')).toMatch(/^chat +1 +1 .*\n^chat-longpoll +1 +1 /m);
    const { spec } = await farm.resource();
    expect(spec).toMatchObject({ gateway: { connectionsPerGateway: 30 }, broker: { keyPrefix: `${chat.namespace}:` } });
    // Such as for `chatcluster simulate`.
    expect(parseChatCluster(await kubectl('get', 'chat', 'chat-longpoll', '-o', 'yaml'))).toMatchObject({ kind: 'ok' });
  });

  it('scales by the polls that it holds, up and down, while the other gateways stay as they are', { timeout: TEST_MS }, async () => {
    const end = new AbortController();
    const load = farm.load({ transport: 'longpoll', clients: '36', channels: '4', rate: '4', connectRate: '6' }, end.signal);
    try {
      await farm.until('3 gateways hold all', ({ readyReplicas, connections }) => (readyReplicas ?? 0) >= 3 && (connections ?? 0) >= 36);
      // Those that came first move on to the gateways that were added.
      await until('all is even', WAIT_MS, async () => {
        const polls = await farm.figures('held_polls');
        if (polls.length < 3 || polls.some((count) => count < 6 || count > 18)) throw new Error(`they hold ${polls.join(', ')}`);
        return true;
      });
      expect(await chat.resource()).toMatchObject({ status: { desiredReplicas: 1, replicas: 1, connections: 0 } });
      // Each client counts once, whatever gateway its last poll went to.
      const counts = await Promise.all(Array.from({ length: 5 }, (_, i) => delay(i * 700).then(() => farm.figures('connections'))));
      const totals = counts.map((each) => each.reduce((sum, count) => sum + count, 0));
      expect(totals.sort((a, b) => a - b)[2]).toBeLessThanOrEqual(42);
    } finally {
      end.abort();
    }
    expect(faultsOf(await load)).toEqual(NO_FAULTS);
    await farm.settled(1);
    expect(await chat.resource()).toMatchObject({ status: { desiredReplicas: 1, replicas: 1 } });
    expect(await chat.events()).toEqual(expect.arrayContaining(['ScaledUp', 'ScaledDown', 'DrainFinished']));
  });

  it('has the channels of the other: messages cross', { timeout: TEST_MS }, async () => {
    const [ws, poller] = [client(chat, 'websocket'), client(farm, 'longpoll')];
    const [there, here] = [ws.channel('general'), poller.channel('general')];
    const heard: string[] = [];
    there.on('message', ({ data }) => heard.push(`websocket: ${data}`));
    here.on('message', ({ data }) => heard.push(`longpoll: ${data}`));
    for (const each of [ws, poller]) each.connect();
    await Promise.all([there.subscribe(), here.subscribe()]);
    await there.publish('by websocket');
    await here.publish('by poll');
    await until('both have heard both', WAIT_MS, async () => heard.length >= 4 || undefined);
    expect(heard.sort()).toEqual(['longpoll: by poll', 'longpoll: by websocket', 'websocket: by poll', 'websocket: by websocket']);
  });

  it('follows the other, is set right when somebody changes it, and keeps what is its own', { timeout: TEST_MS }, async () => {
    await chat.apply(`${ONE}\nlongPolling: {requestsPerGateway: 20, scaling: {mode: External, ${SCALING}}}`);
    await farm.until('it is scaled by others', (_, { spec }) => modeOf(spec) === 'External');
    await kubectl('scale', 'chat/chat-longpoll', '--replicas=2');
    await kubectl('annotate', 'chat/chat-longpoll', 'chatcluster.io/pause-scaling=down');
    await farm.settled(2);
    await chat.apply(`${ONE}\nlongPolling: {requestsPerGateway: 20, scaling: {mode: External, ${SCALING}}}\ndrain: {timeout: 25s}`);
    const timeoutIs = (timeout: string) => farm.until(`its drains take ${timeout}`, (_, { spec }) => drainOf(spec) === timeout);
    await timeoutIs('25s');
    await kubectl('patch', 'chat/chat-longpoll', '--type=merge', '-p', '{"spec":{"drain":{"timeout":"40s"}}}');
    const { spec, metadata } = await timeoutIs('25s');
    expect(spec).toMatchObject({ replicas: 2 });
    expect(metadata.annotations).toEqual({ 'chatcluster.io/pause-scaling': 'down' });
    await kubectl('scale', 'chat/chat-longpoll', '--replicas=1');
    await farm.until('scaling down is paused', ({ conditions }) => conditions?.some(({ message }) => message.includes('paused')) === true);
    expect((await farm.resource()).status).toMatchObject({ desiredReplicas: 2, replicas: 2 });
  });

  it('comes back when somebody deletes it', { timeout: TEST_MS }, async () => {
    const { metadata } = await farm.resource();
    await kubectl('delete', 'chat/chat-longpoll', '--wait=false');
    await until('there is another one', WAIT_MS, async () => {
      const found = await world.plane.api.find<{ metadata: { uid: string } }>(farm.path);
      return (found !== undefined && found.metadata.uid !== metadata.uid) || undefined;
    });
    await chat.apply(`${ONE}\n${FARM}`);
    await farm.settled(1);
  });

  it('is drained and goes when it is not asked for any more; the other stays', { timeout: TEST_MS }, async () => {
    const poller = client(farm, 'longpoll');
    poller.connect();
    await poller.channel('general').subscribe();
    const [pod] = await chat.pods();
    await chat.apply(ONE);
    await goes(farm);
    expect(await farm.pods()).toEqual([]);
    await chat.settled(1);
    expect((await chat.pods()).map(({ metadata }) => metadata.uid)).toEqual([pod?.metadata.uid]);
  });

  it('whose name another ChatCluster has is not made, which a condition tells; that one stays as it is', { timeout: TEST_MS }, async () => {
    await farm.apply('scaling: {minReplicas: 1, maxReplicas: 1}');
    await farm.settled(1);
    await chat.apply(`${ONE}\n${FARM}`);
    const { status } = await chat.until(
      'the name is taken',
      ({ conditions }) => conditions?.some(({ type, reason }) => type === 'Degraded' && reason === 'NameTaken') === true,
    );
    const degraded = status?.conditions?.find(({ type }) => type === 'Degraded');
    expect(degraded?.message).toMatch(/^ChatCluster chat-longpoll is there already and is not this ChatCluster's/);
    expect(await farm.resource()).toMatchObject({ spec: { gateway: { connectionsPerGateway: 100 } } });
    await kubectl('delete', 'chat/chat-longpoll');
    await farm.until('the farm is made', (_, { spec }) => JSON.stringify(spec).includes('"connectionsPerGateway":30'));
    await farm.settled(1);
  });

  it('goes with the other', { timeout: TEST_MS }, async () => {
    await kubectl('delete', 'chat/chat', '--wait=false');
    await Promise.all([goes(chat), goes(farm)]);
    await until('no Pod is left', WAIT_MS, async () => (await chat.pods()).length + (await farm.pods()).length === 0 || undefined);
  });

  it('stays by itself when the other is deleted without what it owns', { timeout: TEST_MS }, async () => {
    await chat.apply(`${ONE}\n${FARM}`);
    const { metadata } = await farm.settled(1);
    await kubectl('delete', 'chat/chat', '--cascade=orphan', '--wait=false');
    await goes(chat);
    const left = await farm.settled(1);
    expect([left.metadata.uid, left.metadata.ownerReferences, left.metadata.deletionTimestamp]).toEqual([
      metadata.uid,
      undefined,
      undefined,
    ]);
  });
});

function client({ url }: Subject, transport: 'websocket' | 'longpoll'): ChatClient {
  const made = new ChatClient({ url, transports: [transport] });
  clients.push(made);
  return made;
}

const modeOf = (spec: Readonly<Record<string, unknown>>) => (spec.scaling as { readonly mode?: string }).mode;
const drainOf = (spec: Readonly<Record<string, unknown>>) => (spec.drain as { readonly timeout?: string }).timeout;

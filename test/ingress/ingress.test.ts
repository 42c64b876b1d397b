import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ChatClient } from '../../client/index.ts';
import { LABELS } from '../../operator/api/names.ts';
import { WEBSOCKET_PATH } from '../../protocol/paths.ts';
import { FleetClients } from '../fakes/fleet-clients.ts';
import { PlainClient } from '../fakes/plain-client.ts';
import { OperatorWorld, type Subject } from '../kube/operator-world.ts';
import { type Algorithm, atRest, connect, MAX_SKEW, type SpreadOptions, settle, specify, spread } from '../kube/spread.ts';
import { until } from '../servers/until.ts';
import { type Controller, envoyGateway, traefik } from './controllers.ts';

const CLIENTS = 1_000;
const FEW = 50;
const TEST_MS = 400_000;
const WAIT_MS = 60_000;
/** Longer than a request may take by the examples, and than two polls do. */
const IDLE_MS = 70_000;
const FARM = 'longPolling: {requestsPerGateway: 100, scaling: {minReplicas: 2, maxReplicas: 2}}';

interface Row {
  readonly algorithm: Algorithm;
  /** How far the fullest of 5 gateways may be above the mean when all have come, percent. */
  readonly within: number;
}

interface Subjects {
  readonly name: string;
  readonly start: typeof traefik;
  readonly rows: readonly Row[];
}

describe.each<Subjects>([
  {
    name: 'Envoy Gateway',
    start: envoyGateway,
    rows: [
      { algorithm: 'RoundRobin', within: 5 },
      { algorithm: 'LeastConnections', within: 15 },
    ],
  },
  {
    name: 'Traefik',
    start: traefik,
    rows: [
      { algorithm: 'RoundRobin', within: 5 },
      { algorithm: 'LeastConnections', within: 15 },
    ],
  },
])('$name as docs/operations.md sets it, in front of the gateways of a real operator', ({ name, start, rows }) => {
  let world: OperatorWorld;
  let chat: Subject;
  let controller: Controller;
  const crowds: FleetClients[] = [];
  const clients: ChatClient[] = [];

  beforeAll(async () => {
    world = await OperatorWorld.open();
    chat = await world.subject();
    const operator = await world.operator('one', [chat]);
    await operator.ready();
    await settle(chat, 'LeastConnections', 5);
    controller = await start(world.plane, chat.namespace);
  }, 2_400_000);

  afterEach(async () => {
    await Promise.all(crowds.splice(0).map((crowd) => crowd.close()));
    await Promise.all(clients.splice(0).map((client) => client.close({ flushMs: 0 })));
  });

  afterAll(async () => {
    await controller?.stop();
    await world?.stop();
  });

  it.each(rows)(
    '$algorithm spreads 1,000 connections over 5 gateways, and over 2 more',
    { timeout: TEST_MS },
    async ({ algorithm, within }) => {
      await begin(algorithm);
      const crowd = newCrowd();
      await connect(crowd, CLIENTS);
      const before = await spread(chat, crowd);
      expect(before.counts).toHaveLength(5);
      expect(before.total).toBe(CLIENTS);
      expect(before.skew, `${before.counts}\n${controller.log}`).toBeLessThanOrEqual(within);

      await settle(chat, algorithm, 7);
      await leadsTo(7);
      await settle(chat, algorithm, 7, { rebalance: true });
      const after = await atRest(chat, crowd);
      expect(after.counts).toHaveLength(7);
      expect(after.total).toBe(CLIENTS);
      expect(after.skew, `${after.counts}\n${controller.log}`).toBeLessThanOrEqual(MAX_SKEW);
      expect(crowd.cutOff()).toBe(0);
      console.info(`${algorithm}: ${before.counts} → ${after.counts}, ${crowd.moved()} moves`);
    },
  );

  it('a gateway that is drained gets nobody new, and keeps those that it has until they moved', { timeout: TEST_MS }, async () => {
    await begin('LeastConnections', { movesPerSecond: 20 });
    const [crowd, newcomers] = [newCrowd(), newCrowd()];
    await connect(crowd, CLIENTS);
    await specify(chat, 'LeastConnections', 4, { movesPerSecond: 20 });
    const victim = await until('one is cordoned', WAIT_MS, async () => {
      const cordoned = (await chat.pods()).find(({ metadata }) => metadata.labels?.[LABELS.accepting] === 'false');
      return cordoned?.metadata.name;
    });
    await until('nobody is led to it', WAIT_MS, async () => !(await places(FEW)).has(victim) || undefined);
    expect(crowd.on(victim)).toBeGreaterThan(50);
    await connect(newcomers, FEW);
    expect(newcomers.on(victim)).toBe(0);
    expect(crowd.on(victim)).toBeGreaterThan(0);
    await chat.settled(4);
    expect(crowd.cutOff()).toBe(0);
    expect((await spread(chat, crowd)).total).toBe(CLIENTS);
  });

  it.runIf(name === 'Traefik')('Hash goes by the address: who comes from one goes to one gateway', { timeout: TEST_MS }, async () => {
    await settle(chat, 'Hash', 5);
    await controller.configure('Hash', false);
    await until('all are led to one', WAIT_MS, async () => (await places(FEW)).size === 1 || undefined);
    expect((await places(FEW)).size).toBe(1);
  });

  it('leaves idle connections and polls alone; with a farm, polls go there', { timeout: TEST_MS }, async () => {
    const farm = await world.farmOf(chat);
    await chat.apply(FARM);
    await Promise.all([chat.settled(2), farm.settled(2)]);
    await controller.configure('LeastConnections', true);
    await until('there is a way', WAIT_MS, async () => (await places(1)).size === 1 || undefined);
    const [poller, other] = [newClient('longpoll'), newClient('websocket')];
    await Promise.all([poller, other].map(({ channel }) => channel.subscribe()));
    await until('the farm holds the poll', WAIT_MS, async () => sum(await farm.figures('held_polls')) === 1 || undefined);
    expect(await chat.figures('held_polls')).toEqual([0, 0]);
    await sleep(IDLE_MS);
    await poller.channel.publish('after a while');
    await until('both hear it', WAIT_MS, async () => [poller, other].every(({ heard }) => heard.includes('after a while')) || undefined);
    for (const { heard, states } of [poller, other]) {
      expect(heard).toEqual(['after a while']);
      expect(states).toEqual(['connecting', 'connected']);
    }
  });

  /** With 5 gateways, known to the controller. */
  async function begin(algorithm: Algorithm, options?: SpreadOptions): Promise<void> {
    await settle(chat, algorithm, 5, options);
    await controller.configure(algorithm, false);
    await leadsTo(5);
  }

  async function leadsTo(count: number): Promise<void> {
    await until(`it leads to ${count} gateways`, WAIT_MS, async () => (await places(FEW)).size === count || undefined);
  }

  /** Where so many who come now, and go again, are led. */
  async function places(count: number): Promise<ReadonlySet<string>> {
    return new Set(await Promise.all(Array.from({ length: count }, () => placeOf(crypto.randomUUID().slice(0, 8)))));
  }

  /** Rejects when it is led to a gateway that takes nobody. */
  async function placeOf(key: string): Promise<string> {
    const client = new PlainClient(`${controller.url.replace('http', 'ws')}${WEBSOCKET_PATH}?session=${key}`);
    await client.opened();
    client.say({ type: 'connect', session: crypto.randomUUID() });
    const { gateway } = await Promise.race([client.next('connected'), refusal(client)]);
    await client.close();
    return gateway;
  }

  function newCrowd(): FleetClients {
    const crowd = new FleetClients(async () => [], controller.url);
    crowds.push(crowd);
    return crowd;
  }

  function newClient(transport: 'websocket' | 'longpoll') {
    const client = new ChatClient({ url: controller.url, transports: [transport] });
    clients.push(client);
    const [heard, states]: [unknown[], string[]] = [[], []];
    client.on('state', ({ kind }) => states.push(kind));
    const channel = client.channel('general');
    channel.on('message', ({ data }) => heard.push(data));
    client.connect();
    return { channel, heard, states };
  }
});

async function refusal({ closed }: PlainClient): Promise<never> {
  const { code, reason } = await closed;
  throw new Error(`refused: ${code} ${reason}`);
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

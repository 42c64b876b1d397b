import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ChatClient } from '../../client/index.ts';
import { LABELS } from '../../operator/api/names.ts';
import { WEBSOCKET_PATH } from '../../protocol/paths.ts';
import { FleetClients } from '../fakes/fleet-clients.ts';
import { PlainClient } from '../fakes/plain-client.ts';
import { chartTools } from '../kube/binaries.ts';
import { OperatorWorld, type Subject } from '../kube/operator-world.ts';
import { ServiceProxy } from '../kube/service-proxy.ts';
import { type Algorithm, atRest, connect, MAX_SKEW, type SpreadOptions, settle, specify, spread } from '../kube/spread.ts';
import { DnsServer } from '../servers/haproxy/dns.ts';
import { HAProxyServer } from '../servers/haproxy/server.ts';
import { haproxyPath } from '../servers/install.ts';
import { until } from '../servers/until.ts';
import { render } from './helm.ts';

const CLIENTS = 1_000;
/** Those who come when there are 2 gateways more. */
const NEWCOMERS = 70;
const TEST_MS = 300_000;
const WAIT_MS = 60_000;

let world: OperatorWorld;
let chat: Subject;
let headless: ServiceProxy;
let dns: DnsServer;
let haproxy: HAProxyServer | null = null;
const crowds: FleetClients[] = [];

beforeAll(async () => {
  await Promise.all([chartTools(), haproxyPath()]);
  world = await OperatorWorld.open();
  chat = await world.subject();
  const operator = await world.operator('one', [chat]);
  await operator.ready();
  await settle(chat, 'LeastConnections', 5);
  headless = await ServiceProxy.start(world.plane, { namespace: chat.namespace, service: 'chat-gateways', portName: 'client' });
  const addresses = () => headless.endpoints().map((endpoint) => endpoint.split(':')[0] ?? '');
  dns = await DnsServer.start(new Map([[`chat-gateways.${chat.namespace}.svc.cluster.local`, addresses]]));
}, 2_400_000);

afterEach(async () => {
  await Promise.all(crowds.splice(0).map((crowd) => crowd.close()));
  await haproxy?.stop();
  haproxy = null;
});

afterAll(async () => {
  await dns?.stop();
  await headless?.stop();
  await world?.stop();
});

interface Row {
  readonly algorithm: Algorithm;
  /** How far the fullest of 5 gateways may be above the mean when all have come, percent. */
  readonly within: number;
  /** How many newcomers, when nobody has moved yet, go to those that are fuller than maxSkew allows: all 5, but for Hash, which is less even. */
  readonly toTheFuller: number;
}

describe('HAProxy as the chart configures it, in front of the gateways of a real operator', () => {
  it.each<Row>([
    { algorithm: 'RoundRobin', within: 5, toTheFuller: 50 },
    { algorithm: 'LeastConnections', within: 5, toTheFuller: 0 },
    // Whoever's own gateway is further above the mean than maxSkew goes to the next.
    { algorithm: 'Hash', within: MAX_SKEW, toTheFuller: 0 },
  ])(
    '$algorithm spreads 1,000 connections over 5 gateways, and over 2 more that it finds by DNS',
    { timeout: TEST_MS },
    async ({ algorithm, within, toTheFuller }) => {
      const proxy = await start(algorithm);
      const clients = crowd(proxy);
      await connect(clients, CLIENTS);
      const before = await spread(chat, clients);
      expect(before.counts).toHaveLength(5);
      expect(before.skew, `${before.counts}\n${proxy.log}`).toBeLessThanOrEqual(within);

      const mean = (CLIENTS + NEWCOMERS) / 7;
      const fuller = (await chat.pods())
        .map(({ metadata }) => metadata.name)
        .filter((name) => clients.on(name) > mean * (1 + MAX_SKEW / 100));
      await settle(chat, algorithm, 7);
      await until('it leads to 7 gateways', WAIT_MS, async () => (await proxy.gateways()) === 7 || undefined);
      const newcomers = crowd(proxy);
      await connect(newcomers, NEWCOMERS);
      const arrived = fuller.reduce((sum, name) => sum + newcomers.on(name), 0);
      expect(Math.abs(arrived - toTheFuller), `${arrived} to the fuller`).toBeLessThanOrEqual(3);
      await newcomers.close();

      await settle(chat, algorithm, 7, { rebalance: true });
      const after = await atRest(chat, clients);
      expect(after.counts).toHaveLength(7);
      expect(after.total).toBe(CLIENTS);
      expect(after.skew, `${after.counts}\n${proxy.log}`).toBeLessThanOrEqual(MAX_SKEW);
      expect(clients.cutOff()).toBe(0);
      console.info(`${algorithm}: ${before.counts} → ${after.counts}, ${clients.moved()} moves`);
    },
  );

  it('the same key goes to the same gateway with Hash', { timeout: TEST_MS }, async () => {
    const proxy = await start('Hash');
    const keys = Array.from({ length: 12 }, (_, index) => (index * 0x1b873593).toString(16).padStart(8, '0'));
    const places = async () => {
      const found: string[] = [];
      for (const key of keys) {
        const client = await PlainClient.connect(`${proxy.url.replace('http', 'ws')}${WEBSOCKET_PATH}?session=${key}`);
        found.push(client.all('connected')[0]?.gateway ?? '');
        await client.close();
        await until('it is gone', WAIT_MS, async () => (await proxy.connections()) === 0 || undefined);
      }
      return found;
    };
    const first = await places();
    expect(await places()).toEqual(first);
    expect(new Set(first).size).toBeGreaterThanOrEqual(3);
  });

  it('a gateway that is drained gets nobody new, and keeps those that it has until they moved', { timeout: TEST_MS }, async () => {
    const proxy = await start('LeastConnections', { movesPerSecond: 20 });
    const [clients, newcomers] = [crowd(proxy), crowd(proxy)];
    await connect(clients, 500);
    await specify(chat, 'LeastConnections', 4, { movesPerSecond: 20 });
    const victim = await until('one is cordoned, and HAProxy knows', WAIT_MS, async () => {
      const cordoned = (await chat.pods()).find(({ metadata }) => metadata.labels?.[LABELS.accepting] === 'false');
      return (await proxy.gateways()) === 4 ? cordoned?.metadata.name : undefined;
    });
    expect(clients.on(victim)).toBeGreaterThan(50);
    await connect(newcomers, 50);
    expect(newcomers.on(victim)).toBe(0);
    expect(clients.on(victim)).toBeGreaterThan(0);
    await chat.settled(4);
    expect(clients.cutOff()).toBe(0);
    expect((await spread(chat, clients)).total).toBe(500);
  });

  it('long polling goes through it', { timeout: TEST_MS }, async () => {
    const proxy = await start('LeastConnections');
    const client = new ChatClient({ url: proxy.url, transports: ['longpoll'] });
    try {
      const channel = client.channel('general');
      const heard = new Promise<unknown>((resolve) => channel.on('message', ({ data }) => resolve(data)));
      client.connect();
      await channel.subscribe();
      await channel.publish('by poll');
      expect(await heard).toBe('by poll');
    } finally {
      await client.close({ flushMs: 0 });
    }
  });

  it('stopped, it is not ready any more, takes who comes all the same, and keeps those that it has', { timeout: TEST_MS }, async () => {
    const proxy = await start('LeastConnections');
    const clients = crowd(proxy);
    await connect(clients, 20);
    expect(await proxy.isReady()).toBe(true);
    proxy.stopSoftly();
    await until('it is not ready', WAIT_MS, async () => (await proxy.isReady()) === false || undefined);
    await connect(clients, 20);
    expect((await spread(chat, clients)).total).toBe(40);
  });
});

/** An HAProxy for this algorithm that leads to 5 gateways. */
async function start(algorithm: Algorithm, options?: SpreadOptions): Promise<HAProxyServer> {
  await settle(chat, algorithm, 5, options);
  const spec = { broker: { url: 'redis://redis' }, balancing: { algorithm }, rebalance: { maxSkew: MAX_SKEW } };
  // Each connection takes two of the open files that a process may have here.
  const values = { enabled: true, maxConnections: 2 * CLIENTS };
  const objects = await render({ haproxy: values, clusters: [{ name: 'chat', namespace: chat.namespace, spec }] });
  const map = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'chat-haproxy');
  const data = (map?.data ?? {}) as Readonly<Record<string, string>>;
  const proxy = await HAProxyServer.start(data['haproxy.cfg'] ?? '', dns.port);
  haproxy = proxy;
  await until('it leads to 5 gateways', WAIT_MS, async () => ((await proxy.gateways()) === 5 && (await proxy.isReady())) || undefined);
  return proxy;
}

function crowd({ url }: HAProxyServer): FleetClients {
  const clients = new FleetClients(async () => [], url);
  crowds.push(clients);
  return clients;
}

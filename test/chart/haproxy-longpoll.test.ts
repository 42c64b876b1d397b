import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChatClient } from '../../client/index.ts';
import { NAMES } from '../../operator/api/names.ts';
import { chartTools } from '../kube/binaries.ts';
import { OperatorWorld, type Subject } from '../kube/operator-world.ts';
import { ServiceProxy } from '../kube/service-proxy.ts';
import { DnsServer } from '../servers/haproxy/dns.ts';
import { HAProxyServer } from '../servers/haproxy/server.ts';
import { haproxyPath } from '../servers/install.ts';
import { until } from '../servers/until.ts';
import { render } from './helm.ts';

const [POLLERS, OTHERS] = [12, 6];
const TEST_MS = 300_000;
const WAIT_MS = 60_000;
const FARM = 'longPolling: {requestsPerGateway: 100, scaling: {minReplicas: 2, maxReplicas: 2}}';

let world: OperatorWorld;
let chat: Subject;
let farm: Subject;
let dns: DnsServer;
let haproxy: HAProxyServer;
const headless: ServiceProxy[] = [];
const clients: ChatClient[] = [];
/** By client: what it heard, in order. */
const heard = new Map<ChatClient, unknown[]>();

beforeAll(async () => {
  await Promise.all([chartTools(), haproxyPath()]);
  world = await OperatorWorld.open();
  chat = await world.subject();
  farm = await world.farmOf(chat);
  const operator = await world.operator('one', [chat]);
  await operator.ready();
  await chat.apply(FARM);
  await Promise.all([chat.settled(2), farm.settled(2)]);
  dns = await DnsServer.start(new Map(await Promise.all([chat, farm].map(addressesOf))));
  const values = { enabled: true, maxConnections: 1_000 };
  const spec = { broker: { url: 'redis://redis' }, longPolling: {} };
  const objects = await render({ haproxy: values, clusters: [{ name: 'chat', namespace: chat.namespace, spec }] });
  const map = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'chat-haproxy');
  const data = (map?.data ?? {}) as Readonly<Record<string, string>>;
  haproxy = await HAProxyServer.start(data['haproxy.cfg'] ?? '', dns.port);
}, 2_400_000);

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close({ flushMs: 0 })));
  await haproxy?.stop();
  await dns?.stop();
  await Promise.all(headless.map((proxy) => proxy.stop()));
  await world?.stop();
});

describe('HAProxy in front of a ChatCluster with a farm for long polling', () => {
  it('leads polls to the farm, WebSockets to the other gateways', { timeout: TEST_MS }, async () => {
    await leadsTo({ gateways: 2, longpoll: 2 });
    for (let i = 0; i < POLLERS; i++) join('longpoll');
    for (let i = 0; i < OTHERS; i++) join('websocket');
    await Promise.all(clients.map((client) => client.channel('general').subscribe()));
    await holds(farm, POLLERS);
    expect(await chat.figures('held_polls')).toEqual([0, 0]);
    expect(sum(await chat.figures('connections'))).toBe(OTHERS);
    await tellAll('with a farm');
  });

  it('leads polls to those when the farm is taken away, and back when there is one again; nobody misses a message', {
    timeout: TEST_MS,
  }, async () => {
    await chat.apply('');
    await leadsTo({ gateways: 2, longpoll: 0 });
    await holds(chat, POLLERS);
    await tellAll('without a farm');
    await chat.apply(FARM);
    await farm.settled(2);
    await leadsTo({ gateways: 2, longpoll: 2 });
    await holds(farm, POLLERS);
    await tellAll('with a farm again');
    for (const client of clients) expect(heard.get(client)).toEqual(['with a farm', 'without a farm', 'with a farm again']);
  });
});

/** The name of its headless Service, and what that has. */
async function addressesOf({ namespace, name }: Subject): Promise<readonly [string, () => readonly string[]]> {
  const service = NAMES.headless(name);
  const proxy = await ServiceProxy.start(world.plane, { namespace, service, portName: 'client' });
  headless.push(proxy);
  return [`${service}.${namespace}.svc.cluster.local`, () => proxy.endpoints().map((endpoint) => endpoint.split(':')[0] ?? '')];
}

function join(transport: 'websocket' | 'longpoll'): void {
  const client = new ChatClient({ url: haproxy.url, transports: [transport] });
  clients.push(client);
  heard.set(client, []);
  client.channel('general').on('message', ({ data }) => heard.get(client)?.push(data));
  client.connect();
}

/** Everybody hears it. */
async function tellAll(text: string): Promise<void> {
  await clients[0]?.channel('general').publish(text);
  await until(`all hear "${text}"`, WAIT_MS, async () => clients.every((client) => heard.get(client)?.includes(text)) || undefined);
}

async function leadsTo(wanted: Readonly<Record<'gateways' | 'longpoll', number>>): Promise<void> {
  for (const [backend, count] of Object.entries(wanted) as ['gateways' | 'longpoll', number][])
    await until(`${backend} has ${count}`, WAIT_MS, async () => (await haproxy.gateways(backend)) === count || undefined);
}

const holds = (subject: Subject, polls: number) =>
  until(`${subject.name} holds ${polls} polls`, WAIT_MS, async () => sum(await subject.figures('held_polls')) === polls || undefined);

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

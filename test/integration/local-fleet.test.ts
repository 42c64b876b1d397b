import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { GatewayView } from '../../operator/fleet/fleet.ts';
import type { Arrival } from '../../operator/fleet/local/front-door.ts';
import { LocalFleet, type LocalFleetOptions } from '../../operator/fleet/local/local-fleet.ts';
import { cluster } from '../fakes/chat-cluster.ts';
import { RawSocket } from '../fakes/raw-socket.ts';

const FAKE = fileURLToPath(new URL('../fakes/child-gateway.ts', import.meta.url));
const PATIENCE = { timeout: 10_000, interval: 10 };

const fleets: LocalFleet[] = [];
const clients: RawSocket[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy();
  await Promise.all(fleets.splice(0).map((fleet) => fleet.abort()));
});

interface Running {
  readonly fleet: LocalFleet;
  readonly port: number;
  readonly elsewhere: Arrival[];
  readonly output: string[];
}

async function running(changes: Partial<LocalFleetOptions> = {}): Promise<Running> {
  const elsewhere: Arrival[] = [];
  const output: string[] = [];
  const fleet = new LocalFleet({
    cluster: cluster({ balancing: { algorithm: 'RoundRobin' } }),
    port: 0,
    host: '127.0.0.1',
    entry: FAKE,
    environment: { PATH: process.env.PATH ?? '' },
    elsewhere: (arrival) => elsewhere.push(arrival),
    output: (gateway, line) => output.push(`${gateway}: ${line}`),
    scrapeIntervalMs: 20,
    ...changes,
  });
  fleets.push(fleet);
  return { fleet, port: await fleet.open(), elsewhere, output };
}

async function create(fleet: LocalFleet, ...names: readonly string[]): Promise<void> {
  for (const gateway of names) await fleet.apply({ kind: 'create', gateway, reason: 'test' });
}

async function view(fleet: LocalFleet, name: string): Promise<GatewayView | undefined> {
  return (await fleet.list()).find((gateway) => gateway.name === name);
}

const phase = (fleet: LocalFleet, name: string, want: GatewayView['phase'] | undefined) =>
  vi.waitFor(async () => expect((await view(fleet, name))?.phase).toBe(want), PATIENCE);

/** Waits until the balancer counts so many. */
const connections = (fleet: LocalFleet, want: readonly number[]) =>
  vi.waitFor(() => expect(fleet.gateways().map((gateway) => gateway.candidate()?.connections)).toEqual(want), PATIENCE);

async function open(port: number): Promise<RawSocket> {
  const client = await RawSocket.open(port);
  clients.push(client);
  return client;
}

interface Answer {
  readonly gateway: string;
  readonly path: string;
  readonly bytes: number;
}

const answerOf = (received: string): Answer => JSON.parse(/\{.*\}$/s.exec(received)?.[0] ?? '{}') as Answer;

/** Which gateway answers a new connection. */
async function ask(port: number, path = '/v1/poll'): Promise<string> {
  const client = await open(port);
  await client.send(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  const { gateway } = answerOf(await client.until(/\}$/));
  client.socket.destroy();
  return gateway;
}

describe('the local fleet', () => {
  it('hands connections on without losing a byte, however they are cut and however many wait', async () => {
    const { fleet, port } = await running();
    await create(fleet, 'chat-1', 'chat-2');
    await Promise.all([phase(fleet, 'chat-1', 'ready'), phase(fleet, 'chat-2', 'ready')]);
    const one = async (length: number): Promise<number> => {
      const client = await open(port);
      await client.send('POST /v1/po');
      await client.send(`ll?session=${length} HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n`);
      // The end of the head and the beginning of the body in one segment, the rest in several.
      await client.send(`\r\n${'x'.repeat(7)}`);
      for (let sent = 7; sent < length; sent += 40_000) await client.send('x'.repeat(Math.min(40_000, length - sent)));
      return answerOf(await client.until(/\}$/)).bytes;
    };
    const lengths = Array.from({ length: 100 }, (_, i) => 200_000 + i);
    expect(await Promise.all(lengths.map(one))).toEqual(lengths);
  });

  it('leaves a kept-alive connection with its gateway', async () => {
    const { fleet, port } = await running();
    await create(fleet, 'chat-1', 'chat-2');
    await Promise.all([phase(fleet, 'chat-1', 'ready'), phase(fleet, 'chat-2', 'ready')]);
    const client = await open(port);
    await client.send('GET /v1/poll HTTP/1.1\r\nHost: x\r\n\r\n');
    const first = answerOf(await client.until(/\}$/)).gateway;
    client.received = '';
    await client.send('GET /v1/poll HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(answerOf(await client.until(/\}$/)).gateway).toBe(first);
  });

  it('gives what is not for a gateway to others, with all that was read', async () => {
    const { fleet, port, elsewhere } = await running();
    await create(fleet, 'chat-1');
    await phase(fleet, 'chat-1', 'ready');
    const client = await open(port);
    await client.send('GET /v1/pollx HTTP/1.1\r\nHost: x\r\n\r\nmore');
    await vi.waitFor(() => expect(elsewhere).toHaveLength(1), PATIENCE);
    expect(elsewhere[0]).toMatchObject({ path: '/v1/pollx', address: '127.0.0.1' });
    expect(elsewhere[0]?.head.toString()).toMatch(/\r\n\r\nmore$/);
    elsewhere[0]?.socket.destroy();
  });

  it.each(['GET /v1/websocket', 'POST /v1/poll'])('answers %s with 503 and a hint while no gateway takes connections', async (line) => {
    const { port } = await running();
    const client = await open(port);
    await client.send(`${line} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await client.closed;
    expect(client.received).toMatch(/^HTTP\/1\.1 503 .*\r\nRetry-After: 1\r\n/s);
  });

  it('counts connections by what was handed over and what closed', async () => {
    const { fleet, port } = await running({ cluster: cluster({ balancing: { algorithm: 'LeastConnections' } }) });
    await create(fleet, 'chat-1');
    await phase(fleet, 'chat-1', 'ready');
    const held = await open(port);
    await held.send('GET /v1/poll HTTP/1.1\r\nHost: x\r\n\r\n');
    await held.until(/\}$/);
    await create(fleet, 'chat-2');
    await phase(fleet, 'chat-2', 'ready');
    for (let i = 0; i < 3; i++) {
      expect(await ask(port)).toBe('chat-2');
      await connections(fleet, [1, 0]);
    }
    held.socket.destroy();
    await connections(fleet, [0, 0]);
  });

  it('gives a cordoned gateway nothing from the moment that the cordon is in place, and again after', async () => {
    const { fleet, port } = await running();
    await create(fleet, 'chat-1', 'chat-2');
    await Promise.all([phase(fleet, 'chat-1', 'ready'), phase(fleet, 'chat-2', 'ready')]);
    await fleet.apply({ kind: 'cordon', gateway: 'chat-1', reason: 'test' });
    expect(new Set(await Promise.all([1, 2, 3, 4].map(() => ask(port))))).toEqual(new Set(['chat-2']));
    await fleet.apply({ kind: 'uncordon', gateway: 'chat-1', reason: 'test' });
    expect(new Set(await Promise.all([1, 2, 3, 4].map(() => ask(port))))).toEqual(new Set(['chat-1', 'chat-2']));
  });

  it('keeps what was asked of a gateway that was not ready', async () => {
    const { fleet, port } = await running();
    await create(fleet, 'chat-1', 'chat-2');
    await fleet.apply({ kind: 'drain', gateway: 'chat-1', ratePerSecond: 5, timeoutMs: 60_000, reason: 'test' });
    await fleet.apply({ kind: 'cordon', gateway: 'chat-2', reason: 'test' });
    const before = (await view(fleet, 'chat-1'))?.drain;
    await Promise.all([phase(fleet, 'chat-1', 'ready'), phase(fleet, 'chat-2', 'ready')]);
    await vi.waitFor(() => expect(fleet.gateways().map(({ status }) => status?.state)).toEqual(['draining', 'cordoned']), PATIENCE);
    expect((await view(fleet, 'chat-1'))?.drain).toEqual(before);
    const client = await open(port);
    await client.send('GET /v1/poll HTTP/1.1\r\nHost: x\r\n\r\n');
    await client.until(/^HTTP\/1\.1 503 /);
  });

  it('sees a crash at once, tells, closes its connections and goes on with the others', async () => {
    const { fleet, port } = await running();
    await create(fleet, 'chat-1', 'chat-2');
    await Promise.all([phase(fleet, 'chat-1', 'ready'), phase(fleet, 'chat-2', 'ready')]);
    const client = await open(port);
    await client.send('GET /v1/poll HTTP/1.1\r\nHost: x\r\n\r\n');
    const { gateway } = answerOf(await client.until(/\}$/));
    const died = new Promise<void>((resolve) => fleet.watch(resolve, AbortSignal.timeout(10_000)));
    expect(fleet.kill(gateway)).toBe(true);
    await died;
    await client.closed;
    expect(await view(fleet, gateway)).toMatchObject({ phase: 'dead', connections: 0 });
    expect(await ask(port)).not.toBe(gateway);
    await fleet.apply({ kind: 'delete', gateway, reason: 'dead' });
    expect(await view(fleet, gateway)).toBeUndefined();
  });

  it('seats those again that waited for a gateway when it died', async () => {
    const { fleet, port } = await running();
    await create(fleet, 'chat-1');
    await phase(fleet, 'chat-1', 'ready');
    // It can't take a socket now, so at most two are on their way and the rest wait.
    const stopped = fleet.gateways()[0]?.view().pid ?? 0;
    process.kill(stopped, 'SIGSTOP');
    const waiting = await Promise.all(Array.from({ length: 10 }, () => open(port)));
    for (const client of waiting) await client.send('GET /v1/poll HTTP/1.1\r\nHost: x\r\n\r\n');
    await connections(fleet, [10]);
    await create(fleet, 'chat-2');
    await phase(fleet, 'chat-2', 'ready');
    process.kill(stopped, 'SIGKILL');
    const ends = await Promise.all(waiting.map((client) => client.until(/\}$/).then(answerOf, () => null)));
    const seated = ends.filter((end) => end !== null);
    expect(seated.length).toBeGreaterThanOrEqual(8);
    expect(new Set(seated.map(({ gateway }) => gateway))).toEqual(new Set(['chat-2']));
  });

  it('says what a gateway wrote before it crashed', async () => {
    const { fleet, output } = await running({ environment: { FAKE_GATEWAY: 'crash' } });
    await create(fleet, 'chat-1');
    await phase(fleet, 'chat-1', 'dead');
    await vi.waitFor(() => expect(output).toContain('chat-1: fake gateway: this is the end'), PATIENCE);
  });

  it('kills a gateway that never gets ready', async () => {
    const { fleet, output } = await running({ environment: { FAKE_GATEWAY: 'never-ready' }, readyTimeoutMs: 50 });
    await create(fleet, 'chat-1');
    await phase(fleet, 'chat-1', 'dead');
    expect(output).toEqual(['chat-1: not ready after 50 ms: killed']);
  });

  it('kills a gateway that does not stop', async () => {
    const { fleet, output } = await running({ environment: { FAKE_GATEWAY: 'deaf' }, stopTimeoutMs: 50 });
    await create(fleet, 'chat-1');
    await phase(fleet, 'chat-1', 'ready');
    await fleet.apply({ kind: 'delete', gateway: 'chat-1', reason: 'test' });
    expect(await view(fleet, 'chat-1')).toMatchObject({ phase: 'terminating' });
    await phase(fleet, 'chat-1', undefined);
    expect(output).toEqual(['chat-1: still there 50 ms after it was told to stop: killed']);
  });

  it('hands nothing to a gateway that stopped answering, until it answers again; its last number stands', async () => {
    const { fleet, port } = await running({ adminTimeoutMs: 40 });
    await create(fleet, 'chat-1', 'chat-2');
    await Promise.all([phase(fleet, 'chat-1', 'ready'), phase(fleet, 'chat-2', 'ready')]);
    const held = await open(port);
    await held.send('GET /v1/poll HTTP/1.1\r\nHost: x\r\n\r\n');
    const { gateway } = answerOf(await held.until(/\}$/));
    await vi.waitFor(async () => expect((await view(fleet, gateway))?.connections).toBe(1), PATIENCE);
    const pid = (await view(fleet, gateway))?.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    await phase(fleet, gateway, 'unreachable');
    expect((await view(fleet, gateway))?.connections).toBe(1);
    expect(new Set([await ask(port), await ask(port)]).has(gateway)).toBe(false);
    process.kill(pid, 'SIGCONT');
    await phase(fleet, gateway, 'ready');
    expect(new Set([await ask(port), await ask(port)]).has(gateway)).toBe(true);
  });

  it('lists what its gateways count at that moment; one that does not answer is not waited for', async () => {
    const { fleet, port } = await running({ scrapeIntervalMs: 60_000, adminTimeoutMs: 60_000 });
    await create(fleet, 'chat-1');
    await phase(fleet, 'chat-1', 'ready');
    const hold = async (): Promise<RawSocket> => {
      const client = await open(port);
      await client.send('GET /v1/poll HTTP/1.1\r\nHost: x\r\n\r\n');
      await client.until(/\}$/);
      return client;
    };
    const counted = (want: number) =>
      vi.waitFor(async () => expect((await view(fleet, 'chat-1'))?.connections).toBe(want), { timeout: 5_000, interval: 10 });
    await hold();
    await counted(1);
    const last = await hold();
    await counted(2);
    process.kill((await view(fleet, 'chat-1'))?.pid ?? 0, 'SIGSTOP');
    last.socket.destroy();
    for (let i = 0; i < 3; i++) {
      await sleep(300);
      expect((await view(fleet, 'chat-1'))?.connections).toBe(2);
    }
  });

  it('creates gateways with the settings of the moment, and others never change', async () => {
    const { fleet } = await running();
    await create(fleet, 'chat-1');
    const before = fleet.revision();
    fleet.configure(cluster({ gateway: { connectionsPerGateway: 77 } }));
    expect(fleet.revision()).not.toBe(before);
    await create(fleet, 'chat-1', 'chat-2');
    await vi.waitFor(() => expect(fleet.gateways().map(({ status }) => status?.capacity)).toEqual([5000, 77]), PATIENCE);
    expect((await fleet.list()).map(({ revision }) => revision)).toEqual([before, fleet.revision()]);
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { GatewayProcess } from '../fakes/gateway-process.ts';
import { MovingClient } from '../fakes/moving-client.ts';
import { PlainClient } from '../fakes/plain-client.ts';
import { PollingClient } from '../fakes/polling-client.ts';

const PARENT = fileURLToPath(new URL('../fakes/gateway-parent.ts', import.meta.url));
const PATIENCE = { timeout: 15_000, interval: 20 };

const ends: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});

const start = (settings: Parameters<typeof GatewayProcess.start>[1] = {}) =>
  GatewayProcess.start((gateway) => ends.push(() => gateway.kill()), settings);

async function plain(url: string, features: readonly 'migrate'[] = []): Promise<PlainClient> {
  const client = await PlainClient.connect(url, { features });
  ends.push(() => client.ws.terminate());
  return client;
}

async function moving(count: number, url: string, elsewhere: string): Promise<MovingClient[]> {
  const clients = await Promise.all(Array.from({ length: count }, () => MovingClient.connect(url, elsewhere)));
  ends.push(() => Promise.all(clients.map((client) => client.close())));
  return clients;
}

const connections = (gateway: GatewayProcess, want: number) =>
  vi.waitFor(async () => expect((await gateway.status()).connections).toBe(want), PATIENCE);

describe('a gateway process', () => {
  it('moves every client of a drain, not faster than asked, and takes none back', async () => {
    const [from, to] = await Promise.all([start(), start()]);
    const clients = await moving(60, from.websocketUrl, to.websocketUrl);
    const began = performance.now();
    const answer = await from.admin('POST', '/drain', { ratePerSecond: 50, timeoutMs: 60_000 });
    expect(await answer.json()).toMatchObject({ state: 'draining', connections: 60, drain: { initial: 60, ratePerSecond: 50 } });
    const moves = await Promise.all(clients.map(({ moved }) => moved));
    expect(Math.max(...moves.map(({ at }) => at)) - began).toBeGreaterThan(1_150);
    expect(moves[0]?.asked).toMatchObject({ type: 'migrate', reason: 'drain', deadlineMs: 10_000 });
    await connections(from, 0);
    expect(await from.status()).toMatchObject({ migratedTotal: 60, forcedTotal: 0, migrating: 0 });
    expect(await to.status()).toMatchObject({ connections: 60, acceptedTotal: 60, state: 'accepting' });
  });

  it('drains itself at SIGTERM, and exits with 0 when its clients have moved', async () => {
    const [from, to] = await Promise.all([start({ drainTimeoutMs: '20000' }), start()]);
    const clients = await moving(20, from.websocketUrl, to.websocketUrl);
    const began = performance.now();
    from.child.kill('SIGTERM');
    await Promise.all(clients.map(({ moved }) => moved));
    expect(await from.exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - began).toBeLessThan(15_000);
    expect((await to.status()).connections).toBe(20);
  });

  it('at the deadline closes with 1012 who does not know how to move, then exits with 0', async () => {
    const gateway = await start({ drainTimeoutMs: '1000' });
    const clients = await Promise.all([1, 2, 3].map(() => plain(gateway.websocketUrl)));
    gateway.child.kill('SIGTERM');
    expect((await Promise.all(clients.map(({ closed }) => closed))).map(({ code }) => code)).toEqual([1012, 1012, 1012]);
    expect(clients.flatMap((client) => client.all('migrate'))).toEqual([]);
    expect(await gateway.exited).toEqual({ code: 0, signal: null });
  });

  it('ends at once at a second SIGTERM', async () => {
    const gateway = await start();
    await plain(gateway.websocketUrl);
    gateway.child.kill('SIGTERM');
    await gateway.until(/draining, then stopping/);
    await vi.waitFor(() => {
      gateway.child.kill('SIGTERM');
      expect(gateway.child.exitCode).not.toBe(null);
    }, PATIENCE);
    expect(await gateway.exited).toEqual({ code: 143, signal: null });
  });

  it('told to stop by its admin port closes all with 1012, paced, and ends; told again, or by SIGTERM, no later', async () => {
    const gateway = await start();
    const clients = await Promise.all(Array.from({ length: 3 }, () => plain(gateway.websocketUrl, ['migrate'])));
    const begun = performance.now();
    expect(await (await gateway.admin('POST', '/stop')).json()).toMatchObject({ stopping: true, state: 'draining', connections: 3 });
    await gateway.admin('POST', '/stop');
    gateway.child.kill('SIGTERM');
    await gateway.admin('POST', '/uncordon');
    const closed = await Promise.all(clients.map(async (client) => ({ code: (await client.closed).code, at: performance.now() - begun })));
    expect(closed.map(({ code }) => code)).toEqual([1012, 1012, 1012]);
    expect(Math.max(...closed.map(({ at }) => at)) - Math.min(...closed.map(({ at }) => at))).toBeGreaterThan(1000);
    expect(clients.flatMap((client) => client.all('migrate'))).toEqual([]);
    expect(await gateway.exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - begun).toBeLessThan(20_000);
  });

  it('answers who tells it to stop, also with nobody on it', async () => {
    const gateway = await start();
    expect(await (await gateway.admin('POST', '/stop')).json()).toMatchObject({ stopping: true });
    expect(await gateway.exited).toEqual({ code: 0, signal: null });
  });

  it('sheds so many clients and goes on with the rest', async () => {
    const [from, to] = await Promise.all([start(), start()]);
    await moving(10, from.websocketUrl, to.websocketUrl);
    await from.admin('POST', '/shed', { count: 4, ratePerSecond: 100 });
    await Promise.all([connections(from, 6), connections(to, 4)]);
    expect(await from.status()).toMatchObject({ state: 'accepting', shed: null, migratedTotal: 4 });
  });

  it('when cordoned is not ready, still lives, keeps its clients and asks a new one to move on at once', async () => {
    const gateway = await start();
    const old = await plain(gateway.websocketUrl, ['migrate']);
    expect((await gateway.admin('GET', '/readyz')).status).toBe(200);
    await gateway.admin('POST', '/cordon');
    const stray = await plain(gateway.websocketUrl, ['migrate']);
    expect(await stray.next('migrate')).toMatchObject({ reason: 'cordoned' });
    expect(old.all('migrate')).toEqual([]);
    const health = await Promise.all([gateway.admin('GET', '/readyz'), gateway.admin('GET', '/healthz'), fetch(gateway.url('/healthz'))]);
    expect(health.map(({ status }) => status)).toEqual([503, 200, 200]);
    await gateway.admin('POST', '/uncordon');
    expect((await gateway.admin('GET', '/readyz')).status).toBe(200);
  });

  it('refuses a wrong admin token, and serves metrics of what it did', async () => {
    const gateway = await start();
    const client = await plain(gateway.websocketUrl);
    client.say({ type: 'publish', channel: 'room', id: 'm1', data: 1 });
    await client.next('published');
    expect((await gateway.admin('POST', '/drain', { ratePerSecond: 1, timeoutMs: 1 }, 'a-token-for-the-test')).status).toBe(401);
    expect((await gateway.status()).state).toBe('accepting');
    const metrics = await (await gateway.admin('GET', '/metrics')).text();
    expect(metrics).toMatch(/^chatcluster_gateway_connections 1$/m);
    expect(metrics).toMatch(/^chatcluster_gateway_published_total 1$/m);
  });

  it('tells both the operator and Prometheus of a delivery, whoever asks first', async () => {
    const gateway = await start();
    const client = await plain(gateway.websocketUrl);
    client.say({ type: 'subscribe', channel: 'room' });
    await client.next('subscribed');
    client.say({ type: 'publish', channel: 'room', id: 'm1', data: 1 });
    await client.next('message');
    expect((await gateway.status()).deliveryLatencyMs).not.toBeNull();
    expect((await gateway.status()).deliveryLatencyMs).toBeNull();
    const metrics = async () => (await gateway.admin('GET', '/metrics')).text();
    expect(await metrics()).toMatch(/^chatcluster_gateway_delivery_latency_p99_seconds 0\.\d+$/m);
    expect(await metrics()).not.toMatch(/^chatcluster_gateway_delivery_latency_p99_seconds /m);
  });

  it('moves a long-polling client by its next answer', async () => {
    const [from, to] = await Promise.all([start(), start()]);
    const client = new PollingClient('room');
    await client.poll(from.pollUrl, 0);
    const held = client.poll(from.pollUrl, 20_000);
    await from.admin('POST', '/drain', { ratePerSecond: 100, timeoutMs: 60_000 });
    const { messages, headers } = await held;
    expect(messages.at(-1)).toMatchObject({ type: 'migrate', reason: 'drain' });
    expect(headers.get('connection')).toBe('close');
    expect((await from.status()).connections).toBe(0);
    expect((await client.poll(to.pollUrl, 0)).status).toBe(200);
  });

  it('answers 404 to what is not the chat protocol', async () => {
    const gateway = await start();
    expect((await fetch(gateway.url('/'))).status).toBe(404);
  });

  const refusals = [
    {
      name: 'a wrong setting',
      settings: { maxConnections: 'many', port: 'x' },
      code: 2,
      says: /CHATCLUSTER_PORT.*\n.*CHATCLUSTER_MAX_CONNECTIONS is "many"/,
    },
    { name: 'a broker that does not answer', settings: { broker: 'unix:/nowhere/broker' }, code: 1, says: /nowhere/ },
    { name: 'a secret that is missing', settings: { jwtSecretFile: '/nowhere/secret' }, code: 1, says: /CHATCLUSTER_JWT_SECRET_FILE/ },
  ];
  it.each(refusals)('does not start with $name, and says why', async ({ settings, code, says }) => {
    let gateway: GatewayProcess | undefined;
    const started = GatewayProcess.start((one) => {
      gateway = one;
      ends.push(() => one.kill());
    }, settings);
    await expect(started).rejects.toThrow(says);
    expect(await gateway?.exited).toEqual({ code, signal: null });
  });

  it('does not start on a port that is taken, and says which', async () => {
    const first = await start();
    const port = new URL(first.url('/')).port;
    await expect(start({ port })).rejects.toThrow(`CHATCLUSTER_PORT is ${port}, a port that is taken`);
  });

  it('serves on when who read its log is gone, and ends when it is asked to', async () => {
    const gateway = await start();
    gateway.child.stdout?.destroy();
    const client = await plain(gateway.websocketUrl, ['migrate']);
    gateway.child.kill('SIGTERM');
    // By now it has logged, in vain, that it drains.
    await client.next('migrate');
    client.ws.terminate();
    expect(await gateway.exited).toEqual({ code: 0, signal: null });
  });
});

describe('a gateway that is a child', () => {
  it('ends when its parent is killed', async () => {
    const parent: ChildProcess = spawn(process.execPath, [PARENT], { stdio: ['ignore', 'pipe', 'inherit'] });
    ends.push(() => parent.kill('SIGKILL'));
    const [chunk] = (await once(parent.stdout ?? parent, 'data')) as [Buffer];
    const pid = Number(/ready (\d+)/.exec(chunk.toString())?.[1]);
    ends.push(() => isAlive(pid) && process.kill(pid, 'SIGKILL'));
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), PATIENCE);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

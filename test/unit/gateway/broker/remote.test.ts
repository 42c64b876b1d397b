import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { type Broker, type BrokerHealth, BrokerUnavailable } from '../../../../gateway/broker/broker.ts';
import { MemoryEngine } from '../../../../gateway/broker/memory/engine.ts';
import { connectBroker } from '../../../../gateway/broker/remote.ts';
import { type BrokerServer, serveBroker } from '../../../../gateway/broker/server.ts';
import { FlakyBroker } from '../../../fakes/flaky-broker.ts';
import { RecordingListener } from '../../../fakes/recording-listener.ts';

const message = (id: string) => ({ id, member: 'ann', data: '1' });

describe('the remote form of a broker', () => {
  let folder: string;
  let path: string;
  let served: Broker;
  let server: BrokerServer;
  const open: Broker[] = [];

  const connect = async (callTimeoutMs = 10_000): Promise<Broker> => {
    const broker = await connectBroker(path, { callTimeoutMs });
    open.push(broker);
    return broker;
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'broker-'));
    path = join(folder, 'socket');
    served = new MemoryEngine().connect();
    server = await serveBroker(served, path);
  });
  afterEach(async () => {
    for (const broker of open.splice(0)) await broker.close();
    await server.close();
    await served.close();
    await rm(folder, { recursive: true });
  });

  it('opens the socket to its own user alone', async () => {
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('refuses to serve where another broker answers', async () => {
    await expect(serveBroker(served, path)).rejects.toThrow('EADDRINUSE');
    const broker = await connect();
    expect((await broker.head('room')).offset).toBe(0);
  });

  it('replaces a socket that a dead process left behind, and no other file', async () => {
    await server.close();
    await writeFile(path, 'not a socket');
    await expect(serveBroker(served, path)).rejects.toThrow('EADDRINUSE');
    await rm(path);
    await leaveSocketBehind(path);
    server = await serveBroker(served, path);
    expect((await (await connect()).head('room')).offset).toBe(0);
  });

  it('rejects pending and later calls while the link is down', async () => {
    const broker = await connect();
    const pending = broker.publish('room', message('m1'));
    const outcome = expect(pending).rejects.toThrow(BrokerUnavailable);
    await server.close();
    await outcome;
    await expect(broker.publish('room', message('m2'))).rejects.toThrow('The link to the broker is down.');
    await expect(broker.subscribe('room', new RecordingListener())).rejects.toThrow(BrokerUnavailable);
  });

  it('comes back by itself, and shows each channel that moved on its newest message', async () => {
    const broker = await connect();
    const [moved, quiet] = [new RecordingListener(), new RecordingListener()];
    await broker.subscribe('moved', moved);
    await broker.subscribe('quiet', quiet);
    await broker.publish('moved', message('m1'));
    await broker.publish('quiet', message('q1'));
    await moved.until(({ ids }) => ids.includes('m1'));
    await quiet.until(({ ids }) => ids.includes('q1'));

    await server.close();
    for (const id of ['m2', 'm3']) await served.publish('moved', message(id));
    server = await serveBroker(served, path);

    await moved.until(({ ids }) => ids.includes('m3'));
    await served.publish('moved', message('m4'));
    await served.publish('quiet', message('q2'));
    await moved.until(({ ids }) => ids.includes('m4'));
    await quiet.until(({ ids }) => ids.includes('q2'));
    expect([moved.ids, quiet.ids]).toEqual([
      ['m1', 'm3', 'm4'],
      ['q1', 'q2'],
    ]);
  });

  it('is degraded from the break of its link until all its channels are subscribed again', async () => {
    const broker = await connect();
    await broker.subscribe('room', new RecordingListener());
    const health = new HealthRecord(broker);
    await server.close();
    await health.until('degraded');
    // A server that takes the link, and answers nothing that it is asked.
    const http = createHttpServer();
    const half = new WebSocketServer({ server: http });
    const asked = new Promise<void>((resolve) => {
      half.on('connection', (socket) => socket.on('message', () => resolve()));
    });
    http.listen(path);
    await asked;
    expect(health.told).toEqual(['ok', 'degraded']);
    for (const socket of half.clients) socket.terminate();
    await new Promise((resolve) => http.close(resolve));
    server = await serveBroker(served, path);
    await health.until('ok');
    expect(health.told).toEqual(['ok', 'degraded', 'ok']);
    expect(health.reasons).toEqual(['The link to the broker is down.']);
    const listener = new RecordingListener();
    await broker.subscribe('room', listener);
    await served.publish('room', message('m1'));
    await listener.until(({ ids }) => ids.includes('m1'));
  });

  describe('of a broker that is itself ill', () => {
    let ill: FlakyBroker;

    beforeEach(async () => {
      await server.close();
      ill = new FlakyBroker();
      server = await serveBroker(ill, path);
    });

    it('is as well as that one', async () => {
      const health = new HealthRecord(await connect());
      ill.unavailable = true;
      await health.until('degraded');
      const later = new HealthRecord(await connect());
      await later.until('degraded');
      ill.unavailable = false;
      await health.until('ok');
      await later.until('ok');
      expect(health.told).toEqual(['ok', 'degraded', 'ok']);
      expect(health.reasons).toEqual(['The test says so.']);
    });

    it('subscribes its channels again when that is well, although the link stood before', async () => {
      const broker = await connect();
      const listener = new RecordingListener();
      await broker.subscribe('room', listener);
      const health = new HealthRecord(broker);
      await server.close();
      ill.unavailable = true;
      server = await serveBroker(ill, path);
      const { subscribes } = ill;
      await expect.poll(() => ill.subscribes).toBeGreaterThan(subscribes + 1);
      expect(health.told).toEqual(['ok', 'degraded']);
      ill.store('room', 'm1');
      ill.unavailable = false;
      await health.until('ok');
      ill.store('room', 'm2');
      await listener.until(({ ids }) => ids.includes('m2'));
      expect(listener.ids).toEqual(['m1', 'm2']);
    });
  });

  it('does not subscribe again what was unsubscribed while the link was down', async () => {
    const broker = await connect();
    const [ended, kept] = [new RecordingListener(), new RecordingListener()];
    await broker.subscribe('ended', ended);
    await broker.subscribe('kept', kept);
    await server.close();
    await expect(broker.head('kept')).rejects.toThrow(BrokerUnavailable);
    await broker.unsubscribe('ended');
    await served.publish('kept', message('k1'));
    server = await serveBroker(served, path);
    await kept.until(({ ids }) => ids.includes('k1'));
    await served.publish('ended', message('e1'));
    await served.publish('kept', message('k2'));
    await kept.until(({ ids }) => ids.includes('k2'));
    expect(ended.ids).toEqual([]);
  });

  it('when a gateway is gone, its subscriptions end and its presence lives until it expires', async () => {
    const [gone, other] = [await connect(), await connect()];
    await gone.subscribe('room', new RecordingListener());
    await gone.join('room', { member: 'ann', connection: 'c1' }, 60_000);
    await gone.close();
    expect((await other.presence('room')).members).toEqual([{ member: 'ann' }]);
    // Only once nobody listens does the server's own subscription end: a new listener on the served broker takes its place unharmed.
    const listener = new RecordingListener();
    await other.subscribe('room', listener);
    await other.publish('room', message('m1'));
    await listener.until(({ ids }) => ids.includes('m1'));
  });

  it('breaks off a link whose server does not answer, and lets only so many calls wait for it', async () => {
    await server.close();
    const http = createHttpServer();
    const stalled = new WebSocketServer({ server: http });
    http.listen(path);
    await once(http, 'listening');
    try {
      const broker = await connect(20);
      await expect(broker.head('room')).rejects.toThrow('The link to the broker is down.');
      const patient = await connect();
      const calls = Array.from({ length: 50_001 }, () => patient.head('room'));
      for (const call of calls) call.catch(() => {});
      await expect(calls.at(-1)).rejects.toThrow('50000 calls wait for the broker.');
    } finally {
      for (const broker of open.splice(0)) await broker.close();
      for (const socket of stalled.clients) socket.terminate();
      await new Promise((resolve) => http.close(resolve));
      server = await serveBroker(served, path);
    }
  });

  it('breaks off a link that does not read what it is told; the others hear all', async () => {
    await server.close();
    server = await serveBroker(served, path, { maxBufferedBytes: 64 * 1024 });
    const listener = new RecordingListener();
    await (await connect()).subscribe('room', listener);
    const slow = new WebSocket(`ws+unix:${path}`);
    await once(slow, 'open');
    slow.send('[{"kind":"subscribe","n":1,"channel":"room"}]');
    await once(slow, 'message');
    slow.pause();
    for (let i = 0; i < 40; i++) {
      await served.publish('room', { ...message(`m${i}`), data: JSON.stringify('x'.repeat(100_000)) });
      await listener.until(({ ids }) => ids.includes(`m${i}`));
    }
    slow.resume();
    expect((await once(slow, 'close'))[0]).toBe(1006);
    expect(listener.offsets).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  it('closes a link that sends nonsense, and serves the others', async () => {
    for (const nonsense of ['{', '7', '[null]', '[{"kind":"publish","n":1}]']) {
      const socket = new WebSocket(`ws+unix:${path}`);
      await once(socket, 'open');
      socket.send(nonsense);
      const [code] = await once(socket, 'close');
      expect(code, nonsense).toBe(1007);
    }
    expect((await (await connect()).head('room')).offset).toBe(0);
  });
});

/** How a broker was, as it told. */
class HealthRecord {
  readonly told: BrokerHealth['kind'][] = [];
  readonly reasons: string[] = [];
  #changed: () => void = () => {};

  constructor(broker: Broker) {
    broker.watchHealth((health) => {
      this.told.push(health.kind);
      if (health.kind === 'degraded') this.reasons.push(health.reason);
      this.#changed();
    });
  }

  /** Resolves when this is the last that was told. */
  async until(kind: BrokerHealth['kind']): Promise<void> {
    while (this.told.at(-1) !== kind) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }
}

/** A server in a process that was killed leaves its socket's file. */
async function leaveSocketBehind(path: string): Promise<void> {
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  const child = spawn(process.execPath, ['-e', script]);
  await once(child, 'exit');
}

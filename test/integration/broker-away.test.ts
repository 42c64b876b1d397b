import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ChatClient } from '../../client/client.ts';
import type { Transport } from '../../client/link.ts';
import { createGateway, type Gateway } from '../../gateway/gateway.ts';
import { GATEWAY_DEFAULTS } from '../../gateway/settings.ts';
import type { Position } from '../../protocol/position.ts';
import { FlakyBroker } from '../fakes/flaky-broker.ts';
import { silentLog } from '../fakes/silent-log.ts';

const TRANSPORTS: readonly Transport[] = ['websocket', 'longpoll'];

let broker: FlakyBroker;
let gateway: Gateway;
let url: string;
let adminUrl: string;
const clients: ChatClient[] = [];

/** Starts a gateway on the broker. */
async function start(): Promise<void> {
  const settings = { ...GATEWAY_DEFAULTS, name: 'g1', host: '127.0.0.1', port: 0, adminPort: 0 };
  gateway = createGateway(settings, { broker, log: silentLog });
  const { port, adminPort } = await gateway.start();
  url = `http://127.0.0.1:${port}`;
  adminUrl = `http://127.0.0.1:${adminPort}`;
}

beforeEach(() => {
  broker = new FlakyBroker();
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close({ flushMs: 0 })));
  await gateway.close();
});

/** However slow the machine is. */
const until = (check: () => void) => vi.waitFor(check, { timeout: 15_000 });

const answers = async (path: string) => {
  const response = await fetch(`${adminUrl}${path}`);
  return `${response.status} ${(await response.text()).trim()}`;
};

/** A client, and what it heard of the channel and of its connection. */
class Reader {
  readonly client: ChatClient;
  readonly read: string[] = [];
  readonly degraded: boolean[] = [];
  readonly connections: string[] = [];
  gaps = 0;

  constructor(transport: Transport, channel: string, position?: Position) {
    this.client = new ChatClient({ url, transports: [transport], webSocket: WebSocket });
    clients.push(this.client);
    this.client.on('degraded', ({ active }) => this.degraded.push(active));
    this.client.on('connection', ({ kind }) => this.connections.push(kind));
    this.client.channel(channel).on('message', ({ id }) => this.read.push(id));
    this.client.channel(channel).on('gap', () => this.gaps++);
    void this.client.channel(channel).subscribe(position === undefined ? {} : { position });
    this.client.connect();
  }
}

describe.each(TRANSPORTS)('while the broker is away, over %s', (transport) => {
  test('connections stay, clients are told, and afterwards everybody gets what was missed, in order', async () => {
    await start();
    const earlier = broker.store('quiet', 'q1').position;
    broker.store('quiet', 'q2', 'drop');
    const reader = new Reader(transport, 'room');
    await until(() => expect(reader.connections).toEqual(['opened']));
    broker.store('room', 'm1');
    await until(() => expect(reader.read).toEqual(['m1']));

    broker.unavailable = true;
    broker.store('room', 'm2', 'drop');
    const publish = reader.client.channel('room').publish('hello', 'p1');
    // They come in the outage, to a channel that is not open yet: one has a position, the other has none.
    const [resuming, fresh] = [new Reader(transport, 'quiet', earlier), new Reader(transport, 'quiet')];
    await until(() => {
      for (const { degraded } of [reader, resuming, fresh]) expect(degraded).toEqual([true]);
    });
    expect(await answers('/healthz')).toBe('200 ok');
    expect(await answers('/readyz')).toBe('200 ok');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(gateway.status()).toMatchObject({ broker: 'degraded', state: 'accepting' });
    broker.store('quiet', 'q3', 'drop');
    await until(() => expect(broker.subscribes, 'the channel is asked for again and again').toBeGreaterThanOrEqual(3));
    expect([reader.read, resuming.read, resuming.client.channel('quiet').position]).toEqual([['m1'], [], earlier]);

    broker.unavailable = false;
    expect(await publish).toMatchObject({ id: 'p1', duplicate: false });
    await until(() => {
      expect(reader.read).toEqual(['m1', 'm2', 'p1']);
      expect(resuming.read).toEqual(['q2', 'q3']);
      expect(fresh.client.channel('quiet').position).not.toBeNull();
      for (const { degraded } of [reader, resuming, fresh]) expect(degraded).toEqual([true, false]);
    });
    broker.store('quiet', 'q4');
    await until(() => expect([resuming.read.at(-1), fresh.read]).toEqual(['q4', ['q4']]));
    expect([reader.connections, reader.gaps, resuming.gaps, gateway.status().broker]).toEqual([['opened'], 0, 0, 'ok']);
  });

  test('a channel in which nothing happens afterwards is looked after too', async () => {
    await start();
    const reader = new Reader(transport, 'room');
    await until(() => expect(reader.connections).toEqual(['opened']));
    broker.unavailable = true;
    broker.store('room', 'm1', 'drop');
    broker.store('room', 'm2', 'drop');
    broker.unavailable = false;
    await until(() => expect(reader.read).toEqual(['m1', 'm2']));
    expect(reader.degraded, 'a blip is no news').toEqual([]);
  });
});

test('a gateway that has never reached its broker is alive, and not ready; later it stays ready without it', async () => {
  broker.unavailable = true;
  await start();
  const ready = vi.fn();
  void gateway.ready.then(ready);
  expect([await answers('/healthz'), await answers('/readyz'), gateway.status().startupMs]).toEqual(['200 ok', '503 starting', 0]);
  expect(ready).not.toHaveBeenCalled();
  broker.unavailable = false;
  await gateway.ready;
  expect(await answers('/readyz')).toBe('200 ok');
  expect(gateway.status().startupMs).toBeGreaterThan(0);
  broker.unavailable = true;
  expect([await answers('/readyz'), gateway.status().broker]).toEqual(['200 ok', 'degraded']);
  expect(await answers('/metrics')).toContain('\nchatcluster_gateway_broker_degraded 1\n');
});

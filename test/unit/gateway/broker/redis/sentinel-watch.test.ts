import { EventEmitter, once } from 'node:events';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import type { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { isConnectedTo, SentinelWatch } from '../../../../../gateway/broker/redis/sentinel-watch.ts';
import { settled } from '../../../../fakes/virtual-time.ts';

/** A connection to a Sentinel that names the primary a test says. */
class FakeSentinel extends EventEmitter {
  status = 'wait';
  disconnects = 0;
  readonly subscribed: string[] = [];
  #primary: string;

  constructor(primary: string) {
    super();
    this.#primary = primary;
  }

  /** As the watch takes it. */
  get client(): Redis {
    return this as unknown as Redis;
  }

  async connect(): Promise<void> {}

  async subscribe(channel: string): Promise<void> {
    this.subscribed.push(channel);
  }

  async call(): Promise<unknown> {
    return this.#primary.split(':');
  }

  async ping(): Promise<void> {}

  disconnect(): void {
    this.disconnects++;
  }

  /** It is connected, and names this primary when it is asked. */
  async comesUp(primary = this.#primary): Promise<void> {
    this.#primary = primary;
    this.status = 'ready';
    this.emit('ready');
    await settled();
  }

  tells(primary: string, name = 'chat'): void {
    const [from, to] = [this.#primary.replace(':', ' '), primary.replace(':', ' ')];
    this.#primary = primary;
    this.emit('message', '+switch-master', `${name} ${from} ${to}`);
  }
}

const watches: SentinelWatch[] = [];
afterEach(() => {
  for (const watch of watches.splice(0)) watch.close();
});

function setUp(count = 1) {
  const sentinels = Array.from({ length: count }, () => new FakeSentinel('a:1'));
  const news: string[] = [];
  const changed = ({ host, port }: { readonly host: string; readonly port: number }) => news.push(`${host}:${port}`);
  const watch = new SentinelWatch({ clients: sentinels.map(({ client }) => client), name: 'chat', changed });
  watches.push(watch);
  const [first, second] = sentinels as [FakeSentinel, FakeSentinel];
  return { watch, first, second, news };
}

describe('a watch of Sentinels', () => {
  it('subscribes to the news, and takes the first answer for none', async () => {
    const { first, news } = setUp();
    await first.comesUp();
    expect(first.subscribed).toEqual(['+switch-master']);
    expect(news).toEqual([]);
  });

  it('tells of another primary', async () => {
    const { first, news } = setUp();
    await first.comesUp();
    first.tells('b:2');
    first.tells('a:1');
    expect(news).toEqual(['b:2', 'a:1']);
  });

  it('tells of what a Sentinel says before it could be asked', () => {
    const { first, news } = setUp();
    first.tells('b:2');
    expect(news).toEqual(['b:2']);
  });

  it('tells of nothing that another name has to do with', async () => {
    const { first, news } = setUp();
    await first.comesUp();
    first.tells('b:2', 'other');
    expect(news).toEqual([]);
  });

  it('tells of what changed while the Sentinel was not connected', async () => {
    const { first, news } = setUp();
    await first.comesUp();
    await first.comesUp('a:1');
    await first.comesUp('b:2');
    expect(news).toEqual(['b:2']);
  });

  it('takes a Sentinel that is behind the others for no news', async () => {
    const { first, second, news } = setUp(2);
    await first.comesUp();
    first.tells('b:2');
    await second.comesUp('a:1');
    expect(news).toEqual(['b:2']);
    second.tells('b:2');
    expect(news).toEqual(['b:2', 'b:2']);
  });

  it('bears errors, and Sentinels that know no such primary', async () => {
    const { first, news } = setUp();
    first.emit('error', new Error('connect ECONNREFUSED'));
    first.call = async () => null;
    await first.comesUp();
    first.call = async () => {
      throw new Error('NOPERM');
    };
    await first.comesUp();
    expect(news).toEqual([]);
  });

  it('ends its connections when it is closed', () => {
    const { watch, first, second } = setUp(2);
    watch.close();
    expect([first.disconnects, second.disconnects]).toEqual([1, 1]);
  });
});

describe('whether a client is connected to an address', () => {
  it('is told by where its connection ends, whatever name that has', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const stream = createConnection({ host: '127.0.0.1', port });
    try {
      await once(stream, 'connect');
      const client = { stream } as unknown as Redis;
      expect(await isConnectedTo(client, { host: '127.0.0.1', port })).toBe(true);
      expect(await isConnectedTo(client, { host: 'localhost', port })).toBe(true);
      expect(await isConnectedTo(client, { host: '127.0.0.1', port: port + 1 })).toBe(false);
      expect(await isConnectedTo(client, { host: '127.0.0.2', port })).toBe(false);
    } finally {
      stream.destroy();
      server.close();
    }
  });

  it('is not before it ever was', async () => {
    expect(await isConnectedTo({ stream: undefined } as unknown as Redis, { host: '127.0.0.1', port: 1 })).toBe(false);
  });
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { LocalFleet } from '../../operator/fleet/local/local-fleet.ts';
import type { ServerMessage } from '../../protocol/messages.ts';
import { cluster } from '../fakes/chat-cluster.ts';
import { GATEWAY_ENTRY } from '../fakes/gateway-process.ts';
import { PlainClient } from '../fakes/plain-client.ts';
import { RawSocket } from '../fakes/raw-socket.ts';

const PATIENCE = { timeout: 15_000, interval: 10 };
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A fleet of one real gateway, behind its parent's port. */
async function running(): Promise<{ fleet: LocalFleet; port: number }> {
  const fleet = new LocalFleet({
    cluster: cluster({ gateway: { messageBytes: 1_000_000, queueBytes: 8_000_000 } }),
    port: 0,
    host: '127.0.0.1',
    entry: GATEWAY_ENTRY,
    environment: {},
    elsewhere: ({ socket }) => socket.destroy(),
    output: () => {},
    scrapeIntervalMs: 20,
  });
  ends.push(() => fleet.abort());
  const port = await fleet.open();
  await fleet.apply({ kind: 'create', gateway: 'chat-1', reason: 'test' });
  await vi.waitFor(async () => expect((await fleet.list())[0]?.phase).toBe('ready'), PATIENCE);
  return { fleet, port };
}

async function open(port: number): Promise<RawSocket> {
  const client = await RawSocket.open(port);
  ends.push(() => client.socket.destroy());
  return client;
}

const BODY = /\r\n\r\n(\[.*\])$/s;

async function answer(client: RawSocket): Promise<ServerMessage[]> {
  const received = await client.until(BODY);
  client.received = '';
  const body = Buffer.from(BODY.exec(received)?.[1] ?? '[]', 'latin1');
  return JSON.parse(body.toString()) as ServerMessage[];
}

describe('sockets that a parent hands over', () => {
  it('bring large bodies, cut anywhere, to the gateway whole', async () => {
    const { port } = await running();
    const one = async (index: number) => {
      const session = `session-of-client-${index}`;
      const data = `${index}:${'é'.repeat(200_000 + index)}`;
      const publish = { type: 'publish', channel: `room-${index}`, id: 'm', data };
      const history = { type: 'history', id: 'h', channel: `room-${index}` };
      const say = async (...messages: readonly object[]) => {
        const body = Buffer.from(JSON.stringify({ messages: [{ type: 'connect', session }, ...messages], wait: 0 })).toString('latin1');
        const request = `POST /v1/poll?session=${session} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
        // The end of the head and the beginning of the body in one piece, the rest in several.
        for (const piece of pieces(request, [7, 90, 150 + index, 40_000, 40_001])) await client.send(piece);
        return answer(client);
      };
      const client = await open(port);
      expect((await say(publish)).map(({ type }) => type)).toEqual(['connected', 'published']);
      const [, page] = await say(history);
      return page?.type === 'history' && page.messages[0]?.data === data;
    };
    expect(await Promise.all(Array.from({ length: 20 }, (_, i) => one(i)))).toEqual(Array(20).fill(true));
  });

  it('are counted by the parent as long as they are open', async () => {
    const { fleet, port } = await running();
    const counted = () => fleet.gateways()[0]?.candidate()?.connections;
    const client = await PlainClient.connect(`ws://127.0.0.1:${port}/v1/websocket`);
    ends.push(() => client.ws.terminate());
    expect(counted()).toBe(1);
    await client.close();
    await vi.waitFor(() => expect(counted()).toBe(0), PATIENCE);
  });

  it('that ask for something else later are sent back to the parent on a new connection', async () => {
    const { port } = await running();
    const client = await open(port);
    const body = JSON.stringify({ messages: [{ type: 'connect', session: 'session-of-a-browser' }], wait: 0 });
    await client.send(`POST /v1/poll HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    await answer(client);
    await client.send('GET //evil.example/dashboard?x=1 HTTP/1.1\r\nHost: x\r\n\r\n');
    await client.closed;
    expect(client.received).toMatch(/^HTTP\/1\.1 307 /);
    expect(client.received).toMatch(/\r\nLocation: \/evil\.example\/dashboard\?x=1\r\n/);
    expect(client.received).toMatch(/\r\nConnection: close\r\n/);
  });

  it('that kept a poll alive are let go with the next answer when the gateway is cordoned', async () => {
    const { fleet, port } = await running();
    const client = await open(port);
    const poll = (session: string) => {
      const body = JSON.stringify({ messages: [{ type: 'connect', session, features: ['migrate'] }], wait: 0 });
      return client.send(`POST /v1/poll HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    };
    await poll('session-of-a-browser');
    await answer(client);
    await fleet.apply({ kind: 'cordon', gateway: 'chat-1', reason: 'test' });
    await poll('session-behind-the-same-proxy');
    await client.closed;
    expect(client.received).toMatch(/\r\nConnection: close\r\n/i);
    expect(client.received).toContain('"type":"migrate"');
  });
});

function pieces(text: string, lengths: readonly number[]): string[] {
  const list: string[] = [];
  let rest = text;
  for (const length of lengths) {
    list.push(rest.slice(0, length));
    rest = rest.slice(length);
  }
  return [...list, rest];
}

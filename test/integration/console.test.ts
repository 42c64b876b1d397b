import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MAX_HEAD_BYTES } from '../../operator/fleet/local/request-head.ts';
import type { ClusterStatus } from '../../operator/status/status.ts';
import { clusterStatus } from '../fakes/console.ts';
import { ConsoleServer } from '../fakes/console-server.ts';
import { RawSocket } from '../fakes/raw-socket.ts';

let server: ConsoleServer;
let stops: (() => void)[];
beforeEach(async () => {
  stops = [];
  server = new ConsoleServer();
  server.status = clusterStatus({ at: 1 });
  await server.start();
});
afterEach(() => {
  for (const stop of stops) stop();
  server.stop();
});

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function send(method: string, path: string, body?: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const req = request({ host: '127.0.0.1', port: server.port, method, path, headers: { 'Content-Type': 'application/json', ...headers } });
  req.end(body);
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of res) text += chunk;
  return { status: res.statusCode, headers: res.headers, body: text };
}

describe('the console', () => {
  it('shows the status, and says when there is none yet', async () => {
    expect(JSON.parse((await send('GET', '/api/status')).body)).toEqual(server.status);
    server.status = null;
    expect(await send('GET', '/api/status')).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  });

  it('closes every connection, so that the next request can go to a gateway', async () => {
    const paths = ['/', '/api/status', '/api/nothing'];
    const answers = await Promise.all(paths.map((path) => send('GET', path)));
    expect(answers.map(({ headers }) => headers.connection)).toEqual(['close', 'close', 'close']);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 404]);
  });

  it('keeps each status once, without what charts have no use for', async () => {
    for (const at of [1, 1, 2]) {
      server.status = clusterStatus({ at, decisions: [{ at, kind: 'scale', gateway: null, summary: '2 gateways', reasons: [] }] });
      server.console.tick();
    }
    const history = JSON.parse((await send('GET', '/api/history')).body) as ClusterStatus[];
    expect(history.map(({ at, decisions }) => [at, decisions.length])).toEqual([
      [1, 0],
      [2, 0],
    ]);
  });

  it('streams the status, beginning with the present one', async () => {
    const client = await RawSocket.open(server.port);
    stops.push(() => client.socket.destroy());
    await client.send('GET /api/stream HTTP/1.1\r\nHost: x\r\n\r\n');
    await client.until(/content-type: text\/event-stream/i);
    await client.until(/data: \{[^\n]*"at":1,[^\n]*\}\n\n/);
    server.status = clusterStatus({ at: 2 });
    server.console.tick();
    await client.until(/data: \{[^\n]*"at":2,[^\n]*\}\n\n/);
  });

  it('lets go of a watcher that does not read', async () => {
    const slow = await RawSocket.open(server.port);
    stops.push(() => slow.socket.destroy());
    await slow.send('GET /api/stream HTTP/1.1\r\nHost: x\r\n\r\n');
    await slow.until(/"at":1/);
    slow.socket.pause();
    const large = 'x'.repeat(200_000);
    // More than all buffers of the system hold: after it, what waits in this process only grows.
    await vi.waitFor(
      () => {
        server.status = clusterStatus({ name: large });
        server.console.tick();
        expect(server.console.watchers).toBe(0);
      },
      { timeout: 10_000, interval: 1 },
    );
  });

  it.each([
    ['drain', 'local-1'],
    ['uncordon', 'local-1'],
    ['kill', 'local-2'],
  ])('does %s %s', async (action, gateway) => {
    expect(await send('POST', `/api/gateways/${gateway}/${action}`)).toMatchObject({ status: 200, body: '{}' });
    expect(server.acted).toEqual([`${action} ${gateway}`]);
  });

  it('passes on why something can not be done', async () => {
    server.outcome = { kind: 'refused', status: 404, reason: 'There is no gateway local-9.' };
    const answer = await send('POST', '/api/gateways/local-9/drain');
    expect(answer).toMatchObject({ status: 404, body: '{"error":"There is no gateway local-9."}' });
  });

  it('sets the number of simulated clients', async () => {
    expect(await send('POST', '/api/clients', '{"count": 40}')).toMatchObject({ status: 200, body: '{"count":40}' });
    expect((await send('GET', '/api/clients')).body).toBe('{"count":40}');
  });

  it.each([
    ['no number', '{}', /Send \{"count": n\}/],
    ['a number that the clients refuse', '{"count": -1}', /Too few/],
    ['no JSON', 'count=3', /no JSON/],
    ['nothing but JSON', 'null', /Send/],
    ['a body without an end', 'x'.repeat(20_000), /longer than/],
  ])('refuses %s with a line for people', async (_, body, want) => {
    const answer = await send('POST', '/api/clients', body);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body).error).toMatch(want);
    expect(server.clients).toBe(0);
  });

  it.each([
    ['a page of another site', { Origin: 'http://evil.example' }],
    ['a name that was made to point here', { Host: 'evil.example', Origin: 'http://evil.example' }],
    ['a form', { 'Content-Type': 'application/x-www-form-urlencoded' }],
  ])('changes nothing for %s', async (_, headers) => {
    for (const path of ['/api/gateways/local-1/kill', '/api/clients']) {
      expect((await send('POST', path, '{"count": 5}', headers)).status).toBe(403);
    }
    expect([server.acted, server.clients]).toEqual([[], 0]);
  });

  it('changes nothing by GET', async () => {
    expect(await send('GET', '/api/gateways/local-1/kill')).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    expect(server.acted).toEqual([]);
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['too long a head', `GET / HTTP/1.1\r\nHost: x\r\nx: ${'y'.repeat(MAX_HEAD_BYTES)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
  ])('answers %s and hangs up', async (_, text, want) => {
    const client = await RawSocket.open(server.port);
    stops.push(() => client.socket.destroy());
    await client.send(text);
    await client.until(want);
    await client.closed;
  });
});

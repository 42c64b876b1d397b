import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servePages } from '../../../pages/serve.ts';

const server = createServer((req, res) => {
  if (!servePages(req, res)) res.writeHead(200).end('not a page');
});
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.close();
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Sends the path as it is written: `fetch` would resolve the dots in it. */
async function get(
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  const req = request({ host: '127.0.0.1', port, path, method, headers }).end();
  const [res] = await once(req, 'response');
  let body = '';
  for await (const chunk of res) body += chunk;
  return { status: res.statusCode, headers: res.headers, body };
}

describe('servePages', () => {
  it.each([
    ['/', 'text/html; charset=utf-8', /<!doctype html>/],
    ['/dashboard', 'text/html; charset=utf-8', /<!doctype html>/],
    ['/dashboard?x=1', 'text/html; charset=utf-8', /<!doctype html>/],
    ['/pages/style.css', 'text/css; charset=utf-8', /--accent/],
    ['/pages/icon.svg', 'image/svg+xml', /<svg/],
    ['/favicon.ico', 'image/svg+xml', /<svg/],
    ['/vendor/uplot.js', 'text/javascript; charset=utf-8', /export/],
    ['/vendor/uplot.css', 'text/css; charset=utf-8', /uplot/],
    ['/pages/dashboard.js', 'text/javascript; charset=utf-8', /readHistory/],
    ['/pages/dashboard/series.ts', 'text/javascript; charset=utf-8', /class Series/],
    ['/protocol/paths.js', 'text/javascript; charset=utf-8', /SUBPROTOCOL/],
  ])('serves %s as %s', async (path, type, content) => {
    const { status, headers, body } = await get(path);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': type, connection: 'close', 'x-content-type-options': 'nosniff' });
    expect(body).toMatch(content);
  });

  it('strips the types from modules', async () => {
    const { body } = await get('/pages/dashboard/series.ts');
    expect(body).not.toMatch(/interface|import type|readonly/);
  });

  it.each([
    '/pages/../package.json',
    '/pages/..%2f..%2fpackage.json',
    '/pages/%2e%2e/package.json',
    '/pages/..\\package.js',
    '/client/../operator/snapshot.ts',
    '//etc/passwd.js',
    '/pages//etc/hosts.js',
    '/pages/dashboard.html',
    '/pages/.hidden.js',
    '/pages/no-such-file.js',
    '/vendor/other.js',
  ])('gives nothing for %s', async (path) => {
    const { status, body } = await get(path);
    expect([status, body]).toSatisfy(([s, b]) => s === 404 || b === 'not a page');
  });

  it.each(['/api/status', '/v1/poll', '/v1/websocket', '/operator/snapshot.ts', '/__proto__', '/toString'])(
    'leaves %s to others',
    async (path) => {
      expect((await get(path)).body).toBe('not a page');
    },
  );

  it('is asked again without being sent again: 304 for the known ETag', async () => {
    const first = await get('/pages/style.css');
    const again = await get('/pages/style.css', { headers: { 'If-None-Match': String(first.headers.etag) } });
    expect(again).toMatchObject({ status: 304, body: '' });
    expect(first.headers['cache-control']).toBe('no-cache');
  });

  it('answers HEAD without a body, and refuses what would change something', async () => {
    expect(await get('/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
    expect(await get('/', { method: 'POST' })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
  });

  it.each(['/', '/dashboard'])('lets %s run its own scripts only, and its import map', async (path) => {
    const { headers, body } = await get(path);
    const policy = String(headers['content-security-policy']);
    expect(policy).toMatch(/default-src 'self'/);
    expect(policy).not.toMatch(/unsafe/);
    const inline = [...body.matchAll(/<script[^>]*>([^<]+)<\/script>/g)].map(([, text = '']) => text);
    for (const text of inline) expect(policy).toContain(createHash('sha256').update(text).digest('base64'));
  });
});

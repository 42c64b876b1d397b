import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type AdminOptions, createAdminServer } from '../../../../gateway/admin/server.ts';
import type { GatewayStatus } from '../../../../protocol/admin.ts';
import { silentLog } from '../../../fakes/silent-log.ts';

const TOKEN = 'a-token-of-the-test';
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }
});

/** A server that writes down what it is commanded. */
async function serve(over: Partial<AdminOptions> = {}) {
  const commands: unknown[] = [];
  const server = createAdminServer({
    control: {
      status: () => ({ name: 'g-1', state: 'accepting' }) as GatewayStatus,
      cordon: () => commands.push('cordon'),
      uncordon: () => commands.push('uncordon'),
      drain: (request) => commands.push({ drain: request }),
      shed: (request) => commands.push({ shed: request }),
      stop: () => commands.push('stop'),
    },
    token: TOKEN,
    notReady: () => null,
    metrics: async () => ({ type: 'text/plain', text: 'x 1\n' }),
    log: silentLog,
    ...over,
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = async (method: string, path: string, { token = TOKEN, body = '' } = {}) => {
    const headers = token === '' ? {} : { Authorization: `Bearer ${token}` };
    const response = await fetch(url + path, { method, headers, ...(body === '' ? {} : { body }) });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return { ask, commands };
}

describe('the admin port', () => {
  const commands = [
    { path: '/cordon', body: '', want: 'cordon' },
    { path: '/uncordon', body: '', want: 'uncordon' },
    { path: '/drain', body: '{"ratePerSecond":5,"timeoutMs":1000}', want: { drain: { ratePerSecond: 5, timeoutMs: 1000 } } },
    { path: '/stop', body: '', want: 'stop' },
    { path: '/shed', body: '{"count":7,"ratePerSecond":5}', want: { shed: { count: 7, ratePerSecond: 5 } } },
  ];
  it.each(commands)('obeys POST $path and answers the status', async ({ path, body, want }) => {
    const { ask, commands: obeyed } = await serve();
    const { status, text } = await ask('POST', path, { body });
    expect([status, JSON.parse(text), obeyed]).toEqual([200, { name: 'g-1', state: 'accepting' }, [want]]);
  });

  const refused = [
    { name: 'without a token', method: 'GET', path: '/status', token: '', status: 401, says: /Authorization: Bearer/ },
    { name: 'with a wrong token', method: 'POST', path: '/cordon', token: 'a-token-of-the-tes', status: 401, says: /ADMIN_TOKEN/ },
    { name: 'to an unknown path', method: 'GET', path: '/stats', status: 404, says: /nothing at \/stats; there are .*\/status/ },
    { name: 'to what objects inherit', method: 'GET', path: '/constructor', status: 404, says: /nothing at/ },
    { name: 'by the wrong method', method: 'GET', path: '/drain', status: 405, says: /use POST \/drain/ },
    {
      name: 'with a wrong field',
      method: 'POST',
      path: '/shed',
      body: '{"count":-1,"ratePerSecond":1}',
      status: 400,
      says: /count is -1; give/,
    },
    { name: 'with a long body', method: 'POST', path: '/shed', body: 'x'.repeat(100_000), status: 413, says: /longer than 4096/ },
  ];
  it.each(refused)('refuses a request $name, says why, and does nothing', async ({ method, path, status, says, ...rest }) => {
    const { ask, commands: obeyed } = await serve();
    const answer = await ask(method, path, rest);
    expect(answer).toMatchObject({ status, text: expect.stringMatching(says) });
    expect(obeyed).toEqual([]);
  });

  it('takes no command at all while no token is set', async () => {
    const { ask } = await serve({ token: '' });
    expect(await ask('GET', '/status', { token: '' })).toMatchObject({
      status: 401,
      text: expect.stringMatching(/set CHATCLUSTER_ADMIN_TOKEN/),
    });
    expect(await ask('GET', '/status', { token: 'x' })).toMatchObject({ status: 401 });
  });

  it('tells health, readiness and metrics without a token', async () => {
    let why: string | null = 'cordoned';
    const { ask } = await serve({ notReady: () => why });
    expect(await ask('GET', '/healthz', { token: '' })).toMatchObject({ status: 200, text: 'ok\n' });
    expect(await ask('GET', '/readyz', { token: '' })).toMatchObject({ status: 503, text: 'cordoned\n' });
    why = null;
    expect(await ask('GET', '/readyz', { token: '' })).toMatchObject({ status: 200 });
    expect(await ask('GET', '/metrics', { token: '' })).toMatchObject({ status: 200, text: 'x 1\n' });
  });

  it('answers 500 without details when something fails', async () => {
    const { ask } = await serve({ metrics: () => Promise.reject(new Error('secret')) });
    const { status, text } = await ask('GET', '/metrics');
    expect([status, text]).toEqual([500, '{"error":"It failed; the log says why."}']);
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import type { PrometheusSpec } from '../../../../../operator/api/spec.ts';
import { PrometheusSource } from '../../../../../operator/sources/prometheus/source.ts';
import type { ReadSecret } from '../../../../../operator/sources/secrets.ts';
import { FAULTS, FakePrometheus, vector } from '../../../../fakes/prometheus-server.ts';
import { makeFolder } from '../../../../servers/leftovers.ts';
import { freePort } from '../../../../servers/ports.ts';
import { makeCertificate } from '../../../../servers/tls.ts';
import { until } from '../../../../servers/until.ts';

const INTERVAL_MS = 30;
const TIMEOUT_MS = 400;
const SOON_MS = 5_000;

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const secrets: Readonly<Record<string, string>> = { 'login/username': 'ann', 'login/password': 'sé:cret', 'token/token': 'abc\n' };
const readSecret: ReadSecret = async (name, key) => {
  const value = secrets[`${name}/${key}`];
  if (value === undefined) throw new Error(`Secret ${name} has no key "${key}"`);
  return value;
};

async function prometheus(options: Parameters<typeof FakePrometheus.start>[0] = {}): Promise<FakePrometheus> {
  const server = await FakePrometheus.start(options);
  undo.push(() => server.stop());
  return server;
}

/** A source that asks all the time. */
function asking(serverAddress: string, changes: Partial<PrometheusSpec> = {}, secretsFrom: ReadSecret = readSecret): PrometheusSource {
  const spec: PrometheusSpec = {
    serverAddress,
    query: 'sum(rate(x[1m])) & "more"',
    intervalMs: INTERVAL_MS,
    timeoutMs: TIMEOUT_MS,
    maxSampleAgeMs: 60_000,
    measures: null,
    caSecret: null,
    insecureSkipVerify: false,
    login: { kind: 'none' },
    ...changes,
  };
  const source = new PrometheusSource('queue', spec, secretsFrom);
  const ending = new AbortController();
  const ended = source.run(ending.signal);
  undo.push(() => {
    ending.abort();
    return ended;
  });
  return source;
}

const good = (source: PrometheusSource, value: number) =>
  until(`a good answer of ${value}`, SOON_MS, async () =>
    source.reading.problem === null && source.reading.good?.value === value ? true : undefined,
  );
const problem = (source: PrometheusSource) => until('a problem', SOON_MS, async () => source.reading.problem ?? undefined);

describe('a question', () => {
  it('is the query, with how old its samples may be, below the path of the server', async () => {
    const server = await prometheus();
    await good(asking(`${server.url}/prom`), 1);
    const [{ url, authorization } = expect.fail()] = server.requests;
    expect(url.pathname).toBe('/prom/api/v1/query');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      query: 'sum(rate(x[1m])) & "more"',
      lookback_delta: '60000ms',
      timeout: '400ms',
    });
    expect(authorization).toBeUndefined();
  });

  it.each<[string, PrometheusSpec['login'], string]>([
    ['a bearer token', { kind: 'bearer', secret: { name: 'token', key: 'token' } }, 'Bearer abc'],
    ['a name and a password', { kind: 'basic', secret: 'login' }, `Basic ${Buffer.from('ann:sé:cret').toString('base64')}`],
  ])('has %s', async (_, login, header) => {
    const server = await prometheus();
    await good(asking(server.url, { login }), 1);
    expect(server.requests[0]?.authorization).toBe(header);
  });

  it('is not sent while its Secret is missing', async () => {
    const server = await prometheus();
    const source = asking(server.url, { login: { kind: 'bearer', secret: { name: 'token', key: 'key' } } });
    expect(await problem(source)).toContain('Secret token has no key "key"');
    expect(server.requests).toEqual([]);
  });

  it('waits no longer than its time for a Secret', async () => {
    const server = await prometheus();
    const source = asking(server.url, { login: { kind: 'basic', secret: 'login' } }, () => new Promise(() => undefined));
    expect(await problem(source)).toContain(`no answer within ${TIMEOUT_MS} ms`);
  });

  it('comes only when the one before is over, however slow', async () => {
    const server = await prometheus();
    server.answering = (response) => void setTimeout(() => vector('1')(response, {} as never), 4 * INTERVAL_MS);
    await good(asking(server.url), 1);
    await until('more questions', SOON_MS, async () => (server.requests.length > 4 ? true : undefined));
    expect(server.mostAtOnce).toBe(1);
  });

  it('is asked once more when the server closes the connection that it is kept for', async () => {
    const server = await prometheus();
    const used = new WeakSet<object>();
    server.answering = (response, request) => {
      if (used.has(request.socket)) return void response.destroy();
      used.add(request.socket);
      vector('1')(response, request);
    };
    const source = asking(server.url);
    const failed: string[] = [];
    await good(source, 1);
    await until('twenty questions', SOON_MS, async () => {
      if (source.reading.problem !== null) failed.push(source.reading.problem);
      return server.requests.length > 20 ? true : undefined;
    });
    expect(failed).toEqual([]);
  });
});

describe('what is no value is missing, and the last good value stays', () => {
  it.each(FAULTS)('%s', async (_, answering, said) => {
    const server = await prometheus();
    server.answering = vector('42');
    const source = asking(server.url);
    await good(source, 42);
    server.answering = answering;
    expect(await problem(source)).toContain(said);
    expect(source.reading.good?.value).toBe(42);
    server.answering = vector('43');
    await good(source, 43);
  });

  it('a server that is gone, until it is back', async () => {
    const port = await freePort();
    const first = await FakePrometheus.start({ port });
    const source = asking(first.url);
    await good(source, 1);
    await first.stop();
    expect(await problem(source)).toContain('ECONNREFUSED');
    const second = await prometheus({ port });
    second.answering = vector('2');
    await good(source, 2);
  });

  it('a server that never was there', async () => {
    const source = asking(`http://127.0.0.1:${await freePort()}`);
    expect(await problem(source)).toContain('ECONNREFUSED');
    expect(source.reading.good).toBeNull();
  });
});

describe('TLS', () => {
  it('trusts the given authority, or anybody if so wanted, else only those of the system', async () => {
    const certificate = await makeCertificate(makeFolder('prometheus-tls'), ['127.0.0.1']);
    const server = await prometheus({ certificate });
    const caSecret = { name: 'ca', key: 'ca.crt' };
    await good(
      asking(server.url, { caSecret }, async () => certificate.ca),
      1,
    );
    await good(asking(server.url, { insecureSkipVerify: true }), 1);
    expect(await problem(asking(server.url))).toContain('self-signed certificate');
  });
});

import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import type { Credentials, KnownIdentity } from './credentials.ts';
import { KubeError } from './error.ts';
import { noAnswer, reasonOf, refusal } from './refusals.ts';

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With the query. */
  readonly path: string;
  /** For people: what is asked for, such as "create pod chat/front-1". */
  readonly tried: string;
  readonly contentType?: string;
  readonly body?: unknown;
  /** From the beginning to the last byte, ms. */
  readonly timeLimitMs: number;
  readonly signal?: AbortSignal | undefined;
}

interface Sent {
  readonly request: ClientRequest;
  readonly response: Promise<IncomingMessage>;
  readonly identity: KnownIdentity;
}

/** Connections for calls; a watch has one of its own. */
const MOST_CONNECTIONS = 32;
/** When a connection was silent for so long, the kernel begins to ask the other side whether it's still there, ms. */
const PROBE_AFTER_MS = 20_000;

/** HTTP to the API server: kept-alive connections, credentials, time limits, refusals as errors. */
export class Transport {
  readonly #credentials: Credentials;
  readonly #agents: { readonly http: http.Agent; readonly https: https.Agent };

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
    const options = { keepAlive: true, keepAliveMsecs: PROBE_AFTER_MS, maxSockets: MOST_CONNECTIONS, maxFreeSockets: 4 };
    this.#agents = { http: new http.Agent(options), https: new https.Agent(options) };
  }

  /** The parsed answer. Rejects with a `KubeError`. */
  async call(call: Call): Promise<unknown> {
    return this.#within(call, call.signal, async (signal) => {
      const answer = parse(await text(await this.#open(call, signal, true)));
      if (typeof answer === 'object' && answer !== null) return answer;
      throw new KubeError(`${call.tried}: ${this.#credentials.server.host} answers what is no JSON; is it an API server?`, {
        status: 0,
        kind: 'other',
      });
    });
  }

  /** Opens a stream; the time limit is for its beginning. The stream ends with the signal. Rejects with a `KubeError`. */
  stream(call: Call, signal: AbortSignal): Promise<IncomingMessage> {
    return this.#within(call, signal, (both) => this.#open(call, both, false));
  }

  /** Ends the idle connections. */
  close(): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  async #within<T>(call: Call, outer: AbortSignal | undefined, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), call.timeLimitMs);
    try {
      return await run(outer === undefined ? limit.signal : AbortSignal.any([limit.signal, outer]));
    } catch (error) {
      if (error instanceof KubeError) throw error;
      const why = limit.signal.aborted ? `its time of ${call.timeLimitMs / 1000} s is over` : error;
      throw noAnswer(call.tried, this.#credentials.server.host, why);
    } finally {
      clearTimeout(timer);
    }
  }

  async #open(call: Call, signal: AbortSignal, pooled: boolean): Promise<IncomingMessage> {
    let refreshed = false;
    let resent = false;
    for (;;) {
      const sent = await this.#send(call, signal, pooled);
      const response = await sent.response.catch((error: unknown) => error as Error);
      if (response instanceof Error) {
        // The server closed a kept connection just as we took it again: nothing is wrong yet.
        if (resent || !sent.request.reusedSocket || signal.aborted || !mayRepeat(call)) throw response;
        resent = true;
        continue;
      }
      const status = response.statusCode ?? 0;
      if (status >= 200 && status < 300) return response;
      const body = parse(await text(response));
      if (status === 401 && !refreshed && this.#credentials.refresh(sent.identity)) {
        refreshed = true;
        continue;
      }
      throw refusal(call.tried, status, body, response.headers['retry-after']);
    }
  }

  async #identity(call: Call): Promise<KnownIdentity> {
    try {
      return await this.#credentials.current();
    } catch (error) {
      throw new KubeError(`${call.tried}: no credentials: ${reasonOf(error)}`, { status: 0, kind: 'unauthorized', cause: error });
    }
  }

  async #send(call: Call, signal: AbortSignal, pooled: boolean): Promise<Sent> {
    const identity = await unlessAborted(this.#identity(call), signal);
    const { headers, tls, proxy } = identity;
    const { server } = this.#credentials;
    const secure = server.protocol === 'https:';
    const body = call.body === undefined ? null : Buffer.from(JSON.stringify(call.body));
    const options = {
      ...tls,
      method: call.method,
      host: server.hostname.replace(/^\[|\]$/g, ''),
      port: server.port || (secure ? 443 : 80),
      path: `${server.pathname.replace(/\/$/, '')}${call.path}`,
      headers: {
        ...headers,
        accept: 'application/json',
        'user-agent': 'chatcluster',
        ...(body === null ? {} : { 'content-type': call.contentType ?? 'application/json', 'content-length': body.length }),
      },
      agent: proxy ?? (pooled ? this.#agents[secure ? 'https' : 'http'] : (false as const)),
      signal,
    };
    const request = secure ? https.request(options) : http.request(options);
    if (!pooled) request.on('socket', (socket) => socket.setKeepAlive(true, PROBE_AFTER_MS));
    const response = new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve);
      request.on('error', reject);
    });
    request.end(body ?? undefined);
    return { request, response, identity };
  }
}

/** Whether doing it twice is the same as doing it once. */
function mayRepeat({ method }: Call): boolean {
  return method === 'GET' || method === 'PATCH' || method === 'DELETE';
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = () => reject(signal.reason);
    if (signal.aborted) aborted();
    signal.addEventListener('abort', aborted, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}

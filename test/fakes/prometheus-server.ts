import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certificate } from '../servers/tls.ts';

/** How a fake Prometheus treats a question. */
export type Answering = (response: ServerResponse, request: IncomingMessage) => void;

const seconds = () => Date.now() / 1000;

/** Answers this vector: a value for each series, as text. */
export const vector =
  (...values: readonly string[]): Answering =>
  (response) => {
    const result = values.map((value, i) => ({ metric: { i: String(i) }, value: [seconds(), value] }));
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
  };

/** Each way in which Prometheus may fail without being gone, and a part of what is said of it. */
export const FAULTS: readonly (readonly [name: string, answering: Answering, said: string])[] = [
  ['NaN', vector('NaN'), 'NaN'],
  ['infinity', vector('+Inf'), '+Inf'],
  ['no series', vector(), 'no series'],
  ['several series', vector('1', '2'), '2 series'],
  [
    'a stale sample',
    (response) => {
      const result = [{ metric: {}, value: [seconds() - 3_600, '1'] }];
      response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
    },
    'of 3600 s ago',
  ],
  ['500', (response) => void response.writeHead(500).end('out of memory'), 'answered 500: out of memory'],
  ['garbage', (response) => response.end('\u0000\u0001 not JSON'), 'no result'],
  ['an answer that never begins', () => undefined, 'no answer within'],
  ['an answer that never ends', (response) => void response.write('{"status":"success","data":'), 'no answer within'],
  ['an endless answer', (response) => response.end('x'.repeat(2_000_000)), 'longer than'],
  ['a closed connection', (response) => void response.destroy(), 'socket hang up'],
  ['a redirection', (response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(), 'answered 302'],
];

/** An HTTP server in Prometheus' place, on a free port of 127.0.0.1 or the given one. */
export class FakePrometheus {
  answering: Answering = vector('1');
  /** What it was asked, the newest last. */
  readonly requests: { readonly url: URL; readonly authorization: string | undefined }[] = [];
  /** The most questions that were under way at once. */
  mostAtOnce = 0;
  readonly url: string;
  readonly #server: http.Server;
  #underWay = 0;

  private constructor(server: http.Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  static async start(options: { readonly certificate?: Certificate; readonly port?: number } = {}): Promise<FakePrometheus> {
    const { certificate, port = 0 } = options;
    const listener: RequestListener = (request, response) => fake.#take(request, response);
    const server =
      certificate === undefined
        ? http.createServer(listener)
        : https.createServer({ cert: readFileSync(certificate.certFile), key: readFileSync(certificate.keyFile) }, listener);
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address() as AddressInfo;
    const fake = new FakePrometheus(server, `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${address.port}`);
    return fake;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push({ url: new URL(request.url ?? '', this.url), authorization: request.headers.authorization });
    this.#underWay += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#underWay);
    response.once('close', () => {
      this.#underWay -= 1;
    });
    this.answering(response, request);
  }
}

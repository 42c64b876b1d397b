import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ClusterStatus } from '../status/status.ts';
import { readJson } from './body.ts';
import { reasonToRefuse } from './guard.ts';
import { StatusHistory } from './history.ts';
import { type Change, type GatewayAction, type Route, routeOf } from './routes.ts';
import { Streams } from './streams.ts';

/** How a person's wish was met. */
export type Outcome = { readonly kind: 'done' } | { readonly kind: 'refused'; readonly status: 404 | 409; readonly reason: string };

/** What the console shows and lets people do. */
export interface ConsoleOptions {
  /** The last status; `null` before the first. */
  readonly status: () => ClusterStatus | null;
  readonly act: (action: GatewayAction, gateway: string) => Promise<Outcome>;
  /** Clients that are simulated for whoever wants to see the cluster scale. `set` throws an error with a line for people. */
  readonly clients: { readonly count: number; set(count: number): void };
  /** Answers a request for a page; false when it is for none, and then it answered nothing. */
  readonly pages: (req: IncomingMessage, res: ServerResponse) => boolean;
}

/** Between two statuses of a stream, ms. */
const TICK_MS = 1000;
/** A connection on which nothing moves for so long is closed, ms. */
const IDLE_MS = 30_000;

/**
 * The HTTP API of `chatcluster up`, on the public port beside the gateways: `GET /api/status`, `/api/stream` (server-sent events, a
 * status a second), `/api/history`, `/api/clients`; `POST /api/gateways/NAME/{drain,uncordon,kill}` and `/api/clients` `{"count": n}`.
 * Errors are `{"error": "one line"}`. Every answer closes its connection: the browser's next request may be for a gateway, and
 * only a new connection gets there.
 */
export class Console {
  readonly #options: ConsoleOptions;
  readonly #server: Server;
  readonly #streams = new Streams();
  readonly #history = new StatusHistory();
  #ticker: NodeJS.Timeout | undefined;

  constructor(options: ConsoleOptions) {
    this.#options = options;
    this.#server = createServer((req, res) => void this.#answer(req, res)).setTimeout(IDLE_MS);
  }

  /** How many watch the stream. */
  get watchers(): number {
    return this.#streams.size;
  }

  start(): void {
    this.#ticker = setInterval(() => this.tick(), TICK_MS);
  }

  stop(): void {
    clearInterval(this.#ticker);
    this.#streams.end();
  }

  /** Keeps the present status, and sends it to all who watch. */
  tick(): void {
    const status = this.#options.status();
    if (status === null) return;
    this.#history.add(status);
    this.#streams.send(status);
  }

  /** Serves a connection that somebody else accepted, paused it, and read `head` from: the whole head of its request at least. */
  serve(socket: Socket, head: Buffer): void {
    socket.unshift(head);
    this.#server.emit('connection', socket);
    socket.resume();
  }

  async #answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    res.setHeader('Connection', 'close');
    if (this.#options.pages(req, res)) return;
    try {
      await this.#take(routeOf(req.method ?? '', req.url ?? ''), req, res);
    } catch (error) {
      sendJson(res, 400, { error: error instanceof Error ? error.message : String(error) });
    }
  }

  async #take(route: Route, req: IncomingMessage, res: ServerResponse): Promise<void> {
    switch (route.kind) {
      case 'status': {
        const status = this.#options.status();
        if (status === null) sendJson(res, 503, { error: 'The cluster starts: there is no status yet.' }, { 'Retry-After': '1' });
        else sendJson(res, 200, status);
        break;
      }
      case 'stream':
        this.#streams.add(res, this.#options.status());
        break;
      case 'history':
        sendJson(res, 200, this.#history.all());
        break;
      case 'clients':
        sendJson(res, 200, { count: this.#options.clients.count });
        break;
      case 'set-clients':
      case 'act':
        await this.#change(route, req, res);
        break;
      case 'wrong-method':
        sendJson(res, 405, { error: `Use ${route.allow}.` }, { Allow: route.allow });
        break;
      case 'not-found':
        sendJson(res, 404, { error: `There is nothing at ${req.url}.` });
        break;
    }
  }

  async #change(change: Change, req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { host, origin } = req.headers;
    const refusal = reasonToRefuse({ address: req.socket.remoteAddress, host, origin, contentType: req.headers['content-type'] });
    if (refusal !== null) return sendJson(res, 403, { error: refusal });
    const body = await readJson(req);
    if (change.kind === 'set-clients') {
      this.#options.clients.set(countOf(body));
      return sendJson(res, 200, { count: this.#options.clients.count });
    }
    const outcome = await this.#options.act(change.action, change.gateway);
    if (outcome.kind === 'done') sendJson(res, 200, {});
    else sendJson(res, outcome.status, { error: outcome.reason });
  }
}

function countOf(body: unknown): number {
  const count = typeof body === 'object' && body !== null ? (body as { count?: unknown }).count : undefined;
  if (typeof count !== 'number') throw new Error('Send {"count": n}, the number of simulated clients there are to be.');
  return count;
}

function sendJson(res: ServerResponse, status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): void {
  const body = JSON.stringify(value);
  res.writeHead(status, {
    ...headers,
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  res.end(body);
}

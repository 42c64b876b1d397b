import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ClusterStatus, GatewayLine } from '../../operator/status/status.ts';
import { servePages } from '../../pages/serve.ts';

/** The console of a cluster that isn't there: it says what the test wants, and keeps what it was asked to do. */
export class FakeConsole {
  readonly posts: { readonly path: string; readonly body: unknown }[] = [];
  history: readonly ClusterStatus[] = [];
  clients = 0;
  /** What each POST is answered with; `null`: done. */
  refusal: string | null = null;
  readonly #server = createServer((req, res) => this.#answer(req, res));
  readonly #streams = new Set<ServerResponse>();
  #last: ClusterStatus | null = null;

  /** Resolves to its address. */
  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  say(status: ClusterStatus): void {
    this.#last = status;
    for (const stream of this.#streams) stream.write(`data: ${JSON.stringify(status)}\n\n`);
  }

  async stop(): Promise<void> {
    for (const stream of this.#streams) stream.destroy();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(req: IncomingMessage, res: ServerResponse): void {
    if (servePages(req, res)) return;
    const path = req.url ?? '/';
    if (req.method === 'POST') {
      void this.#post(path, req, res);
    } else if (path === '/api/stream') {
      res.writeHead(200, { 'Content-Type': 'text/event-stream' });
      res.flushHeaders();
      this.#streams.add(res);
      res.on('close', () => this.#streams.delete(res));
      if (this.#last !== null) this.say(this.#last);
    } else if (path === '/api/history') {
      res.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(this.history));
    } else if (path === '/api/clients') {
      res.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ count: this.clients }));
    } else {
      res.writeHead(404).end();
    }
  }

  async #post(path: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of req) text += chunk;
    this.posts.push({ path, body: JSON.parse(text) });
    if (this.refusal === null) res.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
    else res.writeHead(409, { 'Content-Type': 'application/json' }).end(JSON.stringify({ error: this.refusal }));
  }
}

export const gatewayLine = (fields: Partial<GatewayLine> = {}): GatewayLine => ({
  name: 'local-1',
  state: 'ready',
  connections: 0,
  migrating: 0,
  capacity: 500,
  pid: 4711,
  current: true,
  zone: null,
  createdAt: 0,
  ...fields,
});

export const clusterStatus = (fields: Partial<ClusterStatus> = {}): ClusterStatus => ({
  name: 'local',
  at: Date.now(),
  desired: 2,
  needed: 2,
  limits: { min: 1, max: 10 },
  connections: 0,
  capacity: 1000,
  movedPerSecond: 0,
  deliveryLatencyMs: null,
  gateways: [gatewayLine()],
  drains: [],
  decisions: [],
  conditions: [],
  ...fields,
});

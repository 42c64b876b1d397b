import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { KubeApi } from '../../../../operator/kube/api.ts';
import type { Configuration } from '../../../../operator/kube/configuration.ts';
import { Credentials } from '../../../../operator/kube/credentials.ts';
import type { KubeObject } from '../../../../operator/kube/object.ts';

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
  /** Of the process, ms. */
  readonly at: number;
}

/** Answers in the place of the server; `false` leaves it to it. */
type Intercept = (request: Request, response: ServerResponse) => boolean;

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

interface Logged {
  readonly version: number;
  readonly collection: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubeObject;
}

interface Watcher {
  readonly collection: RegExp;
  readonly response: ServerResponse;
}

/** What of the API server its clients lean on: versions, lists in pages, watches from a version, and every way in which these go wrong. */
export class FakeApiServer {
  readonly requests: Request[] = [];
  intercept: Intercept = () => false;
  /** Whether a watch ends at its time. */
  endsWatches = true;
  readonly #server: Server;
  readonly #objects = new Map<string, { readonly collection: string; readonly object: KubeObject }>();
  readonly #log: Logged[] = [];
  readonly #watchers = new Set<Watcher>();
  #version = 100;
  #oldest = 100;
  readonly #apis: KubeApi[] = [];

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response));
  }

  static async start(): Promise<FakeApiServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new FakeApiServer(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** A client of this server. */
  api(user: { readonly token?: string } = {}): KubeApi {
    const api = new KubeApi(new Credentials(() => configurationOf(this.port, user)));
    this.#apis.push(api);
    return api;
  }

  async stop(): Promise<void> {
    for (const api of this.#apis) api.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Puts a Pod, new or changed, as some other client would. */
  put(namespace: string, name: string, rest: object = {}, uid = `uid-${name}`): KubeObject {
    const collection = `/api/v1/namespaces/${namespace}/pods`;
    return this.#put(collection, {
      apiVersion: 'v1',
      kind: 'Pod',
      ...rest,
      metadata: { uid, ...(rest as Partial<KubeObject>).metadata, namespace, name },
    });
  }

  remove(namespace: string, name: string): void {
    this.#remove(`/api/v1/namespaces/${namespace}/pods/${name}`);
  }

  /** All open watches break off, after `text` if that is given. */
  breakWatches(text = ''): void {
    for (const { response } of this.#watchers) {
      if (text === '') response.destroy();
      else response.write(text, () => response.destroy());
    }
    this.#watchers.clear();
  }

  /** Bytes on all watches. */
  write(bytes: Buffer | string): void {
    for (const { response } of this.#watchers) response.write(bytes);
  }

  /** A bookmark on all watches. */
  bookmark(): void {
    this.write(`${JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: String(this.#version) } } })}\n`);
  }

  /** Nothing of the past is known any more: a watch from before now is refused. */
  forgetHistory(): void {
    this.#version += 1;
    this.#oldest = this.#version;
    this.#log.length = 0;
  }

  watches(): number {
    return this.#watchers.size;
  }

  count(what: (request: Request) => boolean): number {
    return this.requests.filter(what).length;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', 'http://server');
    const raw = await text(incoming);
    const { method = 'GET', headers } = incoming;
    const body: unknown = raw === '' ? null : JSON.parse(raw);
    const request = { method, path: url.pathname, query: url.searchParams, headers, body, at: performance.now() };
    this.requests.push(request);
    if (this.intercept(request, response)) return;
    if (request.query.get('watch') === 'true') this.#watch(request, response);
    else send(response, this.#reply(request));
  }

  #reply({ method, path, query, body }: Request): Reply {
    const object = body as KubeObject | null;
    const held = this.#objects.get(path)?.object;
    if (method === 'POST' && object !== null) {
      if (this.#objects.has(`${path}/${object.metadata.name}`)) return refusal(409, 'it exists already', 'AlreadyExists');
      return { status: 201, body: this.#put(path, object) };
    }
    if (method === 'GET' && /\/(pods|leases|events)$/.test(path)) return { status: 200, body: this.#list(path, query) };
    if (held === undefined) return refusal(404, 'not found', 'NotFound');
    if (method === 'GET') return { status: 200, body: held };
    if (method === 'DELETE') return { status: 200, body: this.#remove(path) ?? held };
    const { resourceVersion } = object?.metadata ?? {};
    if (resourceVersion !== undefined && resourceVersion !== held.metadata.resourceVersion) {
      return refusal(409, 'the object has been modified', 'Conflict');
    }
    const next = method === 'PUT' ? object : { ...held, ...object };
    const put = { ...next, metadata: { ...held.metadata, ...object?.metadata } };
    return { status: 200, body: this.#put(path.slice(0, path.lastIndexOf('/')), put) };
  }

  #list(path: string, query: URLSearchParams): object {
    const collection = collectionOf(path);
    const items = [...this.#objects.values()].filter((each) => collection.test(each.collection)).map(({ object }) => object);
    const limit = Number(query.get('limit') ?? Number.POSITIVE_INFINITY);
    const from = Number(query.get('continue') ?? 0);
    const next = from + limit < items.length ? String(from + limit) : undefined;
    // As the real one does: items of a list don't say what they are.
    const page = items.slice(from, from + limit).map(({ kind: _, apiVersion: __, ...item }) => item);
    return { kind: 'List', metadata: { resourceVersion: String(this.#version), continue: next }, items: page };
  }

  #watch({ path, query }: Request, response: ServerResponse): void {
    const from = Number(query.get('resourceVersion'));
    const watcher = { collection: collectionOf(path), response };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (from < this.#oldest) {
      response.end(
        `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' } })}\n`,
      );
      return;
    }
    for (const event of this.#log) if (event.version > from && watcher.collection.test(event.collection)) response.write(lineOf(event));
    this.#watchers.add(watcher);
    const timer = setTimeout(() => this.endsWatches && response.end(), Number(query.get('timeoutSeconds')) * 1000);
    response.on('close', () => {
      clearTimeout(timer);
      this.#watchers.delete(watcher);
    });
  }

  #put(collection: string, object: KubeObject): KubeObject {
    this.#version += 1;
    const path = `${collection}/${object.metadata.name}`;
    const put = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
    const type = this.#objects.has(path) ? 'MODIFIED' : 'ADDED';
    this.#objects.set(path, { collection, object: put });
    this.#tell({ version: this.#version, collection, type, object: put });
    return put;
  }

  #remove(path: string): KubeObject | null {
    const held = this.#objects.get(path);
    if (held === undefined) return null;
    this.#version += 1;
    this.#objects.delete(path);
    const object = { ...held.object, metadata: { ...held.object.metadata, resourceVersion: String(this.#version) } };
    this.#tell({ version: this.#version, collection: held.collection, type: 'DELETED', object });
    return object;
  }

  #tell(event: Logged): void {
    this.#log.push(event);
    for (const { collection, response } of this.#watchers) if (collection.test(event.collection)) response.write(lineOf(event));
  }
}

/** A refusal as the API server words it. */
function refusal(code: number, message: string, reason: string): Reply {
  return { status: code, body: { kind: 'Status', status: 'Failure', code, message, reason } };
}

/** Answers in the place of the server with a refusal. */
export function refuse(response: ServerResponse, code: number, message: string, headers: Record<string, string> = {}): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  send(response, refusal(code, message, ''));
}

function send(response: ServerResponse, { status, body }: Reply): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function lineOf({ type, object }: Logged): string {
  return `${JSON.stringify({ type, object })}\n`;
}

/** Those of a namespace, or of all. */
function collectionOf(path: string): RegExp {
  return new RegExp(`^${path.includes('/namespaces/') ? path : path.replace(/\/([^/]+)$/, '/namespaces/[^/]+/$1')}$`);
}

function configurationOf(port: number, { token }: { readonly token?: string }): Configuration {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  return {
    server: new URL(`http://127.0.0.1:${port}`),
    namespace: 'default',
    identity: async () => ({ headers, tls: {}, proxy: null }),
  };
}

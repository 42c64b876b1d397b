import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

/** What of an object the test world reads; the rest is there too. */
export interface Item {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly deletionGracePeriodSeconds?: number;
  };
}

/** The API server refused, or couldn't be asked (`status` 0). */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface Access {
  /** `https://…` */
  readonly server: string;
  /** PEM. */
  readonly ca: string;
  readonly token: string;
}

/** What follows a list: each object that is in it or comes into it, anew with each change, and each that leaves it. */
export interface Follower<T extends Item> {
  put(item: T): void;
  remove(item: T): void;
}

const TIMEOUT_MS = 15_000;
const AGAIN_MS = 100;
const PATCH_TYPES = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

/** A bare client of an API server, for the test world itself: paths as they are, e.g. `/api/v1/namespaces/default/pods`. Owes nothing to the code under test. */
export class Api {
  readonly access: Access;
  readonly #agent: Agent;

  constructor(access: Access) {
    this.access = access;
    this.#agent = new Agent({ keepAlive: true, ca: access.ca, maxSockets: 64 });
  }

  /** Rejects with `ApiError`. */
  get<T>(path: string): Promise<T> {
    return this.#call('GET', path);
  }

  create<T>(path: string, object: object): Promise<T> {
    return this.#call('POST', path, object);
  }

  replace<T>(path: string, object: object): Promise<T> {
    return this.#call('PUT', path, object);
  }

  patch<T>(path: string, patch: object, type: keyof typeof PATCH_TYPES = 'merge'): Promise<T> {
    return this.#call('PATCH', path, patch, PATCH_TYPES[type]);
  }

  /** Server-side apply, with force. */
  apply<T>(path: string, object: object): Promise<T> {
    return this.patch(`${path}?fieldManager=test&force=true`, object, 'apply');
  }

  /** With `options` as of `DeleteOptions`, e.g. `{ gracePeriodSeconds: 0 }`. What isn't there is no error. */
  async delete(path: string, options: object = {}): Promise<void> {
    await this.#call('DELETE', path, options).catch((error) => {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    });
  }

  /** The object, or `undefined` when there is none. */
  async find<T>(path: string): Promise<T | undefined> {
    try {
      return await this.get<T>(path);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  /**
   * Follows a list until the signal aborts, whatever happens to the API server in between. `query` e.g. `labelSelector=a%3Db`. `known` holds
   * what was put so far, by uid: given again, it is where another call goes on.
   */
  async follow<T extends Item>(
    path: string,
    query: string,
    signal: AbortSignal,
    follower: Follower<T>,
    known = new Map<string, T>(),
  ): Promise<void> {
    while (!signal.aborted) {
      try {
        const { items, metadata } = await this.get<{ items: T[]; metadata: { resourceVersion: string } }>(`${path}?${query}`);
        const listed = new Map(items.map((item) => [item.metadata.uid, item]));
        if (signal.aborted) return;
        for (const [uid, item] of [...known].filter(([uid]) => !listed.has(uid))) {
          known.delete(uid);
          follower.remove(item);
        }
        for (const [uid, item] of listed) {
          const same = known.get(uid)?.metadata.resourceVersion === item.metadata.resourceVersion;
          known.set(uid, item);
          if (!same) follower.put(item);
        }
        await this.#watch<T>(`${path}?${query}&watch=1&resourceVersion=${metadata.resourceVersion}`, signal, (kind, item) => {
          if (kind === 'DELETED') known.delete(item.metadata.uid);
          else known.set(item.metadata.uid, item);
          if (kind === 'DELETED') follower.remove(item);
          else follower.put(item);
        });
      } catch (error) {
        if (!(error instanceof ApiError) && !signal.aborted) throw error;
      }
      await sleep(AGAIN_MS, undefined, { signal }).catch(() => {});
    }
  }

  /** Closes what is idle; what is under way ends as it ends. */
  close(): void {
    this.#agent.destroy();
  }

  async #call<T>(method: string, path: string, body?: object, type = 'application/json'): Promise<T> {
    const response = await this.#open(method, path, AbortSignal.timeout(TIMEOUT_MS), body, type);
    const text = await read(response);
    const status = response.statusCode ?? 0;
    if (status >= 400) throw new ApiError(status, `${method} ${path}: ${messageOf(text)}`);
    return (text.startsWith('{') ? JSON.parse(text) : text) as T;
  }

  /** Resolves when the watch ended. */
  async #watch<T>(path: string, signal: AbortSignal, onEvent: (kind: string, item: T) => void): Promise<void> {
    const response = await this.#open('GET', path, signal);
    if (response.statusCode !== 200) throw new ApiError(response.statusCode ?? 0, messageOf(await read(response)));
    for await (const line of linesOf(response)) {
      const { type, object } = JSON.parse(line) as { type: string; object: T };
      if (type === 'ERROR' || signal.aborted) return;
      onEvent(type, object);
    }
  }

  #open(method: string, path: string, signal: AbortSignal, body?: object, type?: string): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${this.access.token}`,
      // Of a DELETE Node doesn't say the length by itself, and what follows on the connection would be taken for a request.
      ...(text === undefined ? null : { 'content-type': type, 'content-length': Buffer.byteLength(text) }),
    };
    const asking = request(`${this.access.server}${path}`, { method, agent: this.#agent, signal, headers }, resolve);
    asking.on('error', (error) => reject(new ApiError(0, `${method} ${path}: ${error.message}`)));
    asking.end(text);
    return promise;
  }
}

/** Whole lines. A connection that breaks ends them; what it hid is found by the list that follows. */
async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  response.setEncoding('utf8');
  let rest = '';
  try {
    for await (const part of response) {
      const lines = `${rest}${part}`.split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch {
    return;
  }
}

async function read(response: IncomingMessage): Promise<string> {
  try {
    const parts: Buffer[] = [];
    for await (const part of response) parts.push(part as Buffer);
    return Buffer.concat(parts).toString();
  } catch (error) {
    throw new ApiError(0, `The answer broke off: ${error instanceof Error ? error.message : error}`);
  }
}

/** A Status object's message, or the text as it is. */
function messageOf(text: string): string {
  try {
    return String((JSON.parse(text) as { message?: unknown }).message ?? text);
  } catch {
    return text;
  }
}

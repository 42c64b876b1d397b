import { systemWake, type Wake } from './wake.ts';

/** The part of a WebSocket that is used: browsers' own has it, and so has the `ws` package's. */
export interface WebSocketLike {
  readonly readyState: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  /** Only the `ws` package has it: ends the connection without waiting for the other side. */
  terminate?(): void;
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>;

export interface FetchInit {
  readonly method: 'POST';
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly signal: AbortSignal;
}

export interface FetchResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

/** All that the client takes from the machine it runs on, so that tests bring their own clock, chance and network. */
export interface Environment {
  /** Monotonic, ms. */
  now(): number;
  /** Wall clock, ms since 1970; unlike `now` it goes on while the machine sleeps. */
  wallClock(): number;
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  /** In [0, 1). */
  random(): number;
  /** At least 128 random bits that nobody can guess, as text for URLs. */
  randomId(): string;
  readonly WebSocket: WebSocketConstructor | null;
  readonly fetch: Fetch | null;
  readonly wake: Wake;
}

/** The browser's, or Node's. */
export function systemEnvironment(): Environment {
  return {
    now: () => performance.now(),
    wallClock: () => Date.now(),
    setTimeout: (run, ms) => setTimeout(run, ms),
    clearTimeout: (timer) => clearTimeout(timer as number),
    random: () => Math.random(),
    randomId: () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(''),
    WebSocket: (globalThis.WebSocket as WebSocketConstructor | undefined) ?? null,
    fetch: globalThis.fetch === undefined ? null : (url, init) => globalThis.fetch(url, init),
    wake: systemWake(),
  };
}

import { POLL_PATH, WEBSOCKET_PATH } from '../protocol/paths.ts';
import type { Backoff } from './backoff.ts';
import { type Environment, type Fetch, systemEnvironment, type WebSocketConstructor } from './environment.ts';
import type { Transport } from './link.ts';
import type { OutboxLimits } from './outbox.ts';

export interface ClientOptions {
  /** Where the gateways are: `https://chat.example.org`, with a path before theirs if there is one. http, https, ws and wss are the same. */
  readonly url: string;
  /** Who the user is, for gateways that ask. A function is called before each connection, so that it can give a fresh one. */
  readonly token?: string | (() => string | Promise<string>);
  /** Shown to others in presence and beside messages. */
  readonly name?: string;
  /** The session of an earlier run, to be the same member still: at least 128 random bits, secret. Default: a new one. */
  readonly session?: string;
  /** Which transports may be used, WebSocket first. Default: both. */
  readonly transports?: readonly Transport[];
  /** The WebSocket class where there is none (Node before 22): that of the `ws` package. */
  readonly webSocket?: WebSocketConstructor;
  readonly fetch?: Fetch;
  /** Default: from 500 ms to 30 s. */
  readonly backoff?: Partial<Backoff>;
  /** Default: 1,000 messages of 1 MiB together. */
  readonly outbox?: Partial<Pick<OutboxLimits, 'maxMessages' | 'maxBytes'>>;
  /** Until a gateway must have answered, ms. Default: 10 s. */
  readonly connectTimeoutMs?: number;
  /** Until a history page or a member list must have come, ms. Default: 15 s. */
  readonly requestTimeoutMs?: number;
  /** After a loss, reconnect also while the page is hidden and has nothing to say; it costs battery. Default: false. */
  readonly reconnectWhileHidden?: boolean;
  /** Clock, chance, timers, network and wake-ups of one's own, for tests. */
  readonly environment?: Partial<Environment>;
}

/** The options, complete. */
export interface Settings {
  readonly token: ClientOptions['token'];
  readonly name: string | undefined;
  readonly session: string;
  readonly transports: readonly Transport[];
  readonly webSocketUrl: string;
  readonly pollUrl: string;
  readonly backoff: Backoff;
  readonly outbox: OutboxLimits;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly reconnectWhileHidden: boolean;
  readonly environment: Environment;
}

const DEFAULTS = {
  transports: ['websocket', 'longpoll'],
  backoff: { baseMs: 500, maxMs: 30_000 },
  // A gateway may refuse a message for now and take the next: with one of a channel under way at a time, that reorders nothing.
  // The servers remember a message's id for 5 minutes.
  outbox: { maxMessages: 1_000, maxBytes: 1_048_576, window: 1, resendMs: 240_000 },
  connectTimeoutMs: 10_000,
  requestTimeoutMs: 15_000,
  reconnectWhileHidden: false,
} as const satisfies Partial<Settings>;

/** Completes the options; throws a TypeError that names the option at fault. */
export function settings(options: ClientOptions): Settings {
  const environment: Environment = {
    ...systemEnvironment(),
    ...options.environment,
    ...(options.webSocket === undefined ? {} : { WebSocket: options.webSocket }),
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  };
  const session = options.session ?? environment.randomId();
  const base = baseOf(options.url);
  const query = `?session=${balancingKey(session)}`;
  return {
    ...DEFAULTS,
    token: options.token,
    name: options.name,
    session,
    transports: available(options.transports ?? DEFAULTS.transports, environment),
    webSocketUrl: `${base.replace(/^http/, 'ws')}${WEBSOCKET_PATH}${query}`,
    pollUrl: `${base}${POLL_PATH}${query}`,
    backoff: { ...DEFAULTS.backoff, ...options.backoff },
    outbox: { ...DEFAULTS.outbox, ...options.outbox },
    connectTimeoutMs: options.connectTimeoutMs ?? DEFAULTS.connectTimeoutMs,
    requestTimeoutMs: options.requestTimeoutMs ?? DEFAULTS.requestTimeoutMs,
    reconnectWhileHidden: options.reconnectWhileHidden ?? DEFAULTS.reconnectWhileHidden,
    environment,
  };
}

function baseOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const scheme = parsed === null ? undefined : { 'http:': 'http', 'https:': 'https', 'ws:': 'http', 'wss:': 'https' }[parsed.protocol];
  if (parsed === null || scheme === undefined) {
    throw new TypeError(`The option url is ${JSON.stringify(url)}: give an address like https://chat.example.org.`);
  }
  return `${scheme}://${parsed.host}${parsed.pathname.replace(/\/+$/, '')}`;
}

function available(transports: readonly Transport[], { WebSocket, fetch }: Environment): readonly Transport[] {
  const there = { websocket: WebSocket !== null, longpoll: fetch !== null };
  const usable = transports.filter((transport) => there[transport]);
  if (usable.length > 0) return usable;
  throw new TypeError(
    transports.includes('websocket')
      ? "There is no WebSocket here: give the option webSocket, the class of the package 'ws'."
      : `None of the transports ${JSON.stringify(transports)} can be used here: give some of "websocket" and "longpoll".`,
  );
}

/** The same for all connections of a session, so that a balancer can hash by it; it doesn't give the secret session away to logs. */
function balancingKey(session: string): string {
  let hash = 0x811c9dc5;
  for (const letter of session) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

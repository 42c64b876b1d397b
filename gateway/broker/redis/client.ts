import { type RedisOptions as AllOptions, Redis } from 'ioredis';
import type { Address, RedisAccess, RedisPlace, TlsFiles } from './options.ts';

type ClientOptions = Omit<AllOptions, 'replyMapping'>;

/** What all connections of a broker share; times in ms. */
export interface ClientSettings {
  readonly access: RedisAccess;
  readonly silenceMs: number;
  readonly maxReconnectMs: number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** What a connection is for: an answered call is never mixed up with live delivery. */
export type Purpose = 'calls' | 'live';

const CONNECT_TIMEOUT_MS = 3_000;
const KEEP_ALIVE_MS = 10_000;
/** A connection that is given up is waited for so long to end by itself. */
const DISCONNECT_TIMEOUT_MS = 200;

/**
 * Makes a connection, not yet connected. Nothing is queued or sent again by it: who calls decides that.
 * The pauses between its tries to connect grow, each with full jitter, so that the gateways of a fleet don't come back in step.
 */
export function makeClient(place: Exclude<RedisPlace, { kind: 'cluster' }>, purpose: Purpose, settings: ClientSettings): Redis {
  const { access, silenceMs } = settings;
  const retry = (attempt: number) => pauseBefore(attempt, settings);
  const options: ClientOptions = {
    ...credentials(access),
    ...(place.kind === 'server' ? atServer(place.address, access.tls) : atSentinels(place, access, retry)),
    db: access.database,
    connectionName: `chatcluster-${purpose}`,
    lazyConnect: true,
    enableOfflineQueue: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: retry,
    reconnectOnError: (error) => /READONLY|MASTERDOWN/.test(error.message),
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: silenceMs,
    keepAlive: KEEP_ALIVE_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
  };
  return new Redis(options);
}

/** Makes a connection to a Sentinel, not yet connected. */
export function makeSentinelClient({ host, port }: Address, settings: ClientSettings): Redis {
  const { tls, sentinelUsername, sentinelPassword } = settings.access;
  return new Redis({
    ...atServer({ host, port }, tls),
    ...(sentinelUsername === undefined ? {} : { username: sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { password: sentinelPassword }),
    connectionName: 'chatcluster-sentinel',
    lazyConnect: true,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => pauseBefore(attempt, settings),
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: settings.silenceMs,
    keepAlive: KEEP_ALIVE_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
  });
}

/** A random part of a pause that grows with each try, ms. */
function pauseBefore(attempt: number, { maxReconnectMs, random }: ClientSettings): number {
  return Math.ceil(random() * Math.min(maxReconnectMs, 50 * 2 ** Math.min(attempt, 20)));
}

function credentials({ username, password }: RedisAccess): ClientOptions {
  return { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
}

const atServer = ({ host, port }: Address, tls: TlsFiles | null): ClientOptions => ({ host, port, ...(tls === null ? {} : { tls }) });

function atSentinels(
  { sentinels, name }: RedisPlace & { kind: 'sentinel' },
  { tls, sentinelUsername, sentinelPassword }: RedisAccess,
  retry: (attempt: number) => number,
): ClientOptions {
  return {
    sentinels: sentinels.map(({ host, port }) => ({ host, port })),
    name,
    role: 'master',
    sentinelRetryStrategy: retry,
    sentinelCommandTimeout: CONNECT_TIMEOUT_MS,
    ...(sentinelUsername === undefined ? {} : { sentinelUsername }),
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...(tls === null ? {} : { tls, sentinelTLS: tls, enableTLSForSentinelMode: true }),
  };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { Redis, type RedisOptions } from 'ioredis';

/** Where a server is, and how to get in as the user `default`: options of an ioredis client. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly password?: string;
  readonly tls?: { readonly ca: string };
}

type Options = Omit<RedisOptions, 'replyMapping'>;

const COMMAND_TIMEOUT_MS = 10_000;
const READY_RETRY_MS = 20;

/** A command with its arguments. */
export type Command = readonly (string | number)[];

/** Runs these commands, one after the other, over a connection of their own and answers their replies in the shapes of RESP2; rejects when one isn't answered within 10 s. */
export async function callOnce(connection: Connection, commands: readonly Command[]): Promise<readonly unknown[]> {
  return withClient(connection, { enableReadyCheck: false, maxRetriesPerRequest: 0, retryStrategy: () => null }, async (client) => {
    const replies: unknown[] = [];
    for (const [name = '', ...args] of commands) replies.push(await client.call(String(name), ...args));
    return replies;
  });
}

/** Resolves when the server answers `PING` and has loaded its data, however often that must be asked. */
export async function untilReady(connection: Connection): Promise<void> {
  const patient = { maxLoadingRetryTime: READY_RETRY_MS, maxRetriesPerRequest: null, retryStrategy: () => READY_RETRY_MS };
  await withClient(connection, patient, async (client) => {
    for (;;) {
      try {
        await client.ping();
        return;
      } catch (error) {
        // A replica that has loaded its own data may begin at once to load those of its primary.
        if (!(error instanceof Error) || !error.message.startsWith('LOADING')) throw error;
        await sleep(READY_RETRY_MS);
      }
    }
  });
}

async function withClient<T>(connection: Connection, options: Options, use: (client: Redis) => Promise<T>): Promise<T> {
  const limits: Options = { connectTimeout: COMMAND_TIMEOUT_MS, commandTimeout: COMMAND_TIMEOUT_MS };
  const all: Options = { ...limits, ...connection, ...options, protocol: 2, disableClientInfo: true };
  const client = new Redis(all);
  // The call's own rejection says it.
  client.on('error', () => {});
  try {
    return await use(client);
  } finally {
    client.disconnect();
  }
}

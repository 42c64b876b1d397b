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

/** Runs one command over a connection of its own and answers its reply in the shapes of RESP2; rejects when it isn't answered within 10 s. */
export async function callOnce(connection: Connection, ...args: readonly (string | number)[]): Promise<unknown> {
  const [name = '', ...rest] = args;
  return withClient(connection, { enableReadyCheck: false, maxRetriesPerRequest: 0, retryStrategy: () => null }, (client) =>
    client.call(String(name), ...rest),
  );
}

/** Resolves when the server answers `PING` and has loaded its data, however often that must be asked. */
export async function untilReady(connection: Connection): Promise<void> {
  const patient = { maxLoadingRetryTime: READY_RETRY_MS, maxRetriesPerRequest: null, retryStrategy: () => READY_RETRY_MS };
  await withClient(connection, patient, (client) => client.ping());
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

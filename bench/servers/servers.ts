import { BenchProcess } from '../processes.ts';

/** The servers that are compared: the two floors, then ours. */
export const SERVERS = { plain: './servers/plain.ts', floor: './servers/floor.ts', gateway: './servers/gateway.ts' } as const;

export type ServerName = keyof typeof SERVERS;

/** Servers that stand at a Redis, of which they are told when they start to listen. */
export const REDIS_SERVERS = { raw: './servers/redis-raw.ts', floor: './servers/redis-floor.ts', gateway: './servers/gateway.ts' } as const;

/** A server in a process of its own. */
export interface RunningServer extends AsyncDisposable {
  readonly process: BenchProcess;
  readonly port: number;
}

/** Starts a server and waits until it listens. */
export async function startServer(name: ServerName, execArgv: readonly string[] = []): Promise<RunningServer> {
  return listening(BenchProcess.start(SERVERS[name], execArgv), null);
}

/** The same for one that stands at the Redis with this port of 127.0.0.1. */
export async function startAtRedis(name: keyof typeof REDIS_SERVERS, redisPort: number): Promise<RunningServer> {
  return listening(BenchProcess.start(REDIS_SERVERS[name]), name === 'gateway' ? `redis://127.0.0.1:${redisPort}` : redisPort);
}

async function listening(process: BenchProcess, argument: unknown): Promise<RunningServer> {
  const port = await process.ask<number>('listen', argument);
  return { process, port, [Symbol.asyncDispose]: () => process[Symbol.asyncDispose]() };
}

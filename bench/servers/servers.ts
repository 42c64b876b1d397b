import { BenchProcess } from '../processes.ts';

/** The servers that are compared: the two floors, then ours. */
export const SERVERS = { plain: './servers/plain.ts', floor: './servers/floor.ts', gateway: './servers/gateway.ts' } as const;

export type ServerName = keyof typeof SERVERS;

/** A server in a process of its own. */
export interface RunningServer extends AsyncDisposable {
  readonly name: ServerName;
  readonly process: BenchProcess;
  readonly port: number;
}

/** Starts a server and waits until it listens. */
export async function startServer(name: ServerName, execArgv: readonly string[] = []): Promise<RunningServer> {
  const process = BenchProcess.start(SERVERS[name], execArgv);
  const port = await process.ask<number>('listen');
  return { name, process, port, [Symbol.asyncDispose]: () => process[Symbol.asyncDispose]() };
}

import { RedisServer } from '../test/servers/redis/server.ts';

/** A Redis of a benchmark's own, without persistence. */
export interface RunningRedis extends AsyncDisposable {
  readonly server: RedisServer;
  /** CPU seconds that it used so far. */
  cpu(): Promise<number>;
  /** Bytes that its data takes. */
  memory(): Promise<number>;
  /** A command's calls so far, by clients and by scripts. */
  calls(command: string): Promise<Calls>;
}

/** How often a command was called, and the time that took, µs. */
export interface Calls {
  readonly calls: number;
  readonly us: number;
}

/** Reads what `INFO commandstats` tells of a command; of one that was never called it tells nothing. */
export function callsIn(line: string): Calls {
  const field = (name: string): number => Number(new RegExp(`(?:^|,)${name}=(\\d+)`).exec(line)?.[1] ?? 0);
  return { calls: field('calls'), us: field('usec') };
}

/** Starts one. */
export async function startRedis(): Promise<RunningRedis> {
  const server = await RedisServer.start();
  return {
    server,
    async cpu() {
      const { used_cpu_user, used_cpu_sys } = await server.info('cpu');
      return Number(used_cpu_user) + Number(used_cpu_sys);
    },
    async memory() {
      return Number((await server.info('memory')).used_memory);
    },
    async calls(command) {
      return callsIn((await server.info('commandstats'))[`cmdstat_${command}`] ?? '');
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

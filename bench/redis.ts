import { RedisServer } from '../test/servers/redis/server.ts';

/** A Redis of a benchmark's own, without persistence. */
export interface RunningRedis extends AsyncDisposable {
  readonly server: RedisServer;
  /** CPU seconds that it used so far. */
  cpu(): Promise<number>;
  /** Bytes that its data takes. */
  memory(): Promise<number>;
  /** How often a command was called so far, by clients and scripts, and the time that took, µs. */
  calls(command: string): Promise<{ readonly calls: number; readonly us: number }>;
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
      const line = (await server.info('commandstats'))[`cmdstat_${command}`] ?? '';
      const field = (name: string): number => Number(new RegExp(`(?:^|,)${name}=(\\d+)`).exec(line)?.[1] ?? 0);
      return { calls: field('calls'), us: field('usec') };
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

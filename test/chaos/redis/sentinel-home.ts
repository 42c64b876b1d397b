import { PRIMARY_NAME, SentinelServers } from '../../servers/redis/sentinel.ts';
import type { Place, RedisServer } from '../../servers/redis/server.ts';
import type { Draw } from '../draw.ts';
import { LOOPBACK, Machines } from './machines.ts';
import { Nodes } from './nodes.ts';
import type { RedisHome } from './scenario.ts';

/** A primary with its replicas, and three Sentinels. */
export class SentinelHome implements RedisHome {
  readonly servers: SentinelServers;
  /** Null: the network can't be disturbed. */
  readonly machines: Machines | null;
  readonly nodes: Nodes;
  readonly sentinels: Nodes;

  private constructor(servers: SentinelServers, machines: Machines | null) {
    this.servers = servers;
    this.machines = machines;
    this.nodes = new Nodes('redis', servers.nodes);
    this.sentinels = new Nodes('sentinel', servers.sentinels);
  }

  static async open(replicas: number, say: (text: string) => void): Promise<SentinelHome> {
    const machines = await Machines.make(say);
    try {
      const place = async (name: string) => machines?.server(name) ?? LOOPBACK;
      return new SentinelHome(await SentinelServers.start({ replicas, persistence: 'aof-everysec', place }), machines);
    } catch (error) {
      await machines?.stop();
      throw error;
    }
  }

  async settle(gateway: string): Promise<{ readonly place: Place; readonly broker: string }> {
    const addresses = this.servers.sentinels.map(({ host, port }) => `${host}:${port}`);
    return {
      place: (await this.machines?.gateway(gateway)) ?? LOOPBACK,
      broker: `redis+sentinel://${addresses.join(',')}/${PRIMARY_NAME}`,
    };
  }

  async leave(gateway: string): Promise<void> {
    await this.machines?.release(gateway);
  }

  async reachable(draw: Draw): Promise<RedisServer | null> {
    return this.nodes.pick(draw);
  }

  /** Null when it doesn't answer now. */
  async primary(): Promise<RedisServer | null> {
    const primary = await this.servers.primary();
    return this.nodes.isSteady(primary) ? primary : null;
  }

  somePrimary(): Promise<RedisServer | null> {
    return this.primary();
  }

  async replica(draw: Draw): Promise<RedisServer | null> {
    const primary = await this.servers.primary();
    return draw.pick(this.nodes.steady.filter((node) => node !== primary)) ?? null;
  }

  async heal(): Promise<void> {
    await this.machines?.heal();
    await this.recover();
  }

  /** Heals the servers, and the ways between them. */
  async recover(): Promise<void> {
    await this.machines?.healServers();
    await this.sentinels.heal();
    await this.nodes.heal();
    await this.servers.untilHealthy();
  }

  async stop(): Promise<void> {
    await this.servers.stop();
    await this.machines?.stop();
  }
}

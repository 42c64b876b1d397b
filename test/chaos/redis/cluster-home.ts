import { ClusterServers, type Shard } from '../../servers/redis/cluster.ts';
import type { Place, RedisServer } from '../../servers/redis/server.ts';
import type { Draw } from '../draw.ts';
import { LOOPBACK, Machines } from './machines.ts';
import { Nodes } from './nodes.ts';
import type { RedisHome } from './scenario.ts';

/** A Cluster of three primaries, each with a replica. */
export class ClusterHome implements RedisHome {
  readonly servers: ClusterServers;
  /** Null: the network can't be disturbed. */
  readonly machines: Machines | null;
  readonly nodes: Nodes;

  private constructor(servers: ClusterServers, machines: Machines | null) {
    this.servers = servers;
    this.machines = machines;
    this.nodes = new Nodes('redis', servers.nodes);
  }

  static async open(say: (text: string) => void): Promise<ClusterHome> {
    const machines = await Machines.make(say);
    try {
      const place = async (name: string) => machines?.server(name) ?? LOOPBACK;
      return new ClusterHome(await ClusterServers.start({ persistence: 'aof-everysec', place }), machines);
    } catch (error) {
      await machines?.stop();
      throw error;
    }
  }

  async settle(gateway: string): Promise<{ readonly place: Place; readonly broker: string }> {
    const addresses = this.servers.nodes.map(({ host, port }) => `${host}:${port}`);
    return { place: (await this.machines?.gateway(gateway)) ?? LOOPBACK, broker: `redis+cluster://${addresses.join(',')}` };
  }

  async leave(gateway: string): Promise<void> {
    await this.machines?.release(gateway);
  }

  async reachable(draw: Draw): Promise<RedisServer | null> {
    return this.nodes.pick(draw);
  }

  async somePrimary(draw: Draw): Promise<RedisServer | null> {
    return (await this.shard(draw))?.primary ?? null;
  }

  /** One whose servers all answer now. */
  async shard(draw: Draw): Promise<Shard | null> {
    const shards = await this.servers.shards();
    const steady = ({ primary, replicas }: Shard) => [primary, ...replicas].every((node) => this.nodes.isSteady(node));
    return draw.pick(shards.filter(steady)) ?? null;
  }

  async heal(): Promise<void> {
    await this.machines?.heal();
    await this.recover();
  }

  /** Heals the servers, and the ways between them. */
  async recover(): Promise<void> {
    await this.machines?.healServers();
    await this.nodes.heal();
    await this.servers.untilHealthy();
  }

  async stop(): Promise<void> {
    await this.servers.stop();
    await this.machines?.stop();
  }
}

import { ClusterServers, type Shard } from '../../servers/redis/cluster.ts';
import type { RedisServer } from '../../servers/redis/server.ts';
import type { Draw } from '../draw.ts';
import { Nodes } from './nodes.ts';
import type { RedisHome } from './scenario.ts';

/** A Cluster of three primaries, each with a replica. */
export class ClusterHome implements RedisHome {
  readonly servers: ClusterServers;
  readonly nodes: Nodes;

  private constructor(servers: ClusterServers) {
    this.servers = servers;
    this.nodes = new Nodes('redis', servers.nodes);
  }

  static async open(): Promise<ClusterHome> {
    return new ClusterHome(await ClusterServers.start({ persistence: 'aof-everysec' }));
  }

  async urlOf(): Promise<string> {
    const addresses = this.servers.nodes.map(({ host, port }) => `${host}:${port}`);
    return `redis+cluster://${addresses.join(',')}`;
  }

  async reachable(draw: Draw): Promise<RedisServer | null> {
    return this.nodes.pick(draw);
  }

  /** One whose servers all answer now. */
  async shard(draw: Draw): Promise<Shard | null> {
    const shards = await this.servers.shards();
    const steady = ({ primary, replicas }: Shard) => [primary, ...replicas].every((node) => this.nodes.isSteady(node));
    return draw.pick(shards.filter(steady)) ?? null;
  }

  async heal(): Promise<void> {
    await this.nodes.heal();
    await this.servers.untilHealthy();
  }

  stop(): Promise<void> {
    return this.servers.stop();
  }
}

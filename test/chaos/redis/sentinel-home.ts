import { PRIMARY_NAME, SentinelServers } from '../../servers/redis/sentinel.ts';
import type { RedisServer } from '../../servers/redis/server.ts';
import type { Draw } from '../draw.ts';
import { Nodes } from './nodes.ts';
import type { RedisHome } from './scenario.ts';

/** A primary with two replicas, and three Sentinels. */
export class SentinelHome implements RedisHome {
  readonly servers: SentinelServers;
  readonly nodes: Nodes;
  readonly sentinels: Nodes;

  private constructor(servers: SentinelServers) {
    this.servers = servers;
    this.nodes = new Nodes('redis', servers.nodes);
    this.sentinels = new Nodes('sentinel', servers.sentinels);
  }

  static async open(): Promise<SentinelHome> {
    return new SentinelHome(await SentinelServers.start({ persistence: 'aof-everysec' }));
  }

  async urlOf(): Promise<string> {
    const addresses = this.servers.sentinels.map(({ host, port }) => `${host}:${port}`);
    return `redis+sentinel://${addresses.join(',')}/${PRIMARY_NAME}`;
  }

  async reachable(draw: Draw): Promise<RedisServer | null> {
    return this.nodes.pick(draw);
  }

  /** Null when it doesn't answer now. */
  async primary(): Promise<RedisServer | null> {
    const primary = await this.servers.primary();
    return this.nodes.isSteady(primary) ? primary : null;
  }

  async replica(draw: Draw): Promise<RedisServer | null> {
    const primary = await this.servers.primary();
    return draw.pick(this.nodes.steady.filter((node) => node !== primary)) ?? null;
  }

  async heal(): Promise<void> {
    await this.sentinels.heal();
    await this.nodes.heal();
    await this.servers.untilHealthy();
  }

  stop(): Promise<void> {
    return this.servers.stop();
  }
}

import { until } from '../until.ts';
import type { Connection } from './admin.ts';
import type { RedisServer } from './server.ts';
import { Several, type SharedOptions } from './several.ts';

/** How to start a primary with its replicas and Sentinels; times in ms. */
export interface SentinelOptions extends SharedOptions {
  /** Default 2. */
  readonly replicas?: number;
  /** Default 3; more than half of them must agree. */
  readonly sentinels?: number;
  /** After how long a silent server is down to a Sentinel. Default 1,000. */
  readonly downAfterMs?: number;
  /** After how long a failover that stands still is begun again. Default 5,000. */
  readonly failoverTimeoutMs?: number;
}

/** The name by which clients ask the Sentinels for the primary. */
export const PRIMARY_NAME = 'mymaster';

const READY_MS = 60_000;
const FAILOVER_MS = 60_000;
/** Sentinels greet each other and ask the servers more often than by default, so that a start takes no seconds. */
const PERIODS = ['PUBLISH-PERIOD', 200, 'INFO-PERIOD', 500, 'PING-PERIOD', 200] as const;

/** A real primary with replicas, and the Sentinels that watch over them. */
export class SentinelServers {
  /** Those that hold data, the first primary in front. */
  readonly nodes: readonly RedisServer[];
  readonly sentinels: readonly RedisServer[];
  readonly #several: Several;

  private constructor(several: Several, nodes: readonly RedisServer[], sentinels: readonly RedisServer[]) {
    this.#several = several;
    this.nodes = nodes;
    this.sentinels = sentinels;
  }

  /** Resolves when all replicas follow and every Sentinel knows all others. */
  static async start(options: SentinelOptions = {}): Promise<SentinelServers> {
    const { replicas = 2, sentinels: count = 3 } = options;
    const nodeNames = Array.from({ length: replicas + 1 }, (_, at) => `redis-${at}`);
    const sentinelNames = Array.from({ length: count }, (_, at) => `sentinel-${at}`);
    const several = await Several.make(options, [...nodeNames, ...sentinelNames]);
    try {
      const nodes = await startNodes(several, nodeNames);
      const sentinels = await several.start(sentinelNames, async () => ({ sentinel: sentinelLines(nodes[0]?.connection, options, count) }));
      await Promise.all(sentinels.map((sentinel) => sentinel.command('SENTINEL', 'DEBUG', ...PERIODS)));
      const servers = new SentinelServers(several, nodes, sentinels);
      await servers.untilHealthy();
      return servers;
    } catch (error) {
      await several.stop();
      throw error;
    }
  }

  /** The primary as most Sentinels that answer name it, whether it runs or not. */
  async primary(): Promise<RedisServer> {
    const answers = await Promise.allSettled(this.sentinels.filter(({ running }) => running).map((sentinel) => this.primaryBy(sentinel)));
    const votes = new Map<RedisServer, number>();
    for (const answer of answers) if (answer.status === 'fulfilled') votes.set(answer.value, (votes.get(answer.value) ?? 0) + 1);
    const [most] = [...votes].sort(([, a], [, b]) => b - a);
    if (most === undefined) throw new Error('No Sentinel answers which server is the primary.');
    return most[0];
  }

  /** The primary as this Sentinel names it. */
  async primaryBy(sentinel: RedisServer): Promise<RedisServer> {
    const [host, port] = (await sentinel.command('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', PRIMARY_NAME)) as [string, string];
    const node = this.nodes.find((node) => node.host === host && node.port === Number(port));
    if (node === undefined)
      throw new Error(`The Sentinel at ${sentinel.host}:${sentinel.port} names ${host}:${port}, which is none of ours.`);
    return node;
  }

  /** Resolves to the new primary when most Sentinels name another than this one, and that one takes writes. */
  async untilPrimaryIsNot(old: RedisServer): Promise<RedisServer> {
    return until(`another primary than ${old.host}:${old.port}`, FAILOVER_MS, () => this.#primaryOtherThan(old));
  }

  /** Makes a replica the primary, as an administrator does, and resolves to it. */
  async failover(): Promise<RedisServer> {
    const old = await this.primary();
    const sentinel = this.sentinels.find(({ running }) => running);
    if (sentinel === undefined) throw new Error('No Sentinel runs.');
    const begun = () => sentinel.command('SENTINEL', 'FAILOVER', PRIMARY_NAME);
    // Just after another failover the Sentinel may not know yet which replica is good.
    await until('the Sentinel begins a failover', FAILOVER_MS, begun);
    return until(`another primary than ${old.host}:${old.port}`, FAILOVER_MS, async () => {
      const primary = await this.#primaryOtherThan(old);
      // One that it gave up it does not begin again by itself; while one is under way it refuses another.
      if (primary === undefined && (await this.primaryBy(sentinel)) === old) await begun().catch(() => {});
      return primary;
    });
  }

  /** Resolves when all servers that run follow the one primary, and every Sentinel that runs knows of all. */
  async untilHealthy(): Promise<void> {
    await until('all replicas follow, and all Sentinels know of them', READY_MS, async () => {
      const primary = await this.primary();
      const replicas = this.nodes.filter((node) => node !== primary && node.running);
      const linked = await Promise.all(replicas.map((node) => follows(node, primary)));
      const knowing = await Promise.all(this.sentinels.filter(({ running }) => running).map((sentinel) => this.#knowsAll(sentinel)));
      return [...linked, ...knowing].every(Boolean) ? true : undefined;
    });
  }

  /** Moves the clock of all servers that hold data, ms; the Sentinels live on by the system's. Only with `movableClock`. */
  advance(ms: number): void {
    this.#several.advance(ms);
  }

  stop(): Promise<void> {
    return this.#several.stop();
  }

  async #primaryOtherThan(old: RedisServer): Promise<RedisServer | undefined> {
    const primary = await this.primary();
    return primary !== old && (await role(primary)) === 'master' ? primary : undefined;
  }

  async #knowsAll(sentinel: RedisServer): Promise<boolean> {
    const fields = (await sentinel.command('SENTINEL', 'MASTER', PRIMARY_NAME)) as string[];
    const field = (name: string) => fields[fields.indexOf(name) + 1];
    const others = Number(field('num-other-sentinels')) === this.sentinels.length - 1;
    return others && Number(field('num-slaves')) === this.nodes.length - 1 && field('flags') === 'master';
  }
}

/** The primary first: the replicas must know its port. */
async function startNodes(several: Several, names: readonly string[]): Promise<readonly RedisServer[]> {
  const [first] = await several.start(names.slice(0, 1), async () => several.data({}));
  const replicas = await several.start(names.slice(1), async () => several.data({ replicaof: `${first?.host} ${first?.port}` }));
  return first === undefined ? replicas : [first, ...replicas];
}

function sentinelLines(primary: Connection | undefined, options: SentinelOptions, count: number): readonly string[] {
  const { downAfterMs = 1_000, failoverTimeoutMs = 5_000 } = options;
  const quorum = Math.floor(count / 2) + 1;
  return [
    `sentinel monitor ${PRIMARY_NAME} ${primary?.host} ${primary?.port} ${quorum}`,
    `sentinel down-after-milliseconds ${PRIMARY_NAME} ${downAfterMs}`,
    `sentinel failover-timeout ${PRIMARY_NAME} ${failoverTimeoutMs}`,
    `sentinel parallel-syncs ${PRIMARY_NAME} 10`,
    ...(primary?.password === undefined ? [] : [`sentinel auth-pass ${PRIMARY_NAME} ${primary.password}`]),
  ];
}

/** `master` or `slave`, in the words of Redis. */
async function role(node: RedisServer): Promise<string> {
  const [name] = (await node.command('ROLE')) as [string];
  return name;
}

async function follows(node: RedisServer, primary: RedisServer): Promise<boolean> {
  const info = await node.info('replication');
  return info.master_port === String(primary.port) && info.master_host === primary.host && info.master_link_status === 'up';
}

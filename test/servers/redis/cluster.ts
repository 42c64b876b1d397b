import { freePort } from '../ports.ts';
import { until } from '../until.ts';
import { hasSlot, parseClusterNodes, type SeenNode, shareSlots } from './cluster-view.ts';
import { moveSlot } from './move-slot.ts';
import type { RedisServer } from './server.ts';
import { Several, type SharedOptions } from './several.ts';

/** How to start a Cluster; times in ms. */
export interface ClusterOptions extends SharedOptions {
  /** Default 3. */
  readonly primaries?: number;
  /** Of each primary. Default 1. */
  readonly replicas?: number;
  /** After how long a silent node is thought to be down. Default 1,500; with `movableClock` ten years, so that a jump fails nothing over. */
  readonly nodeTimeoutMs?: number;
}

/** A primary with its replicas, as the Cluster sees it now. */
export interface Shard {
  readonly primary: RedisServer;
  readonly replicas: readonly RedisServer[];
}

const READY_MS = 60_000;
const FAILOVER_MS = 60_000;
/** Also while the nodes meet: they look at each other the less often the longer it is. */
const QUICK_TIMEOUT_MS = 1_500;
const TEN_YEARS_MS = 315_360_000_000;

/** A real Cluster: primaries that share the slots out, and their replicas. */
export class ClusterServers {
  readonly nodes: readonly RedisServer[];
  readonly #several: Several;
  readonly #ids = new Map<RedisServer, string>();

  private constructor(several: Several, nodes: readonly RedisServer[]) {
    this.#several = several;
    this.nodes = nodes;
  }

  /** Resolves when every node says that the Cluster works, and all replicas follow. */
  static async start(options: ClusterOptions = {}): Promise<ClusterServers> {
    const { primaries = 3, replicas = 1, movableClock = false } = options;
    const { nodeTimeoutMs = movableClock ? TEN_YEARS_MS : QUICK_TIMEOUT_MS } = options;
    const names = Array.from({ length: primaries * (1 + replicas) }, (_, at) => `redis-${at}`);
    const several = await Several.make(options, names);
    try {
      const nodes = await several.start(names, async () =>
        several.data({
          'cluster-enabled': 'yes',
          'cluster-port': String(await freePort()),
          'cluster-node-timeout': String(QUICK_TIMEOUT_MS),
          'cluster-allow-replica-migration': 'no',
          ...(movableClock ? { 'cluster-replica-validity-factor': '0' } : null),
        }),
      );
      const cluster = new ClusterServers(several, nodes);
      await cluster.#form(primaries);
      await cluster.#setNodeTimeout(nodeTimeoutMs);
      return cluster;
    } catch (error) {
      await several.stop();
      throw error;
    }
  }

  /** The id by which the Cluster knows a node. */
  idOf(node: RedisServer): string {
    const id = this.#ids.get(node);
    if (id === undefined) throw new Error(`The server at ${node.host}:${node.port} is no node of this Cluster.`);
    return id;
  }

  /** The primary that has a slot, by the newest word of all nodes that answer. */
  async ownerOf(slot: number): Promise<RedisServer> {
    const [newest] = (await this.#claims()).filter((seen) => hasSlot(seen, slot));
    if (newest === undefined) throw new Error(`No node that answers has the slot ${slot}.`);
    return this.#nodeOf(newest.id);
  }

  /** The primaries that have slots, with their replicas. */
  async shards(): Promise<readonly Shard[]> {
    const claims = await this.#claims();
    const primaries = claims.filter(({ flags, slots }) => flags.includes('master') && slots.length > 0);
    return primaries.map(({ id }) => ({
      primary: this.#nodeOf(id),
      replicas: claims.filter(({ primaryId }) => primaryId === id).map((replica) => this.#nodeOf(replica.id)),
    }));
  }

  /** Moves a slot with its keys to another primary, while clients go on. `whileOpen` runs when the slot is on its way and no key has moved. */
  async migrateSlot(slot: number, to: RedisServer, whileOpen: () => Promise<void> = async () => {}): Promise<void> {
    const from = await this.ownerOf(slot);
    const shards = await this.shards();
    const others = shards.map(({ primary }) => primary).filter((primary) => primary !== from && primary !== to);
    await moveSlot({ slot, from, to, fromId: this.idOf(from), toId: this.idOf(to), others, whileOpen });
    await until(`every node says that the slot ${slot} is at ${to.host}:${to.port}`, READY_MS, async () => {
      const views = await Promise.all(this.#running().map((node) => view(node)));
      return views.every((nodes) => nodes.some((seen) => seen.id === this.idOf(to) && hasSlot(seen, slot))) ? true : undefined;
    });
  }

  /** Makes a replica of this primary the primary, without loss, and resolves to it. */
  async failover(primary: RedisServer): Promise<RedisServer> {
    const replica = await until(`a replica of ${primary.host}:${primary.port} that follows`, FAILOVER_MS, async () => {
      const shard = (await this.shards()).find((shard) => shard.primary === primary);
      const following = await Promise.all((shard?.replicas ?? []).map(async (node) => ((await follows(node, primary)) ? node : undefined)));
      return following.find((node) => node !== undefined);
    });
    await replica.command('CLUSTER', 'FAILOVER');
    await this.untilPrimary(replica);
    return replica;
  }

  /** Resolves to the new owner of a slot when it is another than this one, and takes writes. */
  async untilOwnerIsNot(slot: number, old: RedisServer): Promise<RedisServer> {
    return until(`another owner of slot ${slot} than ${old.host}:${old.port}`, FAILOVER_MS, async () => {
      const owner = await this.ownerOf(slot);
      return owner !== old && (await owner.info('replication')).role === 'master' && (await isOk(owner)) ? owner : undefined;
    });
  }

  /** Resolves when this node is a primary in the eyes of all that run. */
  async untilPrimary(node: RedisServer): Promise<void> {
    await until(`all nodes see ${node.host}:${node.port} as a primary`, FAILOVER_MS, async () => {
      const views = await Promise.all(this.#running().map((other) => view(other)));
      const seen = views.every((nodes) => nodes.some(({ id, flags }) => id === this.idOf(node) && flags.includes('master')));
      return seen && (await isOk(node)) ? true : undefined;
    });
  }

  /** Resolves when every node that runs says that the Cluster works, and sees all that run; and when the replicas follow. */
  async untilHealthy(): Promise<void> {
    await until('all nodes say that the Cluster works, and all replicas follow', READY_MS, async () => {
      const faults = await Promise.all(this.#running().map((node) => this.#faultsOf(node)));
      if (faults.flat().length > 0) throw new Error(faults.flat().join('; '));
      return true;
    });
  }

  /** Moves the clock of all nodes, ms. Only with `movableClock`. */
  advance(ms: number): void {
    this.#several.advance(ms);
  }

  stop(): Promise<void> {
    return this.#several.stop();
  }

  #running(): readonly RedisServer[] {
    return this.nodes.filter(({ running }) => running);
  }

  #nodeOf(id: string): RedisServer {
    const node = this.nodes.find((node) => this.#ids.get(node) === id);
    if (node === undefined) throw new Error(`The Cluster has a node ${id}, which is none of ours.`);
    return node;
  }

  /** What each node that answers says of itself, the newest configuration in front. */
  async #claims(): Promise<readonly SeenNode[]> {
    const views = await Promise.allSettled(this.#running().map((node) => view(node)));
    const selves = views.flatMap((result) =>
      result.status === 'fulfilled' ? result.value.filter(({ flags }) => flags.includes('myself')) : [],
    );
    return selves.sort((a, b) => b.configEpoch - a.configEpoch);
  }

  /** Every node meets every other, so that none must wait for gossip. */
  async #form(primaries: number): Promise<void> {
    for (const node of this.nodes) this.#ids.set(node, String(await node.command('CLUSTER', 'MYID')));
    const shares = shareSlots(primaries);
    const busPorts = await Promise.all(
      this.nodes.map(async (node) => ((await node.command('CONFIG', 'GET', 'cluster-port')) as string[])[1] ?? ''),
    );
    for (const [at, node] of this.nodes.entries()) {
      await node.command('CLUSTER', 'SET-CONFIG-EPOCH', at + 1);
      const [first, last] = shares[at] ?? [];
      if (first !== undefined && last !== undefined) await node.command('CLUSTER', 'ADDSLOTSRANGE', first, last);
    }
    for (const [at, node] of this.nodes.entries()) {
      for (const [to, other] of this.nodes.entries()) {
        if (to > at) await node.command('CLUSTER', 'MEET', other.host, other.port, busPorts[to] ?? '');
      }
    }
    for (const [at, node] of this.nodes.entries()) {
      const primary = this.nodes[at % primaries];
      if (at < primaries || primary === undefined) continue;
      await until(`${node.host}:${node.port} has met its primary`, READY_MS, () =>
        node.command('CLUSTER', 'REPLICATE', this.idOf(primary)),
      );
    }
    await this.untilHealthy();
  }

  /** Kept in the nodes' configuration, so that they have it after a restart too. */
  async #setNodeTimeout(ms: number): Promise<void> {
    for (const node of this.nodes) {
      await node.command('CONFIG', 'SET', 'cluster-node-timeout', ms);
      await node.command('CONFIG', 'REWRITE');
    }
  }

  /** What is wrong with the Cluster in this node's eyes. */
  async #faultsOf(node: RedisServer): Promise<readonly string[]> {
    const name = `${node.host}:${node.port}`;
    const seen = new Map((await view(node)).map((other) => [other.id, other]));
    const unseen = this.#running().flatMap((other) => {
      const entry = seen.get(this.idOf(other));
      const isSeen =
        entry !== undefined && (other === node || entry.connected) && !entry.flags.some((flag) => /fail|handshake|noaddr/.test(flag));
      return isSeen ? [] : [`${name} sees ${other.host}:${other.port} as ${entry?.flags.join(',') ?? 'nothing'}`];
    });
    const replication = await node.info('replication');
    const isLinked = replication.role === 'master' || replication.master_link_status === 'up';
    return [
      ...((await isOk(node)) ? [] : [`${name} says that the Cluster does not work`]),
      ...unseen,
      ...(isLinked ? [] : [`${name} does not follow ${replication.master_host}:${replication.master_port}`]),
    ];
  }
}

async function view(node: RedisServer): Promise<readonly SeenNode[]> {
  return parseClusterNodes(String(await node.command('CLUSTER', 'NODES')));
}

async function isOk(node: RedisServer): Promise<boolean> {
  return /cluster_state:ok/.test(String(await node.command('CLUSTER', 'INFO')));
}

async function follows(node: RedisServer, primary: RedisServer): Promise<boolean> {
  const { master_host: host, master_port: port, master_link_status: link } = await node.info('replication');
  return host === primary.host && port === String(primary.port) && link === 'up';
}

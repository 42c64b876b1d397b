import type { RedisNode } from './node.ts';
import type { Address } from './options.ts';
import { parseSlots, type SlotTable } from './slots.ts';
import type { Topology } from './topology.ts';

/** What a ClusterTopology needs; times in ms. */
export interface ClusterDeps {
  readonly seeds: readonly Address[];
  readonly makeNode: (address: Address) => RedisNode;
  /** Slots have other nodes now. */
  readonly changed: () => void;
  /** From 0 up to 1. */
  readonly random: () => number;
}

const ROUTINE_MS = 30_000;
const URGENT_MS = 250;

/**
 * A Redis Cluster: its map of slots is asked of any node that answers; now and then, and soon after a sign that it has changed
 * (a slot elsewhere, a node that doesn't answer). Nodes are kept while they have slots; the given ones always, as the way back in.
 */
export class ClusterTopology implements Topology {
  readonly #deps: ClusterDeps;
  readonly #nodes = new Map<string, RedisNode>();
  readonly #seeds: ReadonlySet<string>;
  #table: SlotTable = [];
  #owners = new Map<string, RedisNode>();
  readonly isSingle = false;
  #isComplete = false;
  #isAsking = false;
  #timer: NodeJS.Timeout | null = null;
  #dueAt = Number.POSITIVE_INFINITY;
  #closed = false;

  constructor(deps: ClusterDeps) {
    this.#deps = deps;
    this.#seeds = new Set(deps.seeds.map(textOf));
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  get owners(): Iterable<RedisNode> {
    return this.#owners.values();
  }

  start(): void {
    for (const seed of this.#seeds) this.nodeAt(seed);
  }

  nodeOf(slot: number): RedisNode | null {
    const address = this.#table[slot];
    return address === undefined ? null : (this.#owners.get(address) ?? null);
  }

  nodeAt(address: string): RedisNode | null {
    const known = this.#nodes.get(address);
    if (known !== undefined || this.#closed) return known ?? null;
    const node = this.#deps.makeNode(addressOf(address));
    this.#nodes.set(address, node);
    node.start();
    return node;
  }

  refresh(): void {
    this.#schedule(URGENT_MS * (0.5 + this.#deps.random() / 2));
  }

  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const node of this.#nodes.values()) node.close();
  }

  /** The earliest of what was asked for counts. */
  #schedule(ms: number): void {
    const dueAt = performance.now() + ms;
    if (this.#closed || dueAt >= this.#dueAt) return;
    this.#dueAt = dueAt;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#due(), ms);
    this.#timer.unref();
  }

  #due(): void {
    if (!this.#isAsking) void this.#refresh();
    else {
      this.#dueAt = Number.POSITIVE_INFINITY;
      this.refresh();
    }
  }

  async #refresh(): Promise<void> {
    this.#isAsking = true;
    // A sign of a change that comes from now on may be newer than the answer: it is asked for again.
    this.#dueAt = Number.POSITIVE_INFINITY;
    const found = await this.#ask();
    this.#isAsking = false;
    if (this.#closed) return;
    if (found !== null) this.#take(found);
    const isWell = found !== null && this.#isComplete && [...this.#owners.values()].every(({ isUp }) => isUp);
    this.#schedule(isWell ? ROUTINE_MS * (0.75 + this.#deps.random() / 2) : 2 * URGENT_MS);
  }

  /** The map as the first node says that answers, in random order: one that was cut off may have an old one, and is not asked each time. */
  async #ask(): Promise<SlotTable | null> {
    const up = [...this.#nodes.entries()].filter(([, { isUp }]) => isUp);
    const order = up.map((entry) => ({ entry, at: this.#deps.random() })).sort((a, b) => a.at - b.at);
    for (const { entry } of order) {
      const [address, node] = entry;
      try {
        const table = parseSlots(await node.slots(), addressOf(address).host);
        if (table !== null) return table;
      } catch {
        // The next one is asked; that it doesn't answer is told by the node itself.
      }
    }
    return null;
  }

  #take(table: SlotTable): void {
    const addresses = new Set(table);
    const isComplete = !addresses.has(undefined);
    const isSame = this.#table.length === table.length && table.every((address, slot) => address === this.#table[slot]);
    this.#isComplete = isComplete;
    if (isSame) return;
    this.#table = table;
    this.#owners = new Map();
    for (const address of addresses) {
      const node = address === undefined ? null : this.nodeAt(address);
      if (address !== undefined && node !== null) this.#owners.set(address, node);
    }
    for (const [address, node] of this.#nodes) {
      if (this.#owners.has(address) || this.#seeds.has(address)) continue;
      this.#nodes.delete(address);
      node.close();
    }
    this.#deps.changed();
  }
}

const textOf = ({ host, port }: Address): string => `${host}:${port}`;

/** Reads host:port; the host may be an IPv6 address, which has colons itself. */
function addressOf(text: string): Address {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
}

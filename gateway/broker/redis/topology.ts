import type { RedisNode } from './node.ts';

/** Which node has which slot. */
export interface Topology {
  /** Connects. */
  start(): void;
  /** The node that has the slot; null while that is not known. */
  nodeOf(slot: number): RedisNode | null;
  /** The node at this address (host:port), which a server named. */
  nodeAt(address: string): RedisNode | null;
  /** What is known is out of date. */
  refresh(): void;
  /** All slots have a node. */
  readonly isComplete: boolean;
  /** One node has all keys, whatever happens: a script may use several. */
  readonly isSingle: boolean;
  /** The nodes that have slots. */
  readonly owners: Iterable<RedisNode>;
  close(): void;
}

/** One server, or one primary behind Sentinels: it has every slot. */
export class SingleTopology implements Topology {
  readonly isComplete = true;
  readonly isSingle = true;
  readonly owners: readonly RedisNode[];
  readonly #node: RedisNode;

  constructor(node: RedisNode) {
    this.#node = node;
    this.owners = [node];
  }

  start(): void {
    this.#node.start();
  }

  nodeOf(): RedisNode {
    return this.#node;
  }

  nodeAt(): RedisNode {
    return this.#node;
  }

  refresh(): void {}

  close(): void {
    this.#node.close();
  }
}

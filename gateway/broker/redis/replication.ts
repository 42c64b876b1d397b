import { type Answer, CallFailed } from './caller.ts';
import type { RedisNode } from './node.ts';

/** Waits that are under way at a node, and those that come too late for the present one. */
interface Gate {
  current: Promise<number> | null;
  next: Promise<number> | null;
}

/**
 * Confirms that a replica has what a script wrote. WAIT tells of everything that its connection has written before, so one serves all
 * scripts answered before it was sent; those that come while one is under way share the next.
 */
export class Replication {
  readonly #timeoutMs: number;
  readonly #gates = new WeakMap<RedisNode, Gate>();

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Resolves when a replica has it. Rejects with CallFailed when none had it in time, or the connection that wrote it is gone: then nobody can tell. */
  async confirm({ node, generation }: Answer): Promise<void> {
    let replicas: number;
    try {
      replicas = await this.#wait(node);
    } catch {
      replicas = -1;
    }
    if (replicas < 0 || node.generation !== generation) {
      const text = `Redis at ${node.name}: the connection broke before a replica confirmed.`;
      throw new CallFailed({ kind: 'connection', retry: true, text });
    }
    if (replicas < 1) {
      const text = `No replica of Redis at ${node.name} confirmed within ${this.#timeoutMs} ms: look after its replicas, or lower spec.broker.durability to acknowledged.`;
      throw new CallFailed({ kind: 'replicas', retry: true, text });
    }
  }

  #wait(node: RedisNode): Promise<number> {
    let gate = this.#gates.get(node);
    if (gate === undefined) {
      gate = { current: null, next: null };
      this.#gates.set(node, gate);
    }
    if (gate.current === null) return this.#begin(gate, node);
    const { current } = gate;
    gate.next ??= current
      .catch(() => 0)
      .then(() => {
        (gate as Gate).next = null;
        return this.#begin(gate as Gate, node);
      });
    return gate.next;
  }

  #begin(gate: Gate, node: RedisNode): Promise<number> {
    const wait = node.wait(this.#timeoutMs);
    const ended = () => {
      if (gate.current === wait) gate.current = null;
    };
    gate.current = wait;
    wait.then(ended, ended);
    return wait;
  }
}

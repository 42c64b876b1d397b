import { type Answer, CallFailed } from './caller.ts';
import type { Failure } from './failure.ts';
import type { RedisNode } from './node.ts';

/** No replica had it in time, though the primary has it: waiting on would be in vain. */
export class Unconfirmed extends CallFailed {}

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
  readonly #failed: (node: RedisNode, failure: Failure) => void;
  readonly #gates = new WeakMap<RedisNode, Gate>();

  /** `failed` hears of each wait that was in vain. */
  constructor(timeoutMs: number, failed: (node: RedisNode, failure: Failure) => void) {
    this.#timeoutMs = timeoutMs;
    this.#failed = failed;
  }

  /** Resolves when a replica has it. Rejects with Unconfirmed when none had it in time, and with CallFailed when the connection that wrote it is gone: then nobody can tell. */
  async confirm({ node, generation }: Answer): Promise<void> {
    let replicas: number;
    try {
      replicas = await this.#wait(node);
    } catch {
      replicas = -1;
    }
    if (replicas < 0 || node.generation !== generation) {
      throw new CallFailed(
        this.#failure(node, { kind: 'connection', retry: true, text: 'The connection broke before a replica confirmed.' }),
      );
    }
    if (replicas < 1) {
      const text = `No replica confirmed within ${this.#timeoutMs} ms: look after its replicas, or lower spec.broker.durability to acknowledged.`;
      throw new Unconfirmed(this.#failure(node, { kind: 'replicas', retry: true, text }));
    }
  }

  #failure(node: RedisNode, failure: Failure): Failure {
    this.#failed(node, failure);
    return { ...failure, text: `Redis at ${node.name}: ${failure.text}` };
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

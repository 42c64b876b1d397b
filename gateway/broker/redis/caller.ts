import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerUnavailable } from '../broker.ts';
import type { BrokerTelemetry } from '../telemetry.ts';
import { type Failure, failureOf } from './failure.ts';
import { slotOf } from './keys.ts';
import type { RedisNode } from './node.ts';
import type { Reporter } from './reporter.ts';
import type { Script } from './scripts.ts';
import type { Topology } from './topology.ts';

/** One run of a script. */
export interface Call {
  readonly script: Script;
  /** At least one; several only where one node has them all. */
  readonly keys: readonly [string, ...string[]];
  readonly args: readonly (string | number)[];
  /** What listeners listen to: they are told there what the script could not tell. */
  readonly listenKey: string;
}

/** What a caller needs. Times are ms. */
export interface CallerDeps {
  readonly topology: Topology;
  readonly reporter: Reporter;
  readonly telemetry: BrokerTelemetry;
  /** Monotonic. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

/** A reply without what was not told, and who gave it on which connection. */
export interface Answer {
  readonly values: readonly unknown[];
  readonly node: RedisNode;
  readonly generation: number;
}

/** A call failed in a way that was told already; `retry`: the same may succeed later. */
export class CallFailed extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.text);
    this.failure = failure;
  }
}

const PAUSE_MS = { first: 20, most: 500 } as const;

/** Runs scripts where their keys are, and again where they may succeed later. */
export class Caller {
  readonly #deps: CallerDeps;
  readonly #waiters = new Set<() => void>();
  /** Gives up what is awaited in time. */
  readonly #givingUp = new Set<() => void>();
  #closed = false;

  constructor(deps: CallerDeps) {
    this.#deps = deps;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Something changed for the better: calls that wait for a node are tried again. */
  wake(): void {
    for (const waiter of this.#waiters) waiter();
  }

  close(): void {
    this.#closed = true;
    this.wake();
    for (const giveUp of this.#givingUp) giveUp();
  }

  /** Runs a script, again and again until `deadline` (monotonic, ms) where that may help. Rejects with BrokerUnavailable, or an Error that no retry heals. */
  call(call: Call, deadline: number): Promise<readonly unknown[]> {
    let last = 'Redis did not answer in time.';
    const tries = async (): Promise<readonly unknown[]> => {
      for (let attempt = 0; ; attempt++) {
        try {
          return (await this.once(call)).values;
        } catch (error) {
          if (!(error instanceof CallFailed)) throw error;
          if (!error.failure.retry) throw new Error(error.message);
          last = error.message;
          if (!(await this.rest(call.keys[0], attempt, deadline))) throw this.unavailable(last);
        }
      }
    };
    return this.inTime(tries(), deadline, () => last);
  }

  /** Resolves as `doing` does. Rejects with BrokerUnavailable at `deadline` (monotonic, ms), with this text, or when the caller is closed. */
  inTime<T>(doing: Promise<T>, deadline: number, text: () => string): Promise<T> {
    return new Promise((resolve, reject) => {
      const done = () => {
        clearTimeout(timer);
        this.#givingUp.delete(giveUp);
      };
      const giveUp = () => {
        done();
        reject(this.unavailable(text()));
      };
      const timer = setTimeout(giveUp, Math.max(0, deadline - this.#deps.now()));
      this.#givingUp.add(giveUp);
      doing.then(resolve, reject).finally(done);
    });
  }

  /** Runs a script where its key is, wherever servers send it; rejects with CallFailed. */
  async once(call: Call): Promise<Answer> {
    const { topology } = this.#deps;
    if (this.#closed) throw this.unavailable('');
    const node = topology.nodeOf(slotOf(call.keys[0]));
    if (node === null || !node.isUp) {
      const text = node === null ? 'Redis: no node is known for this slot.' : `Redis at ${node.name} is not connected.`;
      throw new CallFailed({ kind: 'connection', retry: true, text });
    }
    try {
      return await this.#run(node, call);
    } catch (error) {
      const failure = failureOf(error);
      if (failure.kind === 'ask' && failure.address !== undefined) return this.#ask(node, failure.address, call);
      if (failure.kind === 'moved' || failure.kind === 'cluster-down') topology.refresh();
      throw this.#failed(node, failure);
    }
  }

  /** Waits before the next try: until a node that was missing is up, else a growing pause with jitter. False when there is no time left. */
  async rest(key: string, attempt: number, deadline: number): Promise<boolean> {
    const { topology, now, random } = this.#deps;
    const leftMs = deadline - now();
    if (leftMs <= 0 || this.#closed) return false;
    const isUp = topology.nodeOf(slotOf(key))?.isUp === true;
    if (isUp) await sleep(Math.min(leftMs, PAUSE_MS.most, PAUSE_MS.first * 2 ** attempt) * (0.5 + random() / 2));
    else await this.#woken(leftMs, PAUSE_MS.most * random());
    return !this.#closed && now() < deadline;
  }

  /** Tells those who listen, at most once, when the node is there. */
  tell(key: string, text: string): void {
    this.#deps.topology.nodeOf(slotOf(key))?.tell(key, text);
  }

  unavailable(text: string): BrokerUnavailable {
    return new BrokerUnavailable(this.#closed ? 'The broker is closed.' : text);
  }

  async #run(node: RedisNode, { script, keys, args }: Call): Promise<Answer> {
    const { generation } = node;
    this.#deps.telemetry.scripts++;
    try {
      return answer(await node.run(script, keys, ['1', ...args]), node, generation);
    } catch (error) {
      if (failureOf(error).kind !== 'no-script') throw error;
      await node.loadScripts();
      this.#deps.telemetry.scripts++;
      return answer(await node.run(script, keys, ['1', ...args]), node, generation);
    }
  }

  /** The channel lies on its slot's next node already, while all still listen at the present one: they are told there. */
  async #ask(owner: RedisNode, address: string, { script, keys, args, listenKey }: Call): Promise<Answer> {
    // Without a host: the one that answered.
    const node = this.#deps.topology.nodeAt(address.startsWith(':') ? owner.name.replace(/:\d+$/, address) : address);
    if (node?.isUp !== true) {
      throw new CallFailed({ kind: 'moved', retry: true, text: `Redis at ${address}, which takes over a slot, is not connected yet.` });
    }
    const { generation } = node;
    try {
      this.#deps.telemetry.scripts++;
      const reply = await node.runAsking(script, keys, ['0', ...args]);
      for (const untold of (reply as [string[]])[0]) owner.tell(listenKey, untold);
      return answer(reply, node, generation);
    } catch (error) {
      const failure = failureOf(error);
      if (failure.kind === 'no-script') await node.loadScripts().catch(() => undefined);
      throw this.#failed(node, failure);
    }
  }

  #failed(node: RedisNode, failure: Failure): CallFailed {
    this.#deps.reporter.failed(node.name, failure);
    return new CallFailed({ ...failure, text: `Redis at ${node.name}: ${failure.text}` });
  }

  /** Resolves when woken, and after a while at the latest; when woken a random moment later, so that all who wait don't call at once. */
  async #woken(leftMs: number, jitterMs: number): Promise<void> {
    const wasWoken = await new Promise<boolean>((resolve) => {
      const done = (woken: boolean) => {
        clearTimeout(timer);
        this.#waiters.delete(wake);
        resolve(woken);
      };
      const wake = () => done(true);
      const timer = setTimeout(() => done(false), leftMs);
      this.#waiters.add(wake);
    });
    if (wasWoken && !this.#closed) await sleep(Math.min(leftMs, jitterMs));
  }
}

function answer(reply: unknown, node: RedisNode, generation: number): Answer {
  return { values: typeof reply === 'string' ? [reply] : (reply as unknown[]).slice(1), node, generation };
}

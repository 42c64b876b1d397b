import { ReplyError } from 'ioredis';
import type { RedisNode } from '../../../../../gateway/broker/redis/node.ts';
import { SCRIPTS, type Script } from '../../../../../gateway/broker/redis/scripts.ts';
import type { Topology } from '../../../../../gateway/broker/redis/topology.ts';

/** One run of a script that a node was asked for. */
export interface Run {
  readonly script: keyof typeof SCRIPTS;
  readonly key: string;
  /** Those after the first. */
  readonly otherKeys: readonly string[];
  /** Without the one that says who tells the listeners. */
  readonly args: readonly (string | number)[];
  readonly tellsItself: boolean;
  readonly asking: boolean;
}

/** What a server answers with an error. */
export const said = (message: string): Error => new ReplyError(message);
/** What a client says of a connection that broke. */
export const broken = (): Error => new Error('The connection broke.');

/** A node without a server: a test says what it answers, and sees what it was asked. */
export class FakeNode implements Pick<RedisNode, keyof RedisNode> {
  readonly name: string;
  isUp = true;
  isLive = true;
  generation = 0;
  /** How it answers runs of scripts; what it throws is the server's or the connection's error. */
  answer: (run: Run) => unknown = () => [[]];
  /** How it answers WAIT. */
  replicas: () => number | Promise<number> = () => 1;
  /** How it answers CLUSTER SLOTS. */
  slotsAnswer: () => unknown = () => [];
  /** Throws or rejects for a subscription that it refuses. */
  admit: (key: string) => void | Promise<void> = () => {};
  readonly runs: Run[] = [];
  readonly told: (readonly [key: string, text: string])[] = [];
  /** What it delivers live, and has told so. */
  readonly subscribed = new Set<string>();
  /** `+key` and `-key` as they were asked for. */
  readonly subscribing: string[] = [];
  readonly does = { start: 0, close: 0, listen: 0, loadScripts: 0, slots: 0, wait: 0 };

  constructor(name = 'r:1') {
    this.name = name;
  }

  /** As the broker's parts take it: all that they use of a node is here. */
  get node(): RedisNode {
    return this as unknown as RedisNode;
  }

  /** Its connections break. */
  goDown(): void {
    this.isUp = false;
    this.isLive = false;
    this.generation++;
    this.subscribed.clear();
  }

  start(): void {
    this.does.start++;
  }

  close(): void {
    this.does.close++;
    this.goDown();
  }

  run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    return this.#run(script, keys, args, false);
  }

  runAsking(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    return this.#run(script, keys, args, true);
  }

  async loadScripts(): Promise<void> {
    this.does.loadScripts++;
  }

  async wait(): Promise<number> {
    this.does.wait++;
    return this.replicas();
  }

  tell(key: string, text: string): void {
    this.told.push([key, text]);
  }

  async slots(): Promise<unknown> {
    this.does.slots++;
    return this.slotsAnswer();
  }

  listen(): void {
    this.does.listen++;
  }

  async subscribe(key: string): Promise<void> {
    this.subscribing.push(`+${key}`);
    await this.admit(key);
    this.subscribed.add(key);
  }

  async unsubscribe(key: string): Promise<void> {
    this.subscribing.push(`-${key}`);
    this.subscribed.delete(key);
  }

  async #run(
    { sha }: Script,
    [key = '', ...otherKeys]: readonly string[],
    [tells, ...args]: readonly (string | number)[],
    asking: boolean,
  ): Promise<unknown> {
    const found = Object.entries(SCRIPTS).find(([, script]) => script.sha === sha);
    if (found === undefined) throw new Error(`no script ${sha}`);
    const run: Run = { script: found[0] as Run['script'], key, otherKeys, args, tellsItself: tells === '1', asking };
    this.runs.push(run);
    return this.answer(run);
  }
}

/** A topology that a test changes: all slots are at `owner`. */
export class FakeTopology implements Topology {
  owner: FakeNode | null;
  refreshes = 0;
  readonly isSingle = true;
  readonly others = new Map<string, FakeNode>();

  constructor(owner: FakeNode | null) {
    this.owner = owner;
  }

  get isComplete(): boolean {
    return this.owner !== null;
  }

  get owners(): RedisNode[] {
    return this.owner === null ? [] : [this.owner.node];
  }

  start(): void {}

  nodeOf(): RedisNode | null {
    return this.owner?.node ?? null;
  }

  nodeAt(address: string): RedisNode | null {
    return this.others.get(address)?.node ?? null;
  }

  refresh(): void {
    this.refreshes++;
  }

  close(): void {}
}

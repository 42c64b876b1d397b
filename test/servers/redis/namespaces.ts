import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { promisify } from 'node:util';
import { networkTools } from '../install.ts';
import { undoAtExit } from '../leftovers.ts';
import { Namespace } from './namespace.ts';
import { namePrefix, removeNetwork, removeNetworksOfTheDead } from './network-cleanup.ts';

const run = promisify(execFile);

const MAX_NAMESPACES = 99;
const TRIES = 10;

interface Tools {
  readonly ip: string;
  readonly nft: string;
}

/** Network namespaces on one bridge in a private network 10.231.x.0/24; processes outside of them are the bridge's own address to those inside. */
export class Namespaces {
  /** By which those inside reach processes outside, and by which they are seen. */
  readonly hostAddress: string;
  readonly #tools: Tools;
  readonly #prefix: string;
  readonly #network: string;
  readonly #namespaces: Namespace[] = [];
  readonly #forget: () => void;
  #stopped = false;

  private constructor(tools: Tools, prefix: string, network: string) {
    this.#tools = tools;
    this.#prefix = prefix;
    this.#network = network;
    this.hostAddress = `${network}.1`;
    this.#forget = undoAtExit(() => removeNetwork(tools.ip, prefix));
  }

  /** Why this process can't make any, in one line; `undefined` when it can. */
  static async whyNot(): Promise<string | undefined> {
    if (process.platform !== 'linux') return 'Network namespaces exist on Linux only.';
    if (process.getuid?.() !== 0) return 'Network namespaces need root: run this as root.';
    try {
      const namespaces = await Namespaces.make();
      try {
        await (await namespaces.add('probe')).cut();
      } finally {
        await namespaces.stop();
      }
      return undefined;
    } catch (error) {
      return `Network namespaces can't be made here: ${error instanceof Error ? error.message.trim().replaceAll('\n', ' ') : error}`;
    }
  }

  /** Makes the bridge, after it has removed what a run that was killed left behind. */
  static async make(): Promise<Namespaces> {
    const tools = await networkTools();
    removeNetworksOfTheDead(tools.ip);
    for (let tries = 1; ; tries++) {
      const network = `10.231.${randomInt(256)}`;
      const mark = randomInt(36 ** 2)
        .toString(36)
        .padStart(2, '0');
      const namespaces = new Namespaces(tools, `${namePrefix(process.pid)}${mark}`, network);
      if (await namespaces.#take()) return namespaces;
      await namespaces.stop();
      if (tries === TRIES) throw new Error(`No network of 10.231.0.0/16 is free: ${TRIES} were tried.`);
    }
  }

  /** A new one, with the next address. Its `before` and `address` make it the place of a server. */
  async add(name: string): Promise<Namespace> {
    const at = this.#namespaces.length;
    if (at === MAX_NAMESPACES) throw new Error(`There are ${MAX_NAMESPACES} namespaces already: the network has no address for "${name}".`);
    const { ip } = this.#tools;
    const outside = `${this.#prefix}.${at}`;
    const namespace = new Namespace({
      name: `${this.#prefix}-${name}`,
      address: `${this.#network}.${at + 2}`,
      link: 'eth0',
      ...this.#tools,
    });
    this.#namespaces.push(namespace);
    await run(ip, ['netns', 'add', namespace.name]);
    await run(ip, ['link', 'add', outside, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace.name]);
    await run(ip, ['link', 'set', outside, 'master', this.#prefix, 'up']);
    await run(ip, ['-n', namespace.name, 'addr', 'add', `${namespace.address}/24`, 'dev', 'eth0']);
    await run(ip, ['-n', namespace.name, 'link', 'set', 'eth0', 'up']);
    await run(ip, ['-n', namespace.name, 'link', 'set', 'lo', 'up']);
    await run(ip, ['-n', namespace.name, 'route', 'add', 'default', 'via', this.hostAddress]);
    return namespace;
  }

  /** Removes all of them with the bridge, and kills what still runs inside. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#forget();
    removeNetwork(this.#tools.ip, this.#prefix);
  }

  /** Makes the bridge, unless the network is in use. Another process may take it at the same time: then both see that, and both go. */
  async #take(): Promise<boolean> {
    if ((await this.#users()) > 0) return false;
    const { ip } = this.#tools;
    await run(ip, ['link', 'add', this.#prefix, 'type', 'bridge']);
    await run(ip, ['addr', 'add', `${this.hostAddress}/24`, 'dev', this.#prefix]);
    await run(ip, ['link', 'set', this.#prefix, 'up']);
    return (await this.#users()) === 1;
  }

  /** How many of this machine's links have an address in the network. */
  async #users(): Promise<number> {
    const { stdout } = await run(this.#tools.ip, ['-o', '-4', 'addr']);
    return stdout.split(`inet ${this.#network}.`).length - 1;
  }
}

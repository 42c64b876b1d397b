import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Place } from './server.ts';

const run = promisify(execFile);

/** How late what waits at a narrow link may be before it is dropped. */
const NARROW_QUEUE = '10s';

/** What a namespace is made of. */
export interface NamespaceParts {
  readonly name: string;
  readonly address: string;
  /** Its end of the link to the bridge. */
  readonly link: string;
  readonly ip: string;
  readonly nft: string;
}

/** A network namespace with an address of its own: a machine, as far as the network can tell. Its packets can be dropped, to and from all or some others. */
export class Namespace implements Place {
  readonly name: string;
  readonly address: string;
  readonly before: readonly string[];
  readonly #parts: NamespaceParts;
  readonly #cutFrom = new Set<string>();
  #cutOff = false;
  #lossPermille = 0;

  constructor(parts: NamespaceParts) {
    this.#parts = parts;
    this.name = parts.name;
    this.address = parts.address;
    this.before = [parts.ip, 'netns', 'exec', parts.name];
  }

  /** Drops all packets to and from these addresses, or all others. Connections stay open on both sides, and nothing comes through. */
  async cut(from?: readonly string[]): Promise<void> {
    if (from === undefined) this.#cutOff = true;
    else for (const address of from) this.#cutFrom.add(address);
    await this.#applyRules();
  }

  /** Drops this share of the packets that come and of those that go, in percent. */
  async lose(percent: number): Promise<void> {
    this.#lossPermille = Math.round(percent * 10);
    await this.#applyRules();
  }

  /** Lets so many kilobits a second out, so that a stream of data is late. */
  async narrow(kilobitsPerSecond: number): Promise<void> {
    const limit = ['tbf', 'rate', `${kilobitsPerSecond}kbit`, 'burst', '4kb', 'latency', NARROW_QUEUE];
    await this.exec('tc', 'qdisc', 'replace', 'dev', this.#parts.link, 'root', ...limit);
  }

  /** All packets come through again, at once. */
  async heal(): Promise<void> {
    this.#cutFrom.clear();
    this.#cutOff = false;
    this.#lossPermille = 0;
    await this.#applyRules();
    // There is nothing to remove when the link was never narrow.
    await this.exec('tc', 'qdisc', 'del', 'dev', this.#parts.link, 'root').catch(() => {});
  }

  /** Runs a command inside to its end, and answers what it printed. */
  async exec(program: string, ...args: readonly string[]): Promise<string> {
    const [ip = '', ...rest] = this.before;
    const { stdout } = await run(ip, [...rest, program, ...args]);
    return stdout;
  }

  /** All rules at once, so that no packet slips through between two of them. */
  async #applyRules(): Promise<void> {
    const drop = (direction: 'saddr' | 'daddr') => [
      ...(this.#cutOff ? ['drop'] : []),
      ...[...this.#cutFrom].map((address) => `ip ${direction} ${address} drop`),
      ...(this.#lossPermille > 0 ? [`numgen random mod 1000 < ${this.#lossPermille} drop`] : []),
    ];
    const chain = (name: 'input' | 'output', own: string, rules: readonly string[]) =>
      `chain ${name} { type filter hook ${name} priority 0; policy accept; ${[`${own} lo accept`, ...rules].join('; ')}; }`;
    const table = [chain('input', 'iif', drop('saddr')), chain('output', 'oif', drop('daddr'))].join('\n');
    await this.exec(this.#parts.nft, `table inet faults {}\ndelete table inet faults\ntable inet faults {\n${table}\n}`);
  }
}

import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Child } from '../child.ts';
import { redisServerPath } from '../install.ts';
import { makeFolder } from '../leftovers.ts';
import { freePort } from '../ports.ts';
import { type Certificate, makeCertificate } from '../tls.ts';
import { type Command, type Connection, callOnce, untilReady } from './admin.ts';
import { MovableClock } from './clock.ts';
import { type Access, accessLines, aclLines, listening, type Persistence, settingLines, storing } from './config.ts';

/** Where a server runs: an address, and the command that brings a program there. */
export interface Place {
  readonly address: string;
  readonly before: readonly string[];
}

/** How to start a server; without more: no persistence, no password, a free port of 127.0.0.1. */
export interface ServerOptions extends Access {
  readonly port?: number;
  /** A folder that stands already and is left standing; without it, one that `stop` removes. */
  readonly folder?: string;
  readonly persistence?: Persistence;
  /** Further lines of its configuration. */
  readonly config?: Readonly<Record<string, string>>;
  /** `true`: a certificate of its own. */
  readonly tls?: boolean | Certificate;
  /** `true`: a clock of its own; or one that several servers share. */
  readonly movableClock?: boolean | MovableClock;
  readonly namespace?: Place;
  /** It is a Sentinel: these lines follow those that say where it listens, and nothing is stored. */
  readonly sentinel?: readonly string[];
}

const LOOPBACK: Place = { address: '127.0.0.1', before: [] };
const START_TIMEOUT_MS = 20_000;
const START_TRIES = 5;
/** A server that goes for good has nothing to save; one that is restarted has. */
const STOP_MS = 1_000;
const RESTART_MS = 10_000;

/** What a server is made of, once. */
interface Parts {
  readonly place: Place;
  readonly port: number;
  readonly folder: string;
  readonly ownFolder: boolean;
  readonly args: readonly string[];
  readonly clock: MovableClock | undefined;
  readonly certificate: Certificate | undefined;
  readonly password: string | undefined;
}

/** One real Redis server, as a process of its own with its data in a folder of its own. */
export class RedisServer {
  readonly host: string;
  readonly port: number;
  readonly folder: string;
  readonly #parts: Parts;
  #child: Child;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.host = parts.place.address;
    this.port = parts.port;
    this.folder = parts.folder;
    this.#child = this.#launch();
  }

  /** Resolves when it answers and has loaded its data; rejects with its log when it doesn't start. */
  static async start(options: ServerOptions = {}): Promise<RedisServer> {
    for (let tries = 1; ; tries++) {
      const server = new RedisServer(await prepare(options));
      try {
        await server.#ready();
        return server;
      } catch (error) {
        await server.stop();
        // Between the look for a free port and its use, another took it.
        const taken = options.port === undefined && /already in use/.test(String(error));
        if (!taken || tries === START_TRIES) throw error;
      }
    }
  }

  /** How a client connects as the user `default`. */
  get connection(): Connection {
    const { certificate, password } = this.#parts;
    return {
      host: this.host,
      port: this.port,
      ...(password === undefined ? null : { password }),
      ...(certificate === undefined ? null : { tls: { ca: certificate.ca } }),
    };
  }

  /** The same as a URL. */
  get url(): string {
    const { certificate, password } = this.#parts;
    const login = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
    return `${certificate === undefined ? 'redis' : 'rediss'}://${login}${this.host}:${this.port}`;
  }

  /** With TLS: the file of the authority that clients must trust. */
  get caFile(): string | undefined {
    return this.#parts.certificate?.certFile;
  }

  get pid(): number {
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#child.running;
  }

  /** What the process printed since it was last started. */
  get log(): string {
    return this.#child.output();
  }

  /** One command over a connection of its own; its reply comes in the shapes of RESP2. */
  async command(...command: Command): Promise<unknown> {
    const [reply] = await callOnce(this.connection, [command]);
    return reply;
  }

  /** Several commands over one connection, as `WAIT` needs it: it waits for what its own connection wrote. */
  commands(...commands: readonly Command[]): Promise<readonly unknown[]> {
    return callOnce(this.connection, commands);
  }

  /** The fields of a section of `INFO`. */
  async info(section: string): Promise<Readonly<Record<string, string>>> {
    const lines = String(await this.command('INFO', section)).split('\r\n');
    const fields = lines.filter((line) => line.includes(':') && !line.startsWith('#'));
    return Object.fromEntries(fields.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
  }

  /** Moves its wall clock forward, ms, while it goes on serving. Only with `movableClock`. */
  advance(ms: number): void {
    const { clock } = this.#parts;
    if (clock === undefined) throw new Error('This server lives by the clock of the system: start it with movableClock.');
    clock.advance(ms);
  }

  /** Ends it at once: what it had not written to its disk is lost. */
  async kill9(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#child.ended;
  }

  /** Starts it again, after it was ended or ending it first: same folder, port and configuration, so it has what it had stored. */
  async restart(): Promise<void> {
    await this.#end(RESTART_MS);
    this.#child = this.#launch();
    await this.#ready();
  }

  /** It stands still: connections stay open, and nothing is answered. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  /** Ends it and removes its folder. */
  async stop(): Promise<void> {
    await this.#end(this.#parts.ownFolder ? STOP_MS : RESTART_MS);
    if (this.#parts.ownFolder) rmSync(this.folder, { recursive: true, force: true });
  }

  #launch(): Child {
    const { place, folder, args, clock } = this.#parts;
    const program = join(folder, 'redis-server');
    return new Child({ program, args, folder, log: join(folder, 'log'), before: place.before, env: clock?.env ?? {} });
  }

  async #end(graceMs: number): Promise<void> {
    await this.#child.stop(graceMs);
    await this.#child.ended;
  }

  async #ready(): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(this.#failure(`it did not answer within ${START_TIMEOUT_MS} ms`)), START_TIMEOUT_MS);
    const ended = this.#child.ended.then((how) => Promise.reject(this.#failure(how)));
    try {
      await Promise.race([untilReady(this.connection), ended, late.promise]);
    } finally {
      clearTimeout(timer);
      ended.catch(() => {});
      if (this.#parts.clock !== undefined) MovableClock.unlinkMemory(this.pid);
    }
  }

  #failure(how: string): Error {
    return new Error(`The Redis server at ${this.host}:${this.port} did not start: ${how}. Its log:\n${this.log}`);
  }
}

/** Makes the folder with the configuration, and all that it names. */
async function prepare(options: ServerOptions): Promise<Parts> {
  const { persistence = 'none', config = {}, tls = false, movableClock = false, namespace: place = LOOPBACK, password, sentinel } = options;
  const program = await redisServerPath();
  const port = options.port ?? (await freePort());
  const folder = options.folder ?? makeFolder(`${port}`);
  mkdirSync(folder, { recursive: true });
  const certificate = tls === true ? await makeCertificate(folder, [place.address]) : tls === false ? undefined : tls;
  const clock = movableClock === true ? await MovableClock.make(folder) : movableClock === false ? undefined : movableClock;
  const aclFile = join(folder, 'users.acl');
  const lines = [
    ...listening({ host: place.address, port, certificate }),
    ...(sentinel === undefined ? [...storing(folder, persistence), ...accessLines(options, aclFile)] : [`dir ${folder}`, ...sentinel]),
    ...settingLines(config),
  ];
  const configFile = join(folder, 'redis.conf');
  writeFileSync(configFile, `${lines.join('\n')}\n`);
  writeFileSync(aclFile, `${aclLines(options).join('\n')}\n`);
  const link = join(folder, 'redis-server');
  rmSync(link, { force: true });
  symlinkSync(program, link);
  const args = sentinel === undefined ? [configFile] : [configFile, '--sentinel'];
  return { place, port, folder, ownFolder: options.folder === undefined, args, clock, certificate, password };
}

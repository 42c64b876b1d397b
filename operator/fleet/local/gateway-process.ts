import { type ChildProcess, fork } from 'node:child_process';
import type { DrainRequest, GatewayStatus, ShedRequest } from '../../../protocol/admin.ts';
import type { ChildToParent, ParentToChild } from '../../../protocol/child.ts';
import { AdminClient } from '../admin-client.ts';
import { drainAsked, observedDrain } from '../drain-view.ts';
import { Figures } from '../figures.ts';
import type { DrainView, GatewayPhase, GatewayView } from '../fleet.ts';
import { LoadMeter } from '../load-meter.ts';
import { resumesOf } from '../resumes.ts';
import { AcceptBudget } from './accept-budget.ts';
import type { Candidate } from './balancer.ts';
import { readOutput } from './child-output.ts';
import { Handover, type Passenger } from './handover.ts';

/** How a gateway process is started, and who hears of it. */
export interface GatewayProcessOptions {
  readonly name: string;
  readonly ordinal: number;
  readonly revision: string;
  readonly capacity: number;
  readonly acceptRatePerSecond: number;
  /** Path of the module that runs a gateway as a child. */
  readonly entry: string;
  readonly execArgv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly adminToken: string;
  readonly adminTimeoutMs: number;
  readonly readyTimeoutMs: number;
  readonly stopTimeoutMs: number;
  /** Something happened that a decision should see at once. */
  readonly changed: () => void;
  /** Sockets that it can't take any more, though they were given to it. */
  readonly stranded: (passengers: readonly Passenger[]) => void;
  readonly output: (line: string) => void;
}

/** Failed scrapes in a row after which a gateway counts as unreachable. */
const UNREACHABLE_AFTER = 5;

/**
 * One gateway as a child process. Its phases, which only #enter changes:
 * - starting: it was forked and has not said `ready`; after `readyTimeoutMs` it is killed.
 * - ready: it answers. It gets connections unless it is cordoned.
 * - unreachable: it is there, but several scrapes failed; it gets no connections. The next scrape that succeeds makes it ready.
 * - terminating: it was told to stop; after `stopTimeoutMs` it is killed.
 * - dead: it ended without being told to. What waited for it goes to others.
 * Commands to one that is starting are kept and sent when it is ready; to one that stops or is dead they do nothing.
 */
export class GatewayProcess {
  readonly #options: GatewayProcessOptions;
  readonly #child: ChildProcess;
  readonly #handover: Handover;
  readonly #budget: AcceptBudget;
  #figures = new Figures();
  readonly #meter = new LoadMeter();
  readonly #createdAt = Date.now();
  /** Resolves when the process is gone. */
  readonly exited: Promise<void>;
  #phase: GatewayPhase = 'starting';
  #gone = false;
  #admin: AdminClient | null = null;
  #cordoned = false;
  /** What `drain` asked of a gateway that was not ready. */
  #asked: DrainRequest | null = null;
  #drain: DrainView | null = null;
  #closed = 0;
  #status: GatewayStatus | null = null;
  #observedAt: number | null = null;
  #readyAt: number | null = null;
  #failures = 0;
  #scraping = false;
  /** Counts commands as they begin and end: the answer to a scrape that overlaps one tells of a state that is over. */
  #commands = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Starts a gateway process. */
  static start(options: GatewayProcessOptions): GatewayProcess {
    const { entry, env, execArgv } = options;
    // A session of its own (detached): a terminal's Ctrl-C is for the parent, which then drains the children.
    const child = fork(entry, [], { env, execArgv: [...execArgv], stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true });
    return new GatewayProcess(options, child);
  }

  private constructor(options: GatewayProcessOptions, child: ChildProcess) {
    this.#options = options;
    this.#child = child;
    this.#budget = new AcceptBudget(options.acceptRatePerSecond, performance.now());
    this.#handover = new Handover(child);
    this.#timer = setTimeout(() => this.#tooSlow(), options.readyTimeoutMs);
    child.on('message', (message) => this.#told(message as ChildToParent));
    readOutput(child, options.output);
    this.exited = new Promise((resolve) => {
      const end = () => {
        this.#end();
        resolve();
      };
      child.once('exit', end);
      child.on('error', (error) => {
        options.output(error.message);
        if (child.pid === undefined) end();
      });
    });
  }

  get name(): string {
    return this.#options.name;
  }

  /** What it has done lately. */
  get figures(): Pick<Figures, 'movedPerSecond' | 'deliveryLatencyMs'> {
    return this.#figures;
  }

  /** The last that it said of itself; `null` when it never answered. */
  get status(): GatewayStatus | null {
    return this.#status;
  }

  /** The process ended after it was told to: nothing is left to be shown. */
  get isGone(): boolean {
    return this.#gone && this.#phase === 'terminating';
  }

  /** As the balancer sees it; `null` when it takes no connection. */
  candidate(): Candidate | null {
    if (this.#phase !== 'ready' || this.#cordoned) return null;
    const connections = this.#handover.handed - this.#closed;
    return { name: this.name, connections, full: connections >= this.#options.capacity || this.#budget.isSpent(performance.now()) };
  }

  hand(passenger: Passenger): void {
    this.#budget.spend(performance.now());
    this.#handover.hand(passenger);
  }

  view(): GatewayView {
    const { name, ordinal, revision, capacity } = this.#options;
    const status = this.#status;
    const alive = this.#phase !== 'dead';
    return {
      name,
      ordinal,
      revision,
      phase: this.#isStopping() ? 'terminating' : this.#phase,
      cordoned: this.#cordoned,
      drain: this.#drain,
      shed: status?.shed ?? null,
      connections: alive ? (status?.connections ?? (this.#readyAt === null ? null : 0)) : 0,
      migrating: alive ? (status?.migrating ?? 0) : 0,
      capacity: status?.capacity ?? capacity,
      createdAt: this.#createdAt,
      readyAt: this.#readyAt,
      observedAt: this.#observedAt,
      resumes: resumesOf(status),
      problem: null,
      zone: null,
      pid: this.#child.pid ?? null,
      load: alive ? this.#meter.load : null,
    };
  }

  /** Asks it how it is; does nothing while the question before is not answered, or when it can't be asked. */
  async scrape(): Promise<void> {
    const admin = this.#admin;
    if (admin === null || this.#scraping || this.#isOver()) return;
    this.#scraping = true;
    const commands = this.#commands;
    try {
      const status = await admin.status();
      this.#answered();
      if (commands === this.#commands) this.#observe(status);
    } catch {
      this.#failures++;
      if (this.#failures >= UNREACHABLE_AFTER && this.#phase === 'ready') this.#enter('unreachable');
    } finally {
      this.#scraping = false;
    }
  }

  async cordon(): Promise<void> {
    if (this.#isOver()) return;
    this.#setCordoned(true);
    // When it answers, what it says of itself holds.
    if (this.#phase !== 'unreachable') await this.#command((admin) => admin.cordon());
  }

  async uncordon(): Promise<void> {
    if (this.#isOver()) return;
    this.#asked = null;
    this.#drain = null;
    await this.#command((admin) => admin.uncordon());
    if (this.#status?.stopping !== true) this.#setCordoned(false);
  }

  async drain(request: DrainRequest): Promise<void> {
    if (this.#isOver()) return;
    this.#setCordoned(true);
    const asked = this.#drain ?? drainAsked(request, Date.now());
    if (this.#admin === null) {
      this.#asked = { ...request, timeoutMs: this.#asked?.timeoutMs ?? request.timeoutMs };
      this.#drain = { ...asked, ratePerSecond: request.ratePerSecond };
    }
    await this.#command((admin) => admin.drain(request), asked);
  }

  async shed(request: ShedRequest): Promise<void> {
    if (!this.#isOver()) await this.#command((admin) => admin.shed(request));
  }

  /** Tells it to stop; `exited` resolves when it has, or was killed. */
  stop(): void {
    if (this.#phase === 'terminating') return;
    const wasDead = this.#phase === 'dead';
    this.#enter('terminating');
    if (wasDead) return;
    // SIGTERM would drain it once more; before it is ready it has nothing to drain, and nobody there to hear a message.
    if (this.#admin === null) this.#child.kill('SIGTERM');
    else this.#child.send({ kind: 'stop' } satisfies ParentToChild, () => {});
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tooSlow(), this.#options.stopTimeoutMs);
  }

  /** Ends it without a word, as a crash does. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #told(message: ChildToParent): void {
    switch (message.kind) {
      case 'ready':
        if (this.#phase === 'starting') this.#ready(message.adminPort);
        break;
      case 'closed':
        this.#closed += message.count;
        break;
      case 'cordoned':
        this.#setCordoned(message.cordoned);
        this.#options.changed();
        break;
    }
  }

  #ready(adminPort: number): void {
    clearTimeout(this.#timer);
    const { adminToken, adminTimeoutMs } = this.#options;
    this.#admin = new AdminClient({ host: '127.0.0.1', port: adminPort, token: () => adminToken, timeoutMs: adminTimeoutMs });
    // Nobody was handed to it yet, so how many it holds is known before it is asked.
    this.#readyAt = Date.now();
    this.#observedAt = this.#readyAt;
    this.#enter('ready');
    const asked = this.#asked;
    const caughtUp = asked !== null ? this.drain(asked) : this.#cordoned ? this.cordon() : this.scrape();
    // The operator plans it again.
    caughtUp.catch((error: Error) => this.#options.output(error.message));
  }

  /** `asked`: the drain that this begins or goes on with. */
  async #command(send: (admin: AdminClient) => Promise<GatewayStatus>, asked: DrainView | null = null): Promise<void> {
    if (this.#admin === null) return;
    this.#commands++;
    try {
      const status = await send(this.#admin);
      this.#answered();
      this.#observe(status, asked);
    } catch (error) {
      // It may have ended meanwhile: then nothing is left to be done.
      if (!this.#isOver()) throw error;
    } finally {
      this.#commands++;
    }
  }

  #answered(): void {
    this.#failures = 0;
    if (this.#phase === 'unreachable') this.#enter('ready');
  }

  #observe(status: GatewayStatus, asked: DrainView | null = null): void {
    const now = Date.now();
    this.#status = status;
    this.#observedAt = now;
    this.#figures.observe(status, performance.now());
    this.#meter.observe(status, performance.now());
    this.#setCordoned(status.state !== 'accepting');
    this.#drain = status.drain === null ? null : observedDrain(status.drain, this.#drain ?? asked, now);
  }

  #setCordoned(cordoned: boolean): void {
    this.#cordoned = cordoned;
    if (cordoned) this.#options.stranded(this.#handover.takeBack());
  }

  #tooSlow(): void {
    const { output, readyTimeoutMs, stopTimeoutMs } = this.#options;
    output(
      this.#phase === 'starting'
        ? `not ready after ${readyTimeoutMs} ms: killed`
        : `still there ${stopTimeoutMs} ms after it was told to stop: killed`,
    );
    this.kill();
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#gone = true;
    this.#admin?.close();
    this.#figures = new Figures();
    this.#enter(this.#phase === 'terminating' ? 'terminating' : 'dead');
    this.#options.stranded(this.#handover.end());
  }

  #enter(phase: GatewayPhase): void {
    this.#phase = phase;
    if (phase === 'unreachable' || phase === 'terminating') this.#options.stranded(this.#handover.takeBack());
    this.#options.changed();
  }

  /** Somebody else told it to stop: it never comes back. */
  #isStopping(): boolean {
    return this.#phase === 'ready' && this.#status?.stopping === true;
  }

  #isOver(): boolean {
    return this.#phase === 'terminating' || this.#phase === 'dead';
  }
}

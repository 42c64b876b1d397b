import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { GATEWAY_ENV } from '../../../protocol/gateway-env.ts';
import { POLL_PATH, WEBSOCKET_PATH } from '../../../protocol/paths.ts';
import { gatewayEnvironment } from '../../api/gateway-environment.ts';
import { revisionOf } from '../../api/revision.ts';
import type { ChatCluster } from '../../api/spec.ts';
import { figuresOfAll } from '../figures.ts';
import type { Action, Fleet, GatewayView } from '../fleet.ts';
import { pick } from './balancer.ts';
import { type Arrival, FrontDoor, refuse } from './front-door.ts';
import { GatewayProcess } from './gateway-process.ts';
import type { Passenger } from './handover.ts';

export interface LocalFleetOptions {
  readonly cluster: ChatCluster;
  /** The public port; 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  /** Path of the module that runs a gateway as a child. */
  readonly entry: string;
  /** Node's own options for the children. */
  readonly execArgv?: readonly string[];
  /** What every gateway's environment has beside the cluster's settings, which win: the embedded broker, and what it inherits. */
  readonly environment: Readonly<Record<string, string>>;
  /** Gets the connections whose first request is not for a gateway; paused, nothing is lost that was read. */
  readonly elsewhere: (arrival: Arrival) => void;
  /** A line that a gateway wrote, or that is to be said about it. */
  readonly output: (gateway: string, line: string) => void;
  /** Until a new gateway must be ready, ms. */
  readonly readyTimeoutMs?: number;
  /** From telling a gateway to stop until it is killed, ms. */
  readonly stopTimeoutMs?: number;
  /** Until a gateway must have answered a question or a command, ms. */
  readonly adminTimeoutMs?: number;
  /** Between two questions to each gateway how it is, ms. */
  readonly scrapeIntervalMs?: number;
}

const DEFAULTS = {
  execArgv: [] as readonly string[],
  readyTimeoutMs: 30_000,
  stopTimeoutMs: 10_000,
  adminTimeoutMs: 2000,
  scrapeIntervalMs: 1000,
};
const RETRY_AFTER_SECONDS = 1;
/** Before a list the gateways are asked how they are, unless they just were, ms. */
const FRESH_MS = 250;
/** So long a list waits for their answers; one that has not answered by then is listed as it was, ms. */
const ANSWER_MS = 100;

/**
 * The gateways of one machine: child processes of this one, which listens on the public port and hands each connection to one of
 * them, or `elsewhere`. `open` starts to listen, `stop` ends all; between them the operator decides what exists.
 */
export class LocalFleet implements Fleet {
  readonly #options: LocalFleetOptions & typeof DEFAULTS;
  readonly #door: FrontDoor;
  readonly #adminToken = randomBytes(32).toString('base64url');
  /** In the order of their creation. */
  readonly #gateways = new Map<string, GatewayProcess>();
  /** Names that were given, so that none is given twice. */
  readonly #names = new Set<string>();
  readonly #watchers = new Set<() => void>();
  #cluster: ChatCluster;
  #revision: string;
  #turn = 0;
  #scraper: NodeJS.Timeout | undefined;
  /** When all were asked last, on a monotonic clock, ms. */
  #askedAt = Number.NEGATIVE_INFINITY;
  #ended = false;

  constructor(options: LocalFleetOptions) {
    this.#options = { ...DEFAULTS, ...options };
    this.#cluster = options.cluster;
    this.#revision = revisionOf(options.cluster.spec);
    this.#door = new FrontDoor({ port: options.port, host: options.host, arrived: (arrival) => this.#arrived(arrival) });
  }

  /** Listens; resolves to the port, or rejects with the system's error. */
  async open(): Promise<number> {
    const port = await this.#door.open();
    this.#scraper = setInterval(() => void this.scrape(), this.#options.scrapeIntervalMs);
    return port;
  }

  /** What gateways are created with from now on, and how connections are balanced. */
  configure(cluster: ChatCluster): void {
    this.#cluster = cluster;
    this.#revision = revisionOf(cluster.spec);
  }

  /** The processes, for what the contract has no word for. */
  gateways(): readonly GatewayProcess[] {
    return [...this.#gateways.values()];
  }

  /** Connections asked to move in the last second, and the worst delivery latency (ms, 99th percentile) of any gateway; `null` without messages. */
  figures(): { readonly movedPerSecond: number; readonly deliveryLatencyMs: number | null } {
    return figuresOfAll(Array.from(this.#gateways.values(), ({ figures }) => figures));
  }

  /** Asks every gateway how it is. */
  async scrape(): Promise<void> {
    this.#askedAt = performance.now();
    await Promise.all(this.gateways().map((gateway) => gateway.scrape()));
  }

  /** As they are now: a decision must not wait for what the timer finds a second later. */
  async list(): Promise<readonly GatewayView[]> {
    if (performance.now() - this.#askedAt >= FRESH_MS) await Promise.race([this.scrape(), sleep(ANSWER_MS, undefined, { ref: false })]);
    return this.gateways().map((gateway) => gateway.view());
  }

  revision(): string {
    return this.#revision;
  }

  problems(): readonly string[] {
    return [];
  }

  async apply(action: Action): Promise<void> {
    if (action.kind === 'create') return this.#create(action.gateway);
    const gateway = this.#gateways.get(action.gateway);
    switch (action.kind) {
      case 'cordon':
        return gateway?.cordon();
      case 'uncordon':
        return gateway?.uncordon();
      case 'drain':
        return gateway?.drain({ ratePerSecond: action.ratePerSecond, timeoutMs: action.timeoutMs });
      case 'shed':
        return gateway?.shed({ count: action.count, ratePerSecond: action.ratePerSecond });
      case 'delete':
        gateway?.stop();
        if (gateway?.isGone === true) this.#forget(gateway);
        return;
    }
  }

  watch(changed: () => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#watchers.add(changed);
    signal.addEventListener('abort', () => this.#watchers.delete(changed), { once: true });
  }

  /** Kills a gateway as a crash would; false when there is none of that name. */
  kill(name: string): boolean {
    const gateway = this.#gateways.get(name);
    gateway?.kill();
    return gateway !== undefined;
  }

  /**
   * Takes no more connections and has every gateway close its own and end. Resolves when no process is left: soon after
   * `stopTimeoutMs` at the latest. Nobody is moved, for there is nowhere to go.
   */
  async stop(): Promise<void> {
    await this.#end((gateway) => gateway.stop());
  }

  /** Ends every gateway at once. */
  async abort(): Promise<void> {
    await this.#end((gateway) => gateway.kill());
  }

  async #end(end: (gateway: GatewayProcess) => void): Promise<void> {
    this.#ended = true;
    this.#door.close();
    clearInterval(this.#scraper);
    const gateways = this.gateways();
    for (const gateway of gateways) end(gateway);
    await Promise.all(gateways.map((gateway) => gateway.exited));
  }

  #create(name: string): void {
    if (this.#names.has(name) || this.#ended) return;
    this.#names.add(name);
    const { spec } = this.#cluster;
    const { entry, execArgv, readyTimeoutMs, stopTimeoutMs, adminTimeoutMs, environment, output } = this.#options;
    const gateway = GatewayProcess.start({
      name,
      ordinal: Number(/\d+$/.exec(name)?.[0] ?? 0),
      revision: this.#revision,
      capacity: spec.gateway.connectionsPerGateway,
      acceptRatePerSecond: spec.gateway.acceptRatePerSecond,
      entry,
      execArgv,
      env: {
        ...environment,
        ...gatewayEnvironment(spec),
        [GATEWAY_ENV.name]: name,
        [GATEWAY_ENV.revision]: this.#revision,
        [GATEWAY_ENV.adminToken]: this.#adminToken,
        [GATEWAY_ENV.adminHost]: '127.0.0.1',
        [GATEWAY_ENV.adminPort]: '0',
        CHATCLUSTER_CHILD: '1',
      },
      adminToken: this.#adminToken,
      adminTimeoutMs,
      readyTimeoutMs,
      stopTimeoutMs,
      changed: () => this.#changed(),
      stranded: (passengers) => this.#seatAgain(passengers),
      output: (line) => output(name, line),
    });
    this.#gateways.set(name, gateway);
    void gateway.exited.then(() => {
      if (gateway.isGone) this.#forget(gateway);
    });
  }

  #forget(gateway: GatewayProcess): void {
    this.#gateways.delete(gateway.name);
    this.#changed();
  }

  #changed(): void {
    for (const changed of this.#watchers) changed();
  }

  #arrived(arrival: Arrival): void {
    if (arrival.path === WEBSOCKET_PATH || arrival.path === POLL_PATH) {
      this.#seat({ socket: arrival.socket, head: arrival.head, key: arrival.session ?? arrival.address });
    } else {
      this.#options.elsewhere(arrival);
    }
  }

  #seat(passenger: Passenger): void {
    const { balancing, rebalance } = this.#cluster.spec;
    const candidates = this.gateways().flatMap((gateway) => {
      const candidate = gateway.candidate();
      return candidate === null ? [] : [{ ...candidate, gateway }];
    });
    const choice = pick(
      candidates,
      { algorithm: balancing.algorithm, maxSkew: rebalance.maxSkew },
      { key: passenger.key, turn: this.#turn++ },
    );
    if (choice === null) {
      refuse(passenger.socket, RETRY_AFTER_SECONDS);
      return;
    }
    choice.gateway.hand(passenger);
  }

  #seatAgain(passengers: readonly Passenger[]): void {
    for (const passenger of passengers) this.#seat(passenger);
  }
}

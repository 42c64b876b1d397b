import { ADMIN_PATHS, type DrainRequest, type GatewayState, type GatewayStatus } from '../../../protocol/admin.ts';

/** What a fake gateway was started with. */
export interface FakeGatewayTraits {
  readonly name: string;
  readonly revision: string;
  readonly capacity: number;
}

const ACCEPT_RATE_PER_SECOND = 500;

/** What a gateway's admin port says of connections that nobody made: those of one that accepts are its share of its ChatCluster's, those of one that drains go at the rate it was given. */
export class FakeGateway {
  readonly traits: FakeGatewayTraits;
  readonly #startedAt: number;
  readonly #share: () => number;
  #state: GatewayState = 'accepting';
  #stopping = false;
  /** While it isn't accepting. */
  #held = 0;
  #drain: {
    readonly rate: number;
    readonly initial: number;
    readonly startedAt: number;
    readonly endsAt: number;
    readonly movedAt: number;
  } | null = null;

  /** `share`: the connections of one that accepts. Times in ms, by a monotonic clock. */
  constructor(traits: FakeGatewayTraits, share: () => number, now: number) {
    this.traits = traits;
    this.#share = share;
    this.#startedAt = now;
  }

  get accepting(): boolean {
    return this.#state === 'accepting';
  }

  /** Those that it keeps for itself, when it doesn't accept. */
  held(now: number): number {
    this.#move(now);
    return this.#held;
  }

  /** The answer of the admin port; `undefined` when there is no such thing. */
  answer(path: string, body: string, now: number): GatewayStatus | undefined {
    switch (path) {
      case ADMIN_PATHS.status:
        break;
      case ADMIN_PATHS.cordon:
        this.#leave('cordoned');
        break;
      case ADMIN_PATHS.uncordon:
        this.#state = 'accepting';
        this.#drain = null;
        break;
      case ADMIN_PATHS.drain:
        this.#startDrain(JSON.parse(body) as DrainRequest, now);
        break;
      case ADMIN_PATHS.shed:
        break;
      case ADMIN_PATHS.stop:
        this.#leave('draining');
        this.#stopping = true;
        this.#held = 0;
        break;
      default:
        return undefined;
    }
    return this.#status(now);
  }

  #leave(state: 'cordoned' | 'draining'): void {
    if (this.#state === 'accepting') this.#held = this.#share();
    if (this.#state !== 'draining') this.#state = state;
  }

  #startDrain({ ratePerSecond: rate, timeoutMs }: DrainRequest, now: number): void {
    this.#move(now);
    this.#leave('draining');
    const { initial, startedAt, endsAt } = this.#drain ?? { initial: this.#held, startedAt: now, endsAt: now + timeoutMs };
    this.#drain = { rate, initial, startedAt, endsAt, movedAt: now };
  }

  /** Moves whole connections away, as many as the time since allows. */
  #move(now: number): void {
    const drain = this.#drain;
    if (drain === null) return;
    const moved = Math.floor(((now - drain.movedAt) / 1_000) * drain.rate);
    if (moved === 0) return;
    this.#held = Math.max(0, this.#held - moved);
    this.#drain = { ...drain, movedAt: drain.movedAt + (moved / drain.rate) * 1_000 };
  }

  #status(now: number): GatewayStatus {
    const { name, revision, capacity } = this.traits;
    const held = this.held(now);
    const drain = this.#drain;
    return {
      name,
      revision,
      pid: 1,
      state: this.#state,
      broker: 'ok',
      stopping: this.#stopping,
      connections: this.accepting ? this.#share() : held,
      migrating: 0,
      capacity,
      acceptedTotal: 0,
      refusedTotal: 0,
      migratedTotal: drain === null ? 0 : drain.initial - held,
      forcedTotal: 0,
      publishedTotal: 0,
      deliveredTotal: 0,
      resumesTotal: 0,
      resumeGapsTotal: 0,
      acceptRatePerSecond: ACCEPT_RATE_PER_SECOND,
      cpuMs: 0,
      eventLoopDelayMs: 1,
      deliveryLatencyMs: null,
      startupMs: 0,
      uptimeMs: Math.round(now - this.#startedAt),
      drain:
        drain === null
          ? null
          : {
              ratePerSecond: drain.rate,
              initial: drain.initial,
              elapsedMs: Math.round(now - drain.startedAt),
              remainingMs: Math.max(0, Math.round(drain.endsAt - now)),
            },
      shed: null,
    };
  }
}

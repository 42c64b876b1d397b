import type { DrainView, GatewayLoad, GatewayPhase, GatewayView } from '../fleet.ts';
import { LoadMeter } from '../load-meter.ts';

/** Clients that were asked to move: they try to go at `dueAt`, and are closed when they are still there at `until`. */
interface Batch {
  dueAt: number;
  readonly until: number;
  count: number;
}

/** How long a client that was asked to move may take, ms. */
const MOVE_MS = 10_000;

/** From one look at it to the next, ms, unless it is looked at all the time. */
const LOOK_MS = 1_000;

/** What a connection costs isn't modelled. */
const NO_COST = { publishedTotal: 0, cpuMs: 0, eventLoopDelayMs: 0 } as const;

/** After a drain's deadline what is left is closed within this time, ms: as the gateways do. */
const CLOSE_MS = 10_000;

/**
 * A modelled gateway: its clients are a count. It is a GatewayView itself, so that a day with many gateways needs no copies; `connections` is what was
 * last observed, `held` what is true.
 */
export class SimulatedGateway implements GatewayView {
  readonly name: string;
  readonly ordinal: number;
  readonly revision: string;
  readonly capacity: number;
  readonly acceptRatePerSecond: number;
  readonly createdAt: number;
  readonly zone: string | null;
  readonly pid = null;
  readonly problem = null;
  resumes: { readonly total: number; readonly gaps: number } | null = null;
  /** When it gets ready; infinite for one that never does. */
  readonly readyDueAt: number;
  phase: GatewayPhase = 'starting';
  cordoned = false;
  drain: DrainView | null = null;
  shed: { readonly remaining: number; readonly ratePerSecond: number } | null = null;
  connections: number | null = null;
  migrating = 0;
  readyAt: number | null = null;
  observedAt: number | null = null;
  held = 0;
  /** Share of those that come back to it and are told of a gap. */
  readonly gapShare: number;
  /** Clients that came back to it or moved to it. */
  resumed = 0;
  /** How many more it admits in this step. */
  admits = 0;
  /** Terminating: when its process ends, empty or not. */
  endsAt = Number.POSITIVE_INFINITY;
  readonly #asked: Batch[] = [];
  readonly #lookedAtMs: number | null;
  readonly #meter: LoadMeter | null;
  readonly #messagesPerConnection: number;
  #deliveredTotal = 0;
  #acceptedTotal = 0;
  #migratedTotal = 0;
  #credit = 0;
  #closing: { readonly ratePerSecond: number; readonly endsAt: number } | null = null;

  constructor(options: {
    readonly name: string;
    readonly ordinal: number;
    readonly revision: string;
    readonly capacity: number;
    readonly acceptRatePerSecond: number;
    readonly createdAt: number;
    readonly zone: string | null;
    readonly readyDueAt: number;
    readonly gapShare: number;
    readonly lookedAtMs: number | null;
    /** A second; `null` for a gateway that tells nothing of how much it does. */
    readonly messagesPerConnection: number | null;
  }) {
    this.name = options.name;
    this.ordinal = options.ordinal;
    this.revision = options.revision;
    this.capacity = options.capacity;
    this.acceptRatePerSecond = options.acceptRatePerSecond;
    this.createdAt = options.createdAt;
    this.zone = options.zone;
    this.readyDueAt = options.readyDueAt;
    this.gapShare = options.gapShare;
    this.#lookedAtMs = options.lookedAtMs;
    this.#messagesPerConnection = options.messagesPerConnection ?? 0;
    this.#meter = options.messagesPerConnection === null ? null : new LoadMeter();
  }

  get load(): GatewayLoad | null {
    return this.#meter?.load ?? null;
  }

  get isAccepting(): boolean {
    return this.phase === 'ready' && !this.cordoned;
  }

  /** How many more it takes in this step. */
  get room(): number {
    return Math.max(0, Math.min(this.capacity - this.held, this.admits));
  }

  get isMoving(): boolean {
    return this.drain !== null || this.shed !== null || this.#asked.length > 0;
  }

  take(count: number): void {
    this.held += count;
    this.#acceptedTotal += count;
    this.admits -= count;
  }

  /** Loses connections for a reason of their own. */
  lose(count: number): void {
    this.held -= count;
    let excess = this.migrating - this.held;
    while (excess > 0) {
      const last = this.#asked.at(-1);
      if (last === undefined) break;
      const dropped = Math.min(excess, last.count);
      last.count -= dropped;
      this.migrating -= dropped;
      excess -= dropped;
      if (last.count === 0) this.#asked.pop();
    }
  }

  /** What a gateway knows of itself, and a look at it tells. */
  observe(now: number): void {
    if (this.phase !== 'ready' && this.phase !== 'terminating') return;
    if (!this.#isLookedAt(now)) return;
    this.connections = this.held;
    this.#deliveredTotal += (this.held * this.#messagesPerConnection * (now - (this.observedAt ?? now))) / 1_000;
    this.observedAt = now;
    if ((this.resumes?.total ?? 0) !== this.resumed) this.resumes = { total: this.resumed, gaps: Math.floor(this.resumed * this.gapShare) };
    if (this.#meter === null) return;
    const [acceptedTotal, migratedTotal, deliveredTotal] = [this.#acceptedTotal, this.#migratedTotal, this.#deliveredTotal];
    this.#meter.observe({ ...NO_COST, connections: this.held, acceptedTotal, migratedTotal, deliveredTotal }, now);
  }

  #isLookedAt(now: number): boolean {
    const [offset, before] = [this.#lookedAtMs, this.observedAt];
    return offset === null || before === null || Math.floor((now - offset) / LOOK_MS) > Math.floor((before - offset) / LOOK_MS);
  }

  startDrain(now: number, ratePerSecond: number, timeoutMs: number): void {
    this.cordoned = true;
    this.shed = null;
    const drain = this.drain ?? { startedAt: now, deadlineAt: now + timeoutMs, initial: this.held };
    this.drain = { ...drain, ratePerSecond };
  }

  startShed(count: number, ratePerSecond: number): void {
    if (this.drain !== null) return;
    this.shed = count > 0 ? { remaining: count, ratePerSecond } : null;
  }

  undo(): void {
    this.cordoned = false;
    this.drain = null;
    this.shed = null;
    this.#closing = null;
  }

  /** Asks clients to move, as fast as was ordered; they go after `delayMs`. Answers how many. */
  ask(now: number, elapsedMs: number, delayMs: number): number {
    const rate = this.drain?.ratePerSecond ?? this.shed?.ratePerSecond ?? 0;
    if (rate === 0 || this.#closing !== null) return 0;
    const credit = this.#credit + (rate * elapsedMs) / 1000;
    const whole = Math.floor(credit + 1e-9);
    // What isn't used is not kept, but for the fraction: a burst later would break the budget.
    this.#credit = Math.max(0, credit - whole);
    const unasked = this.held - this.migrating;
    const count = Math.min(whole, unasked, this.shed?.remaining ?? unasked);
    if (this.shed !== null) {
      const remaining = unasked === count ? 0 : this.shed.remaining - count;
      this.shed = remaining > 0 ? { ...this.shed, remaining } : null;
    }
    if (count > 0) {
      this.#asked.push({ dueAt: now + delayMs, until: now + MOVE_MS, count });
      this.migrating += count;
      this.#migratedTotal += count;
    }
    return count;
  }

  /** How many of those that were asked try to go now. */
  due(now: number): number {
    let count = 0;
    for (const batch of this.#asked) if (batch.dueAt <= now) count += batch.count;
    return count;
  }

  /** `moved` of those that were due found a place elsewhere; the others try again after `retryMs`, or are closed: answers how many. */
  settle(now: number, moved: number, retryMs: number): number {
    let left = moved;
    let closed = 0;
    for (const batch of this.#asked) {
      if (batch.dueAt > now) continue;
      const gone = Math.min(left, batch.count);
      batch.count -= gone;
      left -= gone;
      batch.dueAt = now + retryMs;
      if (now < batch.until) continue;
      closed += batch.count;
      batch.count = 0;
    }
    for (let i = this.#asked.length - 1; i >= 0; i--) if (this.#asked[i]?.count === 0) this.#asked.splice(i, 1);
    this.held -= moved + closed;
    this.migrating -= moved + closed;
    return closed;
  }

  /** How many are closed in this step because the drain's deadline is over. */
  closeOverdue(now: number, elapsedMs: number): number {
    if (this.drain === null || now < this.drain.deadlineAt) return 0;
    this.#closing ??= { ratePerSecond: this.held / (CLOSE_MS / 1000), endsAt: now + CLOSE_MS };
    const { ratePerSecond, endsAt } = this.#closing;
    const count = now >= endsAt ? this.held : Math.min(this.held, Math.ceil((ratePerSecond * elapsedMs) / 1000));
    this.lose(count);
    return count;
  }

  /** Its process is gone. Answers the connections that it takes with it. */
  end(phase: 'dead' | 'terminating'): number {
    const lost = this.held;
    this.phase = phase;
    this.held = 0;
    this.connections = 0;
    this.migrating = 0;
    this.#asked.length = 0;
    this.shed = null;
    this.drain = null;
    return lost;
  }
}

/** What a look at it shows now, for whoever keeps it while time goes on. */
export function viewOf(gateway: SimulatedGateway): GatewayView {
  const { name, ordinal, revision, phase, cordoned, drain, shed, connections, migrating, capacity } = gateway;
  const { createdAt, readyAt, observedAt, zone, pid, resumes, problem, load } = gateway;
  return {
    name,
    ordinal,
    revision,
    phase,
    cordoned,
    drain,
    shed,
    connections,
    migrating,
    capacity,
    createdAt,
    readyAt,
    observedAt,
    zone,
    pid,
    resumes,
    problem,
    load,
  };
}

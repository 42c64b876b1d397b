/** What a simulation looks like at one instant. */
export interface Instant {
  /** From the start, ms. */
  readonly at: number;
  /** Clients that want to be online. */
  readonly clients: number;
  readonly connections: number;
  /** Gateways that run, in any state: what is paid for. */
  readonly gateways: number;
  /** Gateways that take connections. */
  readonly ready: number;
  /** Connections that these can hold, and hold. */
  readonly capacity: number;
  readonly held: number;
  readonly desired: number;
  /** Counts since the start. */
  readonly refused: number;
  readonly moved: number;
  readonly forced: number;
  readonly crashes: number;
}

/** One column of the plot: the highest values of its span of time. */
export interface Sample {
  readonly at: number;
  readonly clients: number;
  readonly connections: number;
  readonly capacity: number;
  readonly gateways: number;
}

/** The figures of a simulation. */
export interface Figures {
  readonly gatewayHours: number;
  /** What `peakGateways` would cost if they ran all the time. */
  readonly fixedGatewayHours: number;
  readonly peakGateways: number;
  readonly peakConnections: number;
  /** Connections of the gateways that take any, as a fraction of what these can hold. */
  readonly peakUtilization: number;
  readonly meanUtilization: number;
  readonly refusedConnections: number;
  readonly movedConnections: number;
  readonly peakMovedPerSecond: number;
  /** Connections that were closed because their drain's time was over. */
  readonly forcedConnections: number;
  readonly crashes: number;
  /** From the moment that more gateways are desired until as many are ready, ms; `null` when that never happened. */
  readonly timeToCapacityMs: { readonly mean: number; readonly max: number } | null;
  /** Changes of the desired number. */
  readonly changes: number;
  /** Changes that took back the one before within ten minutes. */
  readonly flaps: number;
  /** Client seconds without a connection, as a fraction of all. */
  readonly offline: number;
  readonly samples: readonly Sample[];
}

const FLAP_MS = 600_000;
const HOUR = 3_600_000;

/** Adds up a simulation, instant by instant, in constant memory. */
export class Meter {
  readonly #sampleMs: number;
  readonly #samples: Sample[] = [];
  #column: Sample | null = null;
  #last: Instant | null = null;
  #elapsed = 0;
  #gatewayMs = 0;
  #usedMs = 0;
  #peakUtilization = 0;
  #peakGateways = 0;
  #peakConnections = 0;
  #peakMoved = 0;
  #clientMs = 0;
  #offlineMs = 0;
  #waitingSince: number | null = null;
  #waits = { count: 0, total: 0, max: 0 };
  #changes = 0;
  #flaps = 0;
  #lastChange: { readonly at: number; readonly up: boolean } | null = null;

  /** `durationMs` is divided into `columns` samples. */
  constructor(durationMs: number, columns: number) {
    this.#sampleMs = Math.max(1, durationMs / columns);
  }

  /** Takes the next instant; each lasts until the one after it. */
  observe(now: Instant): void {
    const last = this.#last;
    if (last !== null) this.#pass(last, now);
    this.#peakGateways = Math.max(this.#peakGateways, now.gateways);
    this.#peakConnections = Math.max(this.#peakConnections, now.connections);
    if (now.capacity > 0) this.#peakUtilization = Math.max(this.#peakUtilization, now.held / now.capacity);
    this.#watchDesired(last, now);
    this.#sample(now);
    this.#last = now;
  }

  /** The figures up to the last instant. */
  figures(): Figures {
    const waits = this.#waits;
    return {
      gatewayHours: this.#gatewayMs / HOUR,
      fixedGatewayHours: (this.#peakGateways * this.#elapsed) / HOUR,
      peakGateways: this.#peakGateways,
      peakConnections: this.#peakConnections,
      peakUtilization: this.#peakUtilization,
      meanUtilization: this.#elapsed > 0 ? this.#usedMs / this.#elapsed : 0,
      refusedConnections: this.#last?.refused ?? 0,
      movedConnections: this.#last?.moved ?? 0,
      peakMovedPerSecond: this.#peakMoved,
      forcedConnections: this.#last?.forced ?? 0,
      crashes: this.#last?.crashes ?? 0,
      timeToCapacityMs: waits.count > 0 ? { mean: waits.total / waits.count, max: waits.max } : null,
      changes: this.#changes,
      flaps: this.#flaps,
      offline: this.#clientMs > 0 ? this.#offlineMs / this.#clientMs : 0,
      samples: this.#column === null ? [] : [...this.#samples, this.#column],
    };
  }

  #pass(last: Instant, now: Instant): void {
    const ms = now.at - last.at;
    if (ms <= 0) return;
    this.#elapsed += ms;
    this.#gatewayMs += last.gateways * ms;
    this.#usedMs += last.capacity > 0 ? (last.held / last.capacity) * ms : 0;
    this.#clientMs += last.clients * ms;
    this.#offlineMs += Math.max(0, last.clients - last.connections) * ms;
    this.#peakMoved = Math.max(this.#peakMoved, ((now.moved - last.moved) * 1_000) / ms);
  }

  #watchDesired(last: Instant | null, now: Instant): void {
    if (last !== null && now.desired !== last.desired) {
      const up = now.desired > last.desired;
      this.#changes += 1;
      if (this.#lastChange !== null && this.#lastChange.up !== up && now.at - this.#lastChange.at < FLAP_MS) this.#flaps += 1;
      this.#lastChange = { at: now.at, up };
      if (up) this.#waitingSince ??= now.at;
    }
    if (this.#waitingSince !== null && now.ready >= now.desired) {
      const wait = now.at - this.#waitingSince;
      this.#waits = { count: this.#waits.count + 1, total: this.#waits.total + wait, max: Math.max(this.#waits.max, wait) };
      this.#waitingSince = null;
    }
  }

  #sample(now: Instant): void {
    const at = Math.floor(now.at / this.#sampleMs) * this.#sampleMs;
    const column = this.#column;
    if (column === null || column.at !== at) {
      if (column !== null) this.#samples.push(column);
      this.#column = { at, clients: now.clients, connections: now.connections, capacity: now.capacity, gateways: now.gateways };
      return;
    }
    this.#column = {
      at,
      clients: Math.max(column.clients, now.clients),
      connections: Math.max(column.connections, now.connections),
      capacity: Math.max(column.capacity, now.capacity),
      gateways: Math.max(column.gateways, now.gateways),
    };
  }
}

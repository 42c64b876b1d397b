import { type Delay, Delays } from './delays.ts';

/** What a simulation looks like at one instant. */
export interface Instant {
  /** From the start, ms. */
  readonly at: number;
  /** Clients that want to be online. */
  readonly clients: number;
  readonly connections: number;
  /** Gateways that run, in any state: what is paid for. */
  readonly gateways: number;
  /** Connections that the gateways that take any can hold, and hold. */
  readonly capacity: number;
  readonly held: number;
  readonly desired: number;
  /** Counts since the start. */
  readonly refused: number;
  readonly moved: number;
  readonly forced: number;
  readonly dropped: number;
  readonly crashes: number;
}

/** One column of a plot: the highest values of its span of time. */
export interface Sample {
  readonly at: number;
  readonly clients: number;
  readonly connections: number;
  readonly capacity: number;
  readonly gateways: number;
  readonly desired: number;
  /** A fraction. */
  readonly utilization: number;
  readonly movedPerSecond: number;
  /** Closed without having moved: with a gateway that was killed, or by force. */
  readonly droppedPerSecond: number;
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
  /** Connections that ended with a gateway which was killed without a drain. */
  readonly droppedConnections: number;
  /** Connections that were closed because their drain's time was over. */
  readonly forcedConnections: number;
  readonly crashes: number;
  /** From the first moment of a spike until more gateways are desired, ms; `null` when there was no spike, or none were needed. */
  readonly timeToDecisionMs: Delay | null;
  /** From the moment that the clients are more than the ready gateways hold at the target and a tenth more, until they aren't, ms; `null` when they never were. */
  readonly timeToCapacityMs: Delay | null;
  /** Changes of the desired number. */
  readonly changes: number;
  /** Changes that took back the one before within ten minutes. */
  readonly flaps: number;
  /** Client seconds without a connection, as a fraction of all. */
  readonly offline: number;
  readonly samples: readonly Sample[];
}

/** What is measured. */
export interface MeterOptions {
  readonly durationMs: number;
  /** Samples that the duration is divided into. */
  readonly columns: number;
  /** Connections per gateway to aim for, as a fraction of its capacity. */
  readonly targetUtilization: number;
  /** When many come at once, ms from the start. */
  readonly spikes?: readonly number[];
}

const FLAP_MS = 600_000;
const HOUR = 3_600_000;
/** As much above the target is nobody's fault: HPA's tolerance. */
const TOLERANCE = 0.1;

/** Adds up a simulation, instant by instant, in constant memory. */
export class Meter {
  readonly #options: MeterOptions;
  readonly #sampleMs: number;
  readonly #samples: Sample[] = [];
  readonly #decisions = new Delays();
  readonly #capacity = new Delays();
  readonly #spikes: number[];
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
  /** How many were desired when the last spike began. */
  #before = 0;
  #changes = 0;
  #flaps = 0;
  #lastChange: { readonly at: number; readonly up: boolean } | null = null;

  constructor(options: MeterOptions) {
    this.#options = options;
    this.#sampleMs = Math.max(1, options.durationMs / options.columns);
    this.#spikes = [...(options.spikes ?? [])];
  }

  /** Takes the next instant; each lasts until the one after it. */
  observe(now: Instant): void {
    const last = this.#last ?? now;
    this.#pass(last, now);
    this.#peakGateways = Math.max(this.#peakGateways, now.gateways);
    this.#peakConnections = Math.max(this.#peakConnections, now.connections);
    if (now.capacity > 0) this.#peakUtilization = Math.max(this.#peakUtilization, now.held / now.capacity);
    this.#watchDesired(last, now);
    this.#watchSpikes(last, now);
    const enough = now.clients <= now.capacity * this.#options.targetUtilization * (1 + TOLERANCE);
    if (enough) this.#capacity.end(now.at);
    else this.#capacity.begin(now.at);
    this.#sample(last, now);
    this.#last = now;
  }

  /** The figures up to the last instant. */
  figures(): Figures {
    const last = this.#last;
    return {
      gatewayHours: this.#gatewayMs / HOUR,
      fixedGatewayHours: (this.#peakGateways * this.#elapsed) / HOUR,
      peakGateways: this.#peakGateways,
      peakConnections: this.#peakConnections,
      peakUtilization: this.#peakUtilization,
      meanUtilization: this.#elapsed > 0 ? this.#usedMs / this.#elapsed : 0,
      refusedConnections: last?.refused ?? 0,
      movedConnections: last?.moved ?? 0,
      peakMovedPerSecond: this.#peakMoved,
      droppedConnections: last?.dropped ?? 0,
      forcedConnections: last?.forced ?? 0,
      crashes: last?.crashes ?? 0,
      timeToDecisionMs: this.#decisions.summary(),
      timeToCapacityMs: this.#capacity.summary(last?.at),
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
    this.#peakMoved = Math.max(this.#peakMoved, perSecond(last.moved, now.moved, ms));
  }

  #watchDesired(last: Instant, now: Instant): void {
    if (now.desired === last.desired) return;
    const up = now.desired > last.desired;
    this.#changes += 1;
    if (this.#lastChange !== null && this.#lastChange.up !== up && now.at - this.#lastChange.at < FLAP_MS) this.#flaps += 1;
    this.#lastChange = { at: now.at, up };
  }

  #watchSpikes(last: Instant, now: Instant): void {
    const spike = this.#spikes[0];
    if (spike !== undefined && spike <= now.at) {
      this.#spikes.shift();
      this.#decisions.begin(spike);
      this.#before = last.desired;
    }
    if (now.desired > this.#before) this.#decisions.end(now.at);
  }

  #sample(last: Instant, now: Instant): void {
    const at = Math.floor(now.at / this.#sampleMs) * this.#sampleMs;
    const sample = sampleOf(last, now, at);
    const column = this.#column;
    if (column !== null && column.at !== at) this.#samples.push(column);
    this.#column = column !== null && column.at === at ? highest(column, sample) : sample;
  }
}

function sampleOf(last: Instant, now: Instant, at: number): Sample {
  const { clients, connections, capacity, gateways, desired } = now;
  const ms = now.at - last.at;
  return {
    at,
    clients,
    connections,
    capacity,
    gateways,
    desired,
    utilization: capacity > 0 ? now.held / capacity : 0,
    movedPerSecond: perSecond(last.moved, now.moved, ms),
    droppedPerSecond: perSecond(last.dropped + last.forced, now.dropped + now.forced, ms),
  };
}

/** The highest of each value; the time of the first. */
export function highest(a: Sample, b: Sample): Sample {
  return {
    at: a.at,
    clients: Math.max(a.clients, b.clients),
    connections: Math.max(a.connections, b.connections),
    capacity: Math.max(a.capacity, b.capacity),
    gateways: Math.max(a.gateways, b.gateways),
    desired: Math.max(a.desired, b.desired),
    utilization: Math.max(a.utilization, b.utilization),
    movedPerSecond: Math.max(a.movedPerSecond, b.movedPerSecond),
    droppedPerSecond: Math.max(a.droppedPerSecond, b.droppedPerSecond),
  };
}

function perSecond(before: number, after: number, ms: number): number {
  return ms > 0 ? ((after - before) * 1_000) / ms : 0;
}

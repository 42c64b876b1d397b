import type { DrainRequest, GatewayState, GatewayStatus, ShedRequest } from '../protocol/admin.ts';
import type { Control } from './admin/control.ts';
import type { AdmissionControl } from './connection/admission-control.ts';
import type { ConnectionTable } from './connection/table.ts';
import type { Counters } from './counters.ts';
import type { Mover } from './drain/mover.ts';
import type { EventLoopMonitor } from './event-loop.ts';
import type { P99 } from './latency.ts';
import type { GatewaySettings } from './settings.ts';

/** Who asks how it is; each hears of the time since it asked last, whatever the other asks. */
export type Asker = 'operator' | 'metrics';

/** What a gateway's control is made of. */
export interface ControlParts {
  readonly settings: Pick<GatewaySettings, 'name' | 'revision' | 'maxConnections' | 'acceptRatePerSecond'>;
  readonly table: ConnectionTable;
  readonly admission: AdmissionControl;
  readonly mover: Mover;
  readonly counters: Counters;
  readonly eventLoop: Readonly<Record<Asker, Pick<EventLoopMonitor, 'takeP99'>>>;
  readonly deliveryLatency: Readonly<Record<Asker, P99>>;
  /** From the process' start until it could take connections, ms; 0 before. */
  readonly startupMs: () => number;
  /** Monotonic, ms. */
  readonly now: () => number;
  /** It was told to stop. */
  readonly stopping: () => boolean;
  readonly watch: { readonly status: GatewayStatus['broker'] };
  /** Closes all connections, and has the process end. */
  readonly stop: () => void;
  /** It began to be cordoned, or ceased to. */
  readonly cordonChanged: (cordoned: boolean) => void;
}

/** Commands a gateway's admission and mover, and tells how it is. */
export class GatewayControl implements Control {
  readonly #parts: ControlParts;

  constructor(parts: ControlParts) {
    this.#parts = parts;
  }

  get state(): GatewayState {
    const { mover, admission } = this.#parts;
    return mover.isDraining ? 'draining' : admission.cordoned ? 'cordoned' : 'accepting';
  }

  cordon(): void {
    const { admission, cordonChanged } = this.#parts;
    if (admission.cordoned) return;
    admission.cordon();
    cordonChanged(true);
  }

  uncordon(): void {
    const { admission, mover, cordonChanged, stopping } = this.#parts;
    // It ends soon: whoever would be let in, or stay, would be cut off.
    if (stopping()) return;
    mover.undo();
    if (!admission.cordoned) return;
    admission.uncordon();
    cordonChanged(false);
  }

  drain({ ratePerSecond, timeoutMs }: DrainRequest): void {
    this.cordon();
    this.#parts.mover.drain(ratePerSecond, timeoutMs);
  }

  shed({ count, ratePerSecond }: ShedRequest): void {
    this.#parts.mover.shed(count, ratePerSecond);
  }

  stop(): void {
    this.#parts.stop();
  }

  status(asker: Asker = 'operator'): GatewayStatus {
    const { settings, table, admission, mover, counters, eventLoop, deliveryLatency, startupMs, now, watch, stopping } = this.#parts;
    let migrating = 0;
    for (const connection of table) if (connection.migrating) migrating++;
    return {
      name: settings.name,
      revision: settings.revision,
      pid: process.pid,
      state: this.state,
      broker: watch.status,
      stopping: stopping(),
      connections: table.occupied(now()),
      migrating,
      capacity: settings.maxConnections,
      acceptedTotal: admission.acceptedTotal,
      refusedTotal: admission.refusedTotal,
      migratedTotal: mover.migratedTotal,
      forcedTotal: mover.forcedTotal,
      publishedTotal: counters.published,
      deliveredTotal: counters.delivered,
      resumesTotal: counters.recovered + counters.resumeGaps,
      resumeGapsTotal: counters.resumeGaps,
      acceptRatePerSecond: settings.acceptRatePerSecond,
      cpuMs: cpuMs(),
      eventLoopDelayMs: eventLoop[asker].takeP99(),
      deliveryLatencyMs: deliveryLatency[asker].takeP99(),
      startupMs: startupMs(),
      uptimeMs: Math.round(process.uptime() * 1000),
      drain: mover.drainProgress,
      shed: mover.shedProgress,
    };
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return Math.round((user + system) / 1000);
}

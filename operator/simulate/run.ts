import type { ChatCluster } from '../api/spec.ts';
import { SimulatedFleet } from '../fleet/simulated/simulated-fleet.ts';
import { LeaseRecord, MemoryLease } from '../lease/memory-lease.ts';
import { Operator } from '../loop/operator.ts';
import { MemoryStateStore } from '../loop/state-store.ts';
import { Crowd } from './crowd.ts';
import { type Instant, Meter } from './meter.ts';
import type { SimulationOptions } from './options.ts';
import { seededRandom } from './random.ts';
import type { Simulated } from './report.ts';

/** Columns of the plot: they fit a terminal of 80 cells beside the numbers. */
const COLUMNS = 70;

/** The longest step, ms: shorter ones only when decisions are made more often. */
const STEP_MS = 1_000;

/** The day begins with a fleet that has found its size; until then at most this long, ms. */
const WARM_UP_MS = 30 * 60_000;

/** Virtual time in which nobody else wants the lease. */
const LEASE_MS = 3_600_000;

/**
 * Runs a ChatCluster through its profile in virtual time: the real control loop, on the simulated fleet. The same options give the same result.
 * Calls `progress` with the share that is done, now and then.
 */
export async function runSimulation(options: SimulationOptions, progress: (share: number) => void = () => undefined): Promise<Simulated> {
  const { profile, clients, durationMs, seed } = options;
  const cluster = withoutMetrics(options.cluster);
  const fleet = new SimulatedFleet({ cluster, seed, behaviour: () => ({ startupMs: options.startupMs }) });
  const store = new MemoryStateStore();
  const operator = new Operator({
    cluster,
    fleet,
    store,
    lease: new MemoryLease(new LeaseRecord(), 'simulation', LEASE_MS),
    clock: { now: () => fleet.now, sleep: async () => undefined },
    problem: () => undefined,
  });
  const crowd = new Crowd({ fleet, profile, clients, durationMs, random: seededRandom(seed) });
  const { intervalMs } = cluster.spec.scaling;
  const stepMs = Math.min(STEP_MS, intervalMs);
  const stepsPerRound = Math.max(1, Math.round(intervalMs / stepMs));

  /** A round; answers how many gateways there should be. */
  const decide = async (): Promise<number> => {
    await operator.round();
    return (await store.load())?.memory.scaling.desired ?? 0;
  };

  let desired = 0;
  for (let at = 0; at < WARM_UP_MS; at += intervalMs) {
    crowd.gather();
    desired = await decide();
    if (isSettled(fleet, desired)) break;
    for (let i = 0; i < stepsPerRound; i++) fleet.advance(stepMs);
  }

  const meter = new Meter(durationMs, COLUMNS);
  const observe = observer(fleet, crowd);
  const reportEvery = Math.max(1, Math.floor(durationMs / stepMs / 100));
  meter.observe(observe(desired));
  for (let step = 1; step * stepMs <= durationMs; step++) {
    crowd.step(step * stepMs, stepMs);
    fleet.advance(stepMs);
    if (step % stepsPerRound === 0) desired = await decide();
    meter.observe(observe(desired));
    if (step % reportEvery === 0) progress((step * stepMs) / durationMs);
  }
  return { cluster: cluster.name, profile, clients, durationMs, seed, figures: meter.figures() };
}

/** Its clients only hold connections: of what else there could be to scale on, nothing is known. */
function withoutMetrics({ spec, ...cluster }: ChatCluster): ChatCluster {
  return { ...cluster, spec: { ...spec, scaling: { ...spec.scaling, metrics: [] } } };
}

function isSettled(fleet: SimulatedFleet, desired: number): boolean {
  const gateways = fleet.gateways();
  return fleet.waiting === 0 && gateways.length === desired && gateways.every((gateway) => gateway.isAccepting);
}

/** Looks at the fleet; counts and time begin when it is made. */
function observer(fleet: SimulatedFleet, crowd: Crowd): (desired: number) => Instant {
  const start = { ...fleet.totals };
  const startAt = fleet.now;
  return (desired) => {
    let connections = 0;
    let [ready, capacity, held] = [0, 0, 0];
    for (const gateway of fleet.gateways()) {
      connections += gateway.held;
      if (!gateway.isAccepting) continue;
      ready += 1;
      capacity += gateway.capacity;
      held += gateway.held;
    }
    const { moved, forced, refused, crashes } = fleet.totals;
    return {
      at: fleet.now - startAt,
      clients: crowd.wanted,
      connections,
      gateways: fleet.gateways().length,
      ready,
      capacity,
      held,
      desired,
      refused: refused - start.refused,
      moved: moved - start.moved,
      forced: forced - start.forced,
      crashes: crashes - start.crashes,
    };
  };
}

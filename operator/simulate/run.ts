import { type Contender, type ContenderName, contender } from './contender.ts';
import { Crowd } from './crowd.ts';
import { type Figures, type Instant, Meter } from './meter.ts';
import type { SimulationOptions } from './options.ts';
import { seededRandom } from './random.ts';

/** Columns of the plots. */
const COLUMNS = 480;

/** Time goes on in steps of so long, ms. */
const STEP_MS = 1_000;

/** The day begins with a fleet that has found its size: it has this long before, ms, longer than anybody waits before he takes gateways away. */
const WARM_UP_MS = 30 * 60_000;

/** What became of one contender. */
export interface Run {
  readonly name: ContenderName;
  readonly figures: Figures;
}

/** A simulation that is over: ours first, then the others in the order in which they were named. */
export interface Simulated {
  readonly options: SimulationOptions;
  readonly runs: readonly Run[];
}

/**
 * Runs a ChatCluster through its profile in virtual time: the real control loop, on the simulated fleet; and each peer with the same gateways and clients,
 * on a fleet of its own. The same options give the same result. Calls `progress` with the share that is done, now and then.
 */
export async function runSimulation(options: SimulationOptions, progress: (share: number) => void = () => undefined): Promise<Simulated> {
  const names: readonly ContenderName[] = ['chatcluster', ...options.against];
  const runs: Run[] = [];
  for (const name of names) {
    const told = (share: number) => progress((runs.length + share) / names.length);
    runs.push({ name, figures: await runOne(contender(name, { ...options, startAt: options.startAt - WARM_UP_MS }), options, told) });
  }
  return { options, runs };
}

async function runOne(contender: Contender, options: SimulationOptions, progress: (share: number) => void): Promise<Figures> {
  const { cluster, profile, clients, durationMs, seed } = options;
  const { fleet } = contender;
  const crowd = new Crowd({ fleet, profile, clients, durationMs, random: seededRandom(seed) });
  let desired = await warmUp(contender, crowd);
  const meter = new Meter({
    durationMs,
    columns: COLUMNS,
    targetUtilization: cluster.spec.scaling.targetUtilization,
    spikes: profile.spikes(durationMs),
  });
  const observe = observer(fleet, crowd);
  const blind = profile.blind(durationMs);
  const reportEvery = Math.max(1, Math.floor(durationMs / STEP_MS / 100));
  meter.observe(observe(desired));
  for (let step = 1; step * STEP_MS <= durationMs; step++) {
    const at = step * STEP_MS;
    crowd.step(at, STEP_MS);
    fleet.advance(STEP_MS);
    desired = await contender.second(blind !== null && at >= blind.from && at < blind.until);
    meter.observe(observe(desired));
    if (step % reportEvery === 0) progress(at / durationMs);
  }
  return meter.figures();
}

/** The clients of the first second, for a while. Resolves to how many gateways there should be. */
async function warmUp({ fleet, second }: Contender, crowd: Crowd): Promise<number> {
  let desired = 0;
  for (let at = 0; at < WARM_UP_MS; at += STEP_MS) {
    crowd.gather();
    desired = await second(false);
    fleet.advance(STEP_MS);
  }
  return desired;
}

/** Looks at the fleet; counts and time begin when it is made. */
function observer(fleet: Contender['fleet'], crowd: Crowd): (desired: number) => Instant {
  const start = { ...fleet.totals };
  const startAt = fleet.now;
  return (desired) => {
    let connections = 0;
    let [capacity, held] = [0, 0];
    for (const gateway of fleet.gateways()) {
      connections += gateway.held;
      if (!gateway.isAccepting) continue;
      capacity += gateway.capacity;
      held += gateway.held;
    }
    const { moved, forced, refused, crashes, closedByDelete } = fleet.totals;
    return {
      at: fleet.now - startAt,
      clients: crowd.wanted,
      connections,
      gateways: fleet.gateways().length,
      capacity,
      held,
      desired,
      refused: refused - start.refused,
      moved: moved - start.moved,
      forced: forced - start.forced,
      dropped: closedByDelete - start.closedByDelete,
      crashes: crashes - start.crashes,
    };
  };
}

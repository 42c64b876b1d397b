import { Draw } from '../draw.ts';
import type { FaultKind, Lane } from './fault.ts';

/** A fault of a plan; times in ms, `at` since the run began. */
export interface PlannedFault {
  readonly at: number;
  readonly lane: Lane;
  readonly name: string;
  readonly lastsMs: number;
  /** Its number in its lane: with the seed it decides what the fault itself leaves to chance. */
  readonly number: number;
}

const LANES: readonly Lane[] = ['gateways', 'servers', 'links'];
/** Nothing happens before. */
const FIRST_MS = 1_500;
/** The pause after a fault of a lane; in a short run a smaller one, so that something happens. */
const PAUSE_MS: readonly [number, number] = [1_500, 6_000];
const SHORT_RUN_MS = 60_000;

/** Which faults happen when, by the seed alone; ascending by time, and none begins in the last second. */
export function planFaults(seed: number, durationMs: number, kinds: readonly FaultKind[]): PlannedFault[] {
  const plan = LANES.flatMap((lane) => planLane(new Draw(seed, `faults ${lane}`), lane, durationMs, kinds));
  return plan.sort((a, b) => a.at - b.at);
}

/** What is left to chance in this fault. */
export function drawOf(seed: number, { lane, number }: PlannedFault): Draw {
  return new Draw(seed, `fault ${lane} ${number}`);
}

function planLane(draw: Draw, lane: Lane, durationMs: number, kinds: readonly FaultKind[]): PlannedFault[] {
  const own = kinds.filter((kind) => kind.lane === lane);
  const scale = durationMs < SHORT_RUN_MS ? 0.5 : 1;
  const plan: PlannedFault[] = [];
  let at = FIRST_MS + draw.between(0, PAUSE_MS[0]);
  while (own.length > 0 && at < durationMs - 1_000) {
    const kind = draw.weighted(own, ({ weight }) => weight) as FaultKind;
    const lastsMs = Math.round(draw.between(...kind.lasts));
    plan.push({ at: Math.round(at), lane, name: kind.name, lastsMs, number: plan.length });
    at += lastsMs + scale * draw.between(...PAUSE_MS);
  }
  return plan;
}

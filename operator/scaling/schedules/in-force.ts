import type { ChatCluster } from '../../api/spec.ts';
import type { ScalingMemory } from '../../snapshot.ts';
import { type Limiting, type ScheduledLimits, Timeline } from './timeline.ts';

/** How long before it is due a minimum counts while no start of a gateway was measured, ms: an image is pulled, and often a node comes first. */
export const UNMEASURED_LEAD_MS = 120_000;
/** The lead is at most this, however long gateways take, ms. */
const MOST_LEAD_MS = 900_000;
/** A gateway may take so much longer than those before it did, and this besides, ms. */
const LEAD_FACTOR = 1.5;
const LEAD_MARGIN_MS = 10_000;

/** How long before it is due a minimum must count so that gateways are ready in time, ms. `starts`: how long the last gateways took until they were ready. */
export function leadFor({ starts }: Pick<ScalingMemory, 'starts'>): number {
  if (starts.length === 0) return UNMEASURED_LEAD_MS;
  return Math.min(MOST_LEAD_MS, Math.max(...starts.map(({ ms }) => ms)) * LEAD_FACTOR + LEAD_MARGIN_MS);
}

const timelines = new WeakMap<Limiting, Timeline>();

/** The least and the most gateways that there may be at `now` (ms since 1970), by the spec and its schedules. */
export function scheduledLimits(scaling: Limiting, now: number, leadMs: number): ScheduledLimits {
  let timeline = timelines.get(scaling);
  if (timeline === undefined) {
    timeline = new Timeline(scaling);
    timelines.set(scaling, timeline);
  }
  return timeline.at(now, leadMs);
}

/** The ChatCluster with the limits that its schedules make of its own at `now`; itself when it has no schedules. */
export function withLimitsInForce(cluster: ChatCluster, now: number, leadMs: number): ChatCluster {
  const { scaling } = cluster.spec;
  if (scaling.schedules.length === 0) return cluster;
  const { minReplicas, maxReplicas, ...limits } = scheduledLimits(scaling, now, leadMs);
  return { ...cluster, spec: { ...cluster.spec, scaling: { ...scaling, minReplicas, maxReplicas } }, limits };
}

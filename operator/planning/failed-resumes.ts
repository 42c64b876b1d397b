import type { GatewayView, ResumeCounts } from '../fleet/fleet.ts';
import type { RolloutMemory } from '../snapshot.ts';

/** Resumes so long ago don't count any more, ms. */
const WINDOW_MS = 60_000;
/** Resumes within so long are remembered as one, ms. */
const BUCKET_MS = 5_000;
/** Fewer resumes than this tell nothing. */
const LEAST_RESUMES = 20;

type Counted = Pick<RolloutMemory, 'seen' | 'resumes'>;

/** Adds what the counters of these gateways gained since they were last seen. Of one that is seen for the first time nothing is known, unless it starts. */
export function countResumes(gateways: readonly GatewayView[], before: Counted | null, now: number): Counted {
  const seen: Record<string, ResumeCounts> = {};
  let total = 0;
  let gaps = 0;
  for (const { name, phase, resumes } of gateways) {
    const last = before?.seen[name];
    const present = resumes ?? last ?? (phase === 'starting' ? { total: 0, gaps: 0 } : null);
    if (present === null) continue;
    seen[name] = present;
    const gained = gainOf(last ?? present, present);
    total += gained.total;
    gaps += gained.gaps;
  }
  const kept = (before?.resumes ?? []).filter(({ at }) => now - at < WINDOW_MS);
  const last = kept.at(-1);
  if (total === 0) return { seen, resumes: kept };
  if (last === undefined || now - last.at >= BUCKET_MS || last.at > now) return { seen, resumes: [...kept, { at: now, total, gaps }] };
  return { seen, resumes: [...kept.slice(0, -1), { at: last.at, total: last.total + total, gaps: last.gaps + gaps }] };
}

/** Counters that went down began anew with their process. */
function gainOf(before: ResumeCounts, now: ResumeCounts): ResumeCounts {
  if (now.total < before.total || now.gaps < before.gaps) return now;
  return { total: now.total - before.total, gaps: now.gaps - before.gaps };
}

/** All in the window; `null` when they are too few to tell anything. */
export function sumOf(resumes: RolloutMemory['resumes']): ResumeCounts | null {
  let total = 0;
  let gaps = 0;
  for (const bucket of resumes) {
    total += bucket.total;
    gaps += bucket.gaps;
  }
  return total < LEAST_RESUMES ? null : { total, gaps };
}

/** Whether more than this share of them ended in a gap. */
export const exceeds = ({ total, gaps }: ResumeCounts, share: number): boolean => gaps > share * total;

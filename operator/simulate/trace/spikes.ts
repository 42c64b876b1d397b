const SECOND = 1_000;
/** So long may a rise take that makes a spike, ms. */
const WITHIN_MS = 60 * SECOND;
/** It is one when it makes so many times as many, and adds such a share of the most that there ever are. */
const TIMES = 2;
const LEAST_SHARE = 0.1;
/** The spike begins where there are last no more than so many times as many as before it: noise is no beginning. */
const STILL = 1.1;
/** What comes so soon after a spike's beginning belongs to it, ms. */
const APART_MS = 600 * SECOND;

/** Where a load doubles within a minute, ms from the start. `share`: of the most that there ever are (0 to 1), at an instant; asked in the order of time. */
export function spikesIn(share: (at: number) => number, duration: number): readonly number[] {
  const seconds = Array.from({ length: Math.floor(duration / SECOND) + 1 }, (_, i) => share(i * SECOND));
  const spikes: number[] = [];
  for (let i = 0; i < seconds.length; i++) {
    const before = seconds[i] ?? 0;
    const soon = seconds.slice(i, i + WITHIN_MS / SECOND + 1);
    const most = Math.max(...soon);
    if (most < TIMES * before || most - before < LEAST_SHARE) continue;
    const still = soon.findLastIndex((connections) => connections <= STILL * before);
    spikes.push((i + still) * SECOND);
    i += still + APART_MS / SECOND;
  }
  return spikes;
}

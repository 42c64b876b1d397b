import { type Clock, systemClock } from '../loop/clock.ts';

/** Time that goes on evenly, whatever is done to the clock on the wall; ms since the process began. */
export const monotonicClock: Clock = { now: () => performance.now(), sleep: systemClock.sleep };

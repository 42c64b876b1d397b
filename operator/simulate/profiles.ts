/** The shape of a load over time. */
export type ProfileName = 'office-hours' | 'spike' | 'storm' | 'diurnal';

/** What the clients do in a simulation. */
export interface Profile {
  readonly name: ProfileName;
  /** One line for people. */
  readonly description: string;
  /** The share of all clients (0 to 1) that want to be online at `at` of `duration`, both ms from the start (midnight). */
  share(at: number, duration: number): number;
  /** How often all at once a share of the clients loses its connection and comes back, as when a network fails for a moment. */
  readonly storms: { readonly everyMs: number; readonly share: number } | null;
  /** How often a gateway crashes, ms; `null` for never. */
  readonly crashEveryMs: number | null;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Corners of a day's curve: [hour, share]; in between a straight line. */
type Corners = readonly (readonly [number, number])[];

const OFFICE: Corners = [
  [0, 0.04],
  [6.5, 0.04],
  [9, 0.95],
  [11, 1],
  [12, 0.9],
  [12.75, 0.7],
  [13.75, 0.95],
  [16, 1],
  [18.5, 0.2],
  [21, 0.04],
  [24, 0.04],
];

export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  'office-hours': {
    name: 'office-hours',
    description: 'a support desk: next to nobody at night, all by 9, a dip at lunch, home from 16',
    share: (at) => along(OFFICE, (at % DAY) / HOUR),
    storms: null,
    crashEveryMs: null,
  },
  diurnal: {
    name: 'diurnal',
    description: 'a chat for one continent: a smooth day, a quarter of all at 4, all at 20',
    share: (at) => swell((at % DAY) / HOUR),
    storms: null,
    crashEveryMs: null,
  },
  spike: {
    name: 'spike',
    description: 'a live stream: a fifth of all, then all within a minute, for a quarter of the time',
    share: (at, duration) => spike(at, duration),
    storms: null,
    crashEveryMs: null,
  },
  storm: {
    name: 'storm',
    description:
      'a bad day: steady load, but every two hours a third of all lose their connection at once, and a gateway crashes every hour',
    share: () => 0.8,
    storms: { everyMs: 2 * HOUR, share: 1 / 3 },
    crashEveryMs: HOUR,
  },
};

/** The names, for help texts and choices. */
export const PROFILE_NAMES = Object.keys(PROFILES) as readonly ProfileName[];

/** From a quarter at 4 up to all at 20, in two half waves. */
function swell(hour: number): number {
  const sinceLow = (hour + 20) % 24;
  const up = sinceLow < 16 ? sinceLow / 16 : 1 + (sinceLow - 16) / 8;
  return 0.625 - 0.375 * Math.cos(Math.PI * up);
}

function spike(at: number, duration: number): number {
  const [begin, end] = [duration / 4, duration / 2];
  const rise = Math.min(60_000, duration / 8);
  if (at < begin) return 0.2;
  if (at < begin + rise) return 0.2 + (0.8 * (at - begin)) / rise;
  if (at < end) return 1;
  return Math.max(0.2, 1 - (0.8 * (at - end)) / (duration / 8));
}

function along(corners: Corners, hour: number): number {
  for (let i = 1; i < corners.length; i++) {
    const [from, to] = [corners[i - 1], corners[i]];
    if (from === undefined || to === undefined || hour > to[0]) continue;
    return from[1] + ((to[1] - from[1]) * (hour - from[0])) / (to[0] - from[0]);
  }
  return corners.at(-1)?.[1] ?? 0;
}

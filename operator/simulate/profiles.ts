/** The shape of a load over time. */
export type ProfileName = 'office-hours' | 'two-zones' | 'diurnal' | 'spike' | 'storm' | 'noise';

/** What the clients do in a simulation. */
export interface Profile {
  /** A ProfileName, or the file of a trace. */
  readonly name: string;
  /** One line for people. */
  readonly description: string;
  /** The share of all clients (0 to 1) that want to be online at `at` of `duration`, both ms from the start (midnight). */
  share(at: number, duration: number): number;
  /** How often all at once a share of the clients loses its connection and comes back, as when a network fails for a moment. */
  readonly storms: { readonly everyMs: number; readonly share: number } | null;
  /** How often a gateway crashes, ms; `null` for never. */
  readonly crashEveryMs: number | null;
  /** When many come at once, ms from the start. */
  readonly spikes: (duration: number) => readonly number[];
  /** When Prometheus has lost the gateways' series, ms from the start; `null` for never. Only who asks Prometheus notices. */
  readonly blind: (duration: number) => { readonly from: number; readonly until: number } | null;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MINUTE = 60_000;

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

/** In two minutes there are ten times as many; it lasts forty. */
const RUSH_AT = 3 * HOUR;
const RUSH: Corners = [
  [3, 0],
  [3 + 2 / 60, 0.36],
  [3 + 42 / 60, 0.36],
  [4, 0],
];

/** Nothing out of the ordinary. */
const CALM = { storms: null, crashEveryMs: null, spikes: () => [], blind: () => null } satisfies Partial<Profile>;

export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  'office-hours': {
    ...CALM,
    name: 'office-hours',
    description: 'a support desk: next to nobody at night, all by 9, a dip at lunch, home from 16',
    share: (at) => along(OFFICE, hourOf(at)),
  },
  'two-zones': {
    ...CALM,
    name: 'two-zones',
    description:
      'a support desk in two time zones, six hours apart, and at 3 at night an unexpected rush: ten times as many within two minutes',
    share: (at) =>
      Math.min(1, 0.6 * along(OFFICE, hourOf(at)) + 0.4 * along(OFFICE, hourOf(at + DAY - 6 * HOUR)) + along(RUSH, hourOf(at))),
    spikes: (duration) => daily(RUSH_AT, duration),
  },
  diurnal: {
    ...CALM,
    name: 'diurnal',
    description: 'a chat for one continent: a smooth day, a quarter of all at 4, all at 20',
    share: (at) => swell(hourOf(at)),
  },
  spike: {
    ...CALM,
    name: 'spike',
    description: 'a live stream: a fifth of all, then all within a minute, for a quarter of the time',
    share: (at, duration) => spike(at, duration),
    spikes: (duration) => [duration / 4],
  },
  storm: {
    ...CALM,
    name: 'storm',
    description:
      'a bad day: steady load, but every two hours a third of all lose their connection at once, a gateway crashes every hour, and half-way Prometheus loses its series for ten minutes',
    share: () => 0.8,
    storms: { everyMs: 2 * HOUR, share: 1 / 3 },
    crashEveryMs: HOUR,
    blind: (duration) => ({ from: duration / 2, until: duration / 2 + Math.min(10 * MINUTE, duration / 8) }),
  },
  noise: {
    ...CALM,
    name: 'noise',
    description: 'a load that stays the same but for noise: up to 15 % more or less, another every second',
    share: (at) => (1 + 0.15 * noise(at)) / 1.15,
  },
};

/** The names, for help texts and choices. */
export const PROFILE_NAMES = Object.keys(PROFILES) as readonly ProfileName[];

function hourOf(at: number): number {
  return (at % DAY) / HOUR;
}

/** Each day's instant that is this long after midnight. */
function daily(after: number, duration: number): readonly number[] {
  return Array.from({ length: Math.max(0, Math.ceil((duration - after) / DAY)) }, (_, day) => day * DAY + after);
}

/** From a quarter at 4 up to all at 20, in two half waves. */
function swell(hour: number): number {
  const sinceLow = (hour + 20) % 24;
  const up = sinceLow < 16 ? sinceLow / 16 : 1 + (sinceLow - 16) / 8;
  return 0.625 - 0.375 * Math.cos(Math.PI * up);
}

function spike(at: number, duration: number): number {
  const [begin, end] = [duration / 4, duration / 2];
  const rise = Math.min(MINUTE, duration / 8);
  if (at < begin) return 0.2;
  if (at < begin + rise) return 0.2 + (0.8 * (at - begin)) / rise;
  if (at < end) return 1;
  return Math.max(0.2, 1 - (0.8 * (at - end)) / (duration / 8));
}

/** From -1 to 1, another every second; the same at the same instant. */
function noise(at: number): number {
  const n = Math.imul(Math.floor(at / 1_000) + 1, 0x9e3779b1);
  const mixed = Math.imul(n ^ (n >>> 15), 0x85ebca77);
  return ((mixed ^ (mixed >>> 13)) >>> 0) / 2_147_483_648 - 1;
}

/** Before the first corner and after the last it is what it is there. */
function along(corners: Corners, hour: number): number {
  const [first] = corners;
  if (first !== undefined && hour <= first[0]) return first[1];
  for (let i = 1; i < corners.length; i++) {
    const [from, to] = [corners[i - 1], corners[i]];
    if (from === undefined || to === undefined || hour > to[0]) continue;
    return from[1] + ((to[1] - from[1]) * (hour - from[0])) / (to[0] - from[0]);
  }
  return corners.at(-1)?.[1] ?? 0;
}

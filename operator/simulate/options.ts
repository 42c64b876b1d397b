import { parseDuration } from '../api/duration.ts';
import type { ChatCluster } from '../api/spec.ts';
import { PEER_NAMES, type PeerName } from './peers/peer.ts';
import { PROFILE_NAMES, PROFILES, type Profile, type ProfileName } from './profiles.ts';
import { profileOf, type Trace } from './trace/trace.ts';

/** A simulation to be run. */
export interface SimulationOptions {
  readonly cluster: ChatCluster;
  readonly profile: Profile;
  /** Clients in all; the profile says which share of them is online when. */
  readonly clients: number;
  readonly durationMs: number;
  /** When it begins, ms since 1970: schedules go by the clock. */
  readonly startAt: number;
  readonly seed: number;
  /** Until a new gateway is ready, ms. */
  readonly startupMs: number;
  /** Messages that a connection takes and writes in a second, for metrics; `null`: not known. */
  readonly messagesPerSecond: number | null;
  /** Who else is simulated. */
  readonly against: readonly PeerName[];
}

/** The same as somebody writes it on a command line; what is left out has a default. */
export interface SimulationWords {
  readonly profile?: string;
  readonly clients?: string;
  readonly duration?: string;
  readonly start?: string;
  readonly seed?: string;
  readonly startup?: string;
  readonly messages?: string;
  readonly against?: string;
}

const MAX_CLIENTS = 100_000_000;
const MAX_MESSAGES = 1_000;
/** A Thursday in winter. Not today: the same options give the same run. */
const DEFAULT_START = '2026-01-01';

/**
 * Reads the words; throws an error that names each option that is wrong, its value and the remedy, one a line. With a trace the clients do what it says,
 * until it ends.
 */
export function simulationOptions(cluster: ChatCluster, words: SimulationWords, trace: Trace | null = null): SimulationOptions {
  const faults: string[] = [];
  const whole = (name: string, text: string | undefined, min: number, max: number, fallback: number): number => {
    if (text === undefined) return fallback;
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) faults.push(`--${name}: "${text}" is not a whole number from ${min} to ${max}`);
    return value;
  };
  const time = (name: string, text: string, min: string, max: string): number => {
    const ms = parseDuration(text);
    if (ms !== null && ms >= (parseDuration(min) ?? 0) && ms <= (parseDuration(max) ?? 0)) return ms;
    faults.push(`--${name}: "${text}" is not a time from ${min} to ${max}; write one, such as "10s" or "24h"`);
    return 0;
  };
  const load = trace === null ? invented(cluster, words, faults, whole, time) : traced(trace, words, faults, time);
  const seed = whole('seed', words.seed, 0, 2 ** 32 - 1, 1);
  const startupMs = time('startup', words.startup ?? '10s', '0s', '1h');
  const startAt = midnight(words.start ?? DEFAULT_START, faults);
  const messagesPerSecond = words.messages === undefined ? null : rateOf(words.messages, faults);
  const against = peersOf(words.against, faults);
  if (faults.length > 0 || load === null) throw new Error(faults.join('\n'));
  return { cluster, ...load, startAt, seed, startupMs, messagesPerSecond, against };
}

type Load = Pick<SimulationOptions, 'profile' | 'clients' | 'durationMs'>;
type Time = (name: string, text: string, min: string, max: string) => number;
type Whole = (name: string, text: string | undefined, min: number, max: number, fallback: number) => number;

function invented(cluster: ChatCluster, words: SimulationWords, faults: string[], whole: Whole, time: Time): Load | null {
  const clients = whole('clients', words.clients, 1, MAX_CLIENTS, defaultClients(cluster));
  const durationMs = time('duration', words.duration ?? '24h', '1s', '8784h');
  const name = words.profile ?? 'office-hours';
  if (isProfile(name)) return { profile: PROFILES[name], clients, durationMs };
  faults.push(`--profile: "${name}" is not known; use one of ${PROFILE_NAMES.join(', ')}`);
  return null;
}

function traced(trace: Trace, words: SimulationWords, faults: string[], time: Time): Load {
  for (const name of ['profile', 'clients'] as const)
    if (words[name] !== undefined) faults.push(`--${name}: with --trace the clients do what the trace says; leave one of the two out`);
  const lengthMs = trace.points.at(-1)?.at ?? 0;
  const durationMs = words.duration === undefined ? lengthMs : time('duration', words.duration, '1s', '8784h');
  if (durationMs > lengthMs)
    faults.push(
      `--duration: "${words.duration}" is longer than the trace, which ends after ${lengthMs / 1_000} s; leave it out, or give less`,
    );
  return { ...profileOf(trace), durationMs };
}

function rateOf(text: string, faults: string[]): number {
  const rate = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(rate <= MAX_MESSAGES)) faults.push(`--messages: "${text}" is not a number from 0 to ${MAX_MESSAGES}; write one, such as "0.2"`);
  return rate;
}

/** In UTC. */
function midnight(text: string, faults: string[]): number {
  const at = Date.parse(`${text}T00:00:00Z`);
  if (/^\d{4}-\d\d-\d\d$/.test(text) && new Date(at || 0).toISOString().startsWith(text)) return at;
  faults.push(`--start: "${text}" is no day; write one, such as "2026-03-29"`);
  return 0;
}

/** Each once, in the order in which they are named. */
function peersOf(text: string | undefined, faults: string[]): readonly PeerName[] {
  const names = (text ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (text !== undefined && names.length === 0)
    faults.push(`--against: "${text}" names nobody; use ${PEER_NAMES.join(', ')}, or several of them`);
  const peers = new Set<PeerName>();
  for (const name of names) {
    if (isPeer(name)) peers.add(name);
    else faults.push(`--against: "${name}" is not known; use ${PEER_NAMES.join(', ')}, or several of them`);
  }
  return [...peers];
}

/** As many as four fifths of the most gateways hold at the target: a load that fits. */
function defaultClients({ spec }: ChatCluster): number {
  return Math.max(1, Math.floor(0.8 * spec.scaling.maxReplicas * spec.gateway.connectionsPerGateway * spec.scaling.targetUtilization));
}

function isProfile(name: string): name is ProfileName {
  return Object.hasOwn(PROFILES, name);
}

function isPeer(name: string): name is PeerName {
  return PEER_NAMES.some((peer) => peer === name);
}

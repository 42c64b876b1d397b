import { parseDuration } from '../api/duration.ts';
import type { ChatCluster } from '../api/spec.ts';
import { PROFILE_NAMES, PROFILES, type Profile, type ProfileName } from './profiles.ts';

/** A simulation to be run. */
export interface SimulationOptions {
  readonly cluster: ChatCluster;
  readonly profile: Profile;
  /** Clients in all; the profile says which share of them is online when. */
  readonly clients: number;
  readonly durationMs: number;
  readonly seed: number;
  /** Until a new gateway is ready, ms. */
  readonly startupMs: number;
}

/** The same as somebody writes it on a command line; what is left out has a default. */
export interface SimulationWords {
  readonly profile?: string;
  readonly clients?: string;
  readonly duration?: string;
  readonly seed?: string;
  readonly startup?: string;
}

const MAX_CLIENTS = 100_000_000;

/** Reads the words; throws an error that names each option that is wrong, its value and the remedy, one a line. */
export function simulationOptions(cluster: ChatCluster, words: SimulationWords): SimulationOptions {
  const faults: string[] = [];
  const whole = (name: string, text: string | undefined, min: number, max: number, fallback: number): number => {
    if (text === undefined) return fallback;
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) faults.push(`--${name}: "${text}" is not a whole number from ${min} to ${max}`);
    return value;
  };
  const clients = whole('clients', words.clients, 1, MAX_CLIENTS, defaultClients(cluster));
  const seed = whole('seed', words.seed, 0, 2 ** 32 - 1, 1);
  const time = (name: string, text: string, min: string, max: string): number => {
    const ms = parseDuration(text);
    if (ms !== null && ms >= (parseDuration(min) ?? 0) && ms <= (parseDuration(max) ?? 0)) return ms;
    faults.push(`--${name}: "${text}" is not a time from ${min} to ${max}; write one, such as "10s" or "24h"`);
    return 0;
  };
  const durationMs = time('duration', words.duration ?? '24h', '1s', '8784h');
  const startupMs = time('startup', words.startup ?? '10s', '0s', '1h');
  const profile = words.profile ?? 'office-hours';
  if (!isProfile(profile)) faults.push(`--profile: "${profile}" is not known; use one of ${PROFILE_NAMES.join(', ')}`);
  if (faults.length > 0 || !isProfile(profile)) throw new Error(faults.join('\n'));
  return { cluster, profile: PROFILES[profile], clients, durationMs, seed, startupMs };
}

/** As many as four fifths of the most gateways hold at the target: a load that fits. */
function defaultClients({ spec }: ChatCluster): number {
  return Math.max(1, Math.floor(0.8 * spec.scaling.maxReplicas * spec.gateway.connectionsPerGateway * spec.scaling.targetUtilization));
}

function isProfile(name: string): name is ProfileName {
  return Object.hasOwn(PROFILES, name);
}

import { parseDuration } from '../../load/options.ts';

/** The set-ups of Redis that a run may have. */
export const REDIS_KINDS = ['server', 'server-aof', 'sentinel', 'cluster'] as const;
export type RedisKind = (typeof REDIS_KINDS)[number];

/** What may be broken on purpose. */
export const BREAKS = ['fill', 'digest', 'idempotency'] as const;
export type Break = (typeof BREAKS)[number];

/** A chaos run. Times in ms. */
export interface ChaosOptions {
  readonly seed: number;
  /** How long there are load and faults; before it the clients come, after it everything heals and is read. */
  readonly durationMs: number;
  readonly redis: RedisKind;
  readonly durability: 'acknowledged' | 'replicated';
  readonly clients: number;
  readonly channels: number;
  /** Messages a second, in all. */
  readonly ratePerSecond: number;
  /** Gateways at the start. */
  readonly gateways: number;
  /** Messages that a channel keeps. */
  readonly history: number;
  /** Only faults whose name contains one of these; empty: all. */
  readonly faults: readonly string[];
  /** How long the end may take until every client has everything. */
  readonly settleMs: number;
  readonly break: Break | null;
  /** Gets the log, a JSON line an event. */
  readonly logFile: string | null;
}

/** The log of a run is kept in memory. */
const LONGEST_MS = 7_200_000;

/** What `chaosOptions` takes: the command line's words. */
export type ChaosArguments = Readonly<Record<keyof typeof CHAOS_DEFAULTS, string>> & {
  readonly break?: string;
  readonly log?: string;
};

/** The defaults, as a person would write them. */
export const CHAOS_DEFAULTS = {
  seed: '1',
  duration: '60s',
  redis: 'server',
  durability: 'acknowledged',
  clients: '60',
  channels: '20',
  rate: '200',
  gateways: '3',
  history: '2000',
  faults: '',
  settle: '30s',
};

/** Reads the command line's words; throws one error that names every bad one, its value and what it may be. */
export function chaosOptions(words: ChaosArguments): ChaosOptions {
  const problems: string[] = [];
  const wrong = (name: keyof ChaosArguments, remedy: string): void => {
    problems.push(`--${name} is "${words[name]}": ${remedy}.`);
  };
  const whole = (name: keyof typeof CHAOS_DEFAULTS, min: number, max: number): number => {
    const value = Number(words[name].trim() || Number.NaN);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    wrong(name, `give a whole number from ${min} to ${max}`);
    return min;
  };
  const duration = (name: 'duration' | 'settle', minMs: number): number => {
    const value = parseDuration(words[name]);
    if (value !== null && value >= minMs && value <= LONGEST_MS) return value;
    wrong(name, `give a time from ${minMs / 1000}s to 2h, such as 90s or 10m`);
    return minMs;
  };
  const oneOf = <T extends string>(name: keyof ChaosArguments, allowed: readonly T[]): T => {
    const value = allowed.find((one) => one === words[name]);
    if (value === undefined) wrong(name, `give one of ${allowed.join(', ')}`);
    return value ?? (allowed[0] as T);
  };
  const options: ChaosOptions = {
    seed: whole('seed', 0, 2 ** 32 - 1),
    durationMs: duration('duration', 1_000),
    redis: oneOf('redis', REDIS_KINDS),
    durability: oneOf('durability', ['acknowledged', 'replicated']),
    clients: whole('clients', 2, 1_000),
    channels: whole('channels', 1, 1_000),
    ratePerSecond: whole('rate', 1, 10_000),
    gateways: whole('gateways', 2, 8),
    history: whole('history', 10, 100_000),
    faults: words.faults.split(',').flatMap((name) => name.trim() || []),
    settleMs: duration('settle', 1_000),
    break: words.break === undefined ? null : oneOf('break', BREAKS),
    logFile: words.log ?? null,
  };
  if (options.durability === 'replicated' && options.redis.startsWith('server')) {
    problems.push(`--durability is "replicated", but --redis ${options.redis} has no replica: give --redis sentinel or cluster.`);
  }
  if (problems.length > 0) throw new RangeError(problems.join('\n'));
  return options;
}

/** The command line that repeats a run. */
export function commandLine(words: ChaosArguments): string {
  const names = [...Object.keys(CHAOS_DEFAULTS), 'break'] as (keyof typeof CHAOS_DEFAULTS | 'break')[];
  const given = names.flatMap((name) => {
    const value = words[name];
    const needed = name === 'seed' || name === 'duration' || name === 'redis';
    if (value === undefined || (!needed && name !== 'break' && value === CHAOS_DEFAULTS[name])) return [];
    return [`--${name} ${/^[\w.-]+$/.test(value) ? value : `'${value}'`}`];
  });
  return `npm run chaos -- ${given.join(' ')}`;
}

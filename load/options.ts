import { availableParallelism } from 'node:os';

/** What a load run does. */
export interface LoadOptions {
  readonly url: string;
  readonly clients: number;
  readonly channels: number;
  /** Messages per second, in all. */
  readonly ratePerSecond: number;
  /** From the first connection until the last publish, ms. */
  readonly durationMs: number;
  readonly transport: 'websocket' | 'longpoll';
  /** How many of the clients read slowly on purpose. */
  readonly slowClients: number;
  /** Bytes of each message's data. */
  readonly size: number;
  /** Clients that connect for the first time, per second. */
  readonly connectRatePerSecond: number;
  readonly seed: number;
  /** How long to wait at the end for acknowledgements, deliveries and clients that come back, ms. */
  readonly settleMs: number;
}

/** What `loadOptions` takes: the command line's words. */
export type LoadArguments = Readonly<Record<OptionName, string>>;
type OptionName =
  | 'url'
  | 'clients'
  | 'channels'
  | 'rate'
  | 'duration'
  | 'transport'
  | 'slowClients'
  | 'size'
  | 'connectRate'
  | 'seed'
  | 'settle';

/** The defaults, as a person would write them. */
export const LOAD_DEFAULTS = {
  url: 'http://127.0.0.1:8080',
  clients: '200',
  channels: '20',
  rate: '50',
  duration: '60s',
  transport: 'websocket',
  slowClients: '0',
  size: '128',
  connectRate: '200',
  seed: '1',
  settle: '30s',
} as const satisfies LoadArguments;

/** Clients that one thread can serve without being the bottleneck itself. */
const CLIENTS_PER_THREAD = 1000;

/** Threads for so many clients: no more than the machine has processors. */
export function threadsFor(clients: number): number {
  return Math.max(1, Math.min(Math.ceil(clients / CLIENTS_PER_THREAD), availableParallelism()));
}

/** Reads the command line's words; throws one error that names every bad one, its value and what it may be. */
export function loadOptions(words: LoadArguments): LoadOptions {
  const faults: string[] = [];
  const number = (name: OptionName, { min, max, whole = true }: { min: number; max: number; whole?: boolean }): number => {
    const value = Number(words[name].trim() || Number.NaN);
    if (value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
    faults.push(`${flag(name)} is "${words[name]}": give a${whole ? ' whole' : ''} number from ${min} to ${max}`);
    return min;
  };
  const duration = (name: OptionName): number => {
    const value = parseDuration(words[name]);
    if (value === null) faults.push(`${flag(name)} is "${words[name]}": give a time such as 500ms, 60s, 5m or 1h`);
    return value ?? 0;
  };
  const clients = number('clients', { min: 1, max: 100_000 });
  if (words.transport !== 'websocket' && words.transport !== 'longpoll')
    faults.push(`--transport is "${words.transport}": give websocket or longpoll`);
  if (!URL.canParse(words.url) || !/^https?:$/.test(new URL(words.url).protocol))
    faults.push(`--url is "${words.url}": give the http:// or https:// address of the cluster`);
  const options: LoadOptions = {
    url: words.url,
    clients,
    channels: number('channels', { min: 1, max: 100_000 }),
    ratePerSecond: number('rate', { min: 0, max: 100_000, whole: false }),
    durationMs: duration('duration'),
    transport: words.transport === 'longpoll' ? 'longpoll' : 'websocket',
    slowClients: number('slowClients', { min: 0, max: clients }),
    size: number('size', { min: 0, max: 1_000_000 }),
    connectRatePerSecond: number('connectRate', { min: 1, max: 100_000, whole: false }),
    seed: number('seed', { min: 0, max: 2 ** 32 - 1 }),
    settleMs: duration('settle'),
  };
  const connectingMs = (options.clients / options.connectRatePerSecond) * 1000;
  if (faults.length === 0 && connectingMs > options.durationMs)
    faults.push(
      `--duration is "${words.duration}": ${clients} clients at ${words.connectRate}/s take ${Math.ceil(connectingMs / 1000)}s to connect; give more time, or a higher --connect-rate`,
    );
  if (faults.length > 0) throw new RangeError(faults.join('\n'));
  return options;
}

/** Milliseconds of `90s`, `1.5m`, `500ms` or `1h`; `null` for anything else. */
export function parseDuration(text: string): number | null {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim()) ?? [];
  if (amount === undefined || unit === undefined) return null;
  return Number(amount) * { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit as 'ms' | 's' | 'm' | 'h'];
}

const flag = (name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

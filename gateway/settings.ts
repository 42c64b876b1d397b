import { GATEWAY_ENV } from '../protocol/gateway-env.ts';
import { readRedisUrl, showUrl } from '../protocol/redis-url.ts';
import { REDIS_DEFAULTS, type RedisSettings, redisContradictions } from './broker/redis-settings.ts';
import { brokerUrl, type Kind, oneOf, text, wholeNumber } from './setting-kinds.ts';

/** What a gateway process runs by: parsed and checked, times in ms, sizes in bytes. */
export interface GatewaySettings extends RedisSettings {
  readonly name: string;
  readonly revision: string;
  readonly host: string;
  readonly port: number;
  readonly adminHost: string;
  readonly adminPort: number;
  /** Empty: the control plane takes no commands. */
  readonly adminToken: string;
  readonly broker: string;
  readonly maxConnections: number;
  readonly acceptRatePerSecond: number;
  readonly messageBytes: number;
  readonly messagesPerSecond: number;
  readonly channelsPerConnection: number;
  readonly queueBytes: number;
  readonly heartbeatMs: number;
  readonly pollTimeoutMs: number;
  readonly drainTimeoutMs: number;
  readonly historyMessages: number;
  readonly historyAgeMs: number;
  /** Empty: clients need no token. */
  readonly jwtSecretFile: string;
  readonly logLevel: string;
}

/** What a setting is when nobody gives it; the same as a ChatCluster's defaults where it has the field. */
export const GATEWAY_DEFAULTS = {
  name: 'gateway',
  revision: 'none',
  host: '0.0.0.0',
  port: 8080,
  adminHost: '127.0.0.1',
  adminPort: 9090,
  adminToken: '',
  broker: 'memory:',
  ...REDIS_DEFAULTS,
  maxConnections: 5_000,
  acceptRatePerSecond: 500,
  messageBytes: 32_768,
  messagesPerSecond: 20,
  channelsPerConnection: 100,
  queueBytes: 1_048_576,
  heartbeatMs: 25_000,
  pollTimeoutMs: 25_000,
  drainTimeoutMs: 300_000,
  historyMessages: 1_000,
  historyAgeMs: 3_600_000,
  jwtSecretFile: '',
  logLevel: 'info',
} as const satisfies GatewaySettings;

type Key = keyof GatewaySettings;

/** One setting as `chatcluster gateway --help` lists it. */
export interface SettingInfo {
  readonly key: Key;
  readonly env: string;
  /** `--max-connections`, which option parsers turn into the key. Null where a flag would show a secret in the list of processes. */
  readonly flag: string | null;
  readonly description: string;
  readonly default: string;
}

interface Definition<V> {
  readonly kind: Kind<V>;
  readonly description: string;
  readonly secret?: true;
}

const DEFINITIONS: { readonly [K in Key]: Definition<GatewaySettings[K]> } = {
  name: {
    kind: text({ pattern: /^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/, remedy: 'give small letters, digits and dashes, such as "gateway-1"' }),
    description: 'Its name, unique in the fleet.',
  },
  revision: { kind: text({}), description: 'Names these settings; its status repeats it.' },
  host: { kind: text({}), description: 'Address that clients reach it at.' },
  port: { kind: wholeNumber(0, 65_535), description: 'Port for clients; 0 lets the system choose.' },
  adminHost: { kind: text({}), description: 'Address of the admin port.' },
  adminPort: { kind: wholeNumber(0, 65_535), description: 'Port for status, commands, health and metrics; 0 lets the system choose.' },
  adminToken: {
    kind: text({ pattern: /^[\x21-\x7e]{16,}$/, remedy: 'give at least 16 printable characters without spaces' }),
    description: 'The token that status and commands need (at least 16 characters). Without one they are refused.',
    secret: true,
  },
  broker: {
    kind: brokerUrl,
    description:
      'Where the gateways meet: "memory:" (this process alone), "unix:/path", or a Redis: "redis://host:6379/0", "redis+sentinel://host:26379,host/name", "redis+cluster://host:6379,host", with TLS "rediss…". A user may stand before the host; a password only in the variable.',
  },
  durability: {
    kind: oneOf(['acknowledged', 'replicated']),
    description: 'With Redis, when a publish is answered: acknowledged (the primary has the message) or replicated (a replica has it too).',
  },
  redisKeyPrefix: {
    kind: text({ pattern: /^[!-z|~]{1,100}$/, remedy: 'give at most 100 printable characters, without spaces and braces' }),
    description: 'What every key and pub/sub channel in Redis begins with; another for each ChatCluster that shares a Redis.',
  },
  redisPassword: { kind: text({}), description: 'The password for Redis, unless its URL has it.', secret: true },
  redisSentinelUsername: { kind: text({}), description: 'The user that the Sentinels know, if they want one.' },
  redisSentinelPassword: { kind: text({}), description: "The Sentinels' own password, if they want one.", secret: true },
  redisCaFile: {
    kind: text({}),
    description: "With TLS: PEM file of the authorities that vouch for Redis. Without one the system's own do.",
  },
  redisCertFile: { kind: text({}), description: 'With TLS: PEM file of the certificate that the gateway shows; needs its key.' },
  redisKeyFile: { kind: text({}), description: "With TLS: PEM file of that certificate's key." },
  maxConnections: { kind: wholeNumber(1, 1_000_000), description: 'The most connections that it takes.' },
  acceptRatePerSecond: { kind: wholeNumber(1, 100_000), description: 'New connections that it admits in a second.' },
  messageBytes: { kind: wholeNumber(128, 16_777_216), description: 'The longest message of a client, bytes.' },
  messagesPerSecond: { kind: wholeNumber(1, 100_000), description: 'Messages that one connection may send in a second.' },
  channelsPerConnection: { kind: wholeNumber(1, 100_000), description: 'Channels that one connection may be subscribed to.' },
  queueBytes: {
    kind: wholeNumber(1_024, 1_073_741_824),
    description: 'Bytes that may wait for a slow reader, before its connection is closed.',
  },
  heartbeatMs: { kind: wholeNumber(1_000, 600_000), description: 'How often it pings a connection, ms.' },
  pollTimeoutMs: { kind: wholeNumber(1_000, 600_000), description: 'How long a long poll waits for a message, ms.' },
  drainTimeoutMs: {
    kind: wholeNumber(1_000, 86_400_000),
    description: 'On SIGTERM: until the connections that are left are closed, ms.',
  },
  historyMessages: { kind: wholeNumber(1, 1_000_000), description: 'With "memory:" and Redis: messages kept in a channel.' },
  historyAgeMs: { kind: wholeNumber(1_000, 2_592_000_000), description: 'With "memory:" and Redis: how long a message is kept, ms.' },
  jwtSecretFile: {
    kind: text({}),
    description: "File with the secret (at least 32 bytes) that clients' tokens (JWT, HS256) are signed with. Without one they need none.",
  },
  logLevel: {
    kind: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    description: 'What is logged: trace, debug, info, warn, error, fatal or silent.',
  },
};

const KEYS = Object.keys(GATEWAY_DEFAULTS) as Key[];

/** Every setting, in the order in which help lists them. */
export const GATEWAY_SETTINGS: readonly SettingInfo[] = KEYS.map((key) => ({
  key,
  env: GATEWAY_ENV[key],
  flag: DEFINITIONS[key].secret === true ? null : `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
  description: DEFINITIONS[key].description,
  default: String(GATEWAY_DEFAULTS[key]),
}));

/** Settings, or everything that is wrong with them: a line each, which names the variable or flag, the value and the remedy. */
export type SettingsResult =
  | { readonly kind: 'settings'; readonly settings: GatewaySettings }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] };

/** Reads the settings from the environment; `flags` (by key) win over it. What is empty counts as not given. */
export function parseGatewaySettings(
  env: Readonly<Record<string, string | undefined>>,
  flags: Readonly<Partial<Record<Key, string | undefined>>> = {},
): SettingsResult {
  const problems: string[] = [];
  const settings: Partial<Record<Key, string | number>> = {};
  for (const { key, env: variable, flag } of GATEWAY_SETTINGS) {
    const fromFlag = flags[key];
    const given = fromFlag || env[variable] || undefined;
    if (given === undefined) {
      settings[key] = GATEWAY_DEFAULTS[key];
      continue;
    }
    const name = fromFlag ? flag : variable;
    const { kind, secret } = DEFINITIONS[key];
    const read = kind(given);
    if (read.kind === 'value') settings[key] = read.value;
    else if (read.kind === 'wrong') problems.push(`${name} ${secret === true ? 'is not valid' : `is "${given}"`}; ${read.remedy}.`);
    else problems.push(...read.problems.map((problem) => `${name}: ${problem}`));
  }
  if (flags.broker && hasPassword(flags.broker)) {
    problems.push(
      `--broker: "${showUrl(flags.broker)}" shows its password in the list of processes; give that in ${GATEWAY_ENV.redisPassword}.`,
    );
  }
  if (problems.length === 0) problems.push(...redisContradictions(String(settings.broker), settings as unknown as RedisSettings));
  const { queueBytes = 0, messageBytes = 0 } = settings;
  if (problems.length === 0 && Number(queueBytes) < 2 * Number(messageBytes)) {
    problems.push(
      `${GATEWAY_ENV.queueBytes} is ${queueBytes}, which can't hold two messages of ${GATEWAY_ENV.messageBytes} ${messageBytes}; raise it to at least ${2 * Number(messageBytes)} or lower the other.`,
    );
  }
  if (problems.length > 0) return { kind: 'invalid', problems };
  return { kind: 'settings', settings: settings as unknown as GatewaySettings };
}

function hasPassword(url: string): boolean {
  const read = readRedisUrl(url);
  return read.kind === 'url' && read.url.password !== undefined;
}

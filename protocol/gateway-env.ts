/**
 * The environment variables by which a gateway process gets its settings, from the local fleet, from a Pod's template
 * or from a person. `gateway/settings.ts` parses them and has the defaults; `chatcluster gateway --help` lists them.
 */
export const GATEWAY_ENV = {
  name: 'CHATCLUSTER_GATEWAY_NAME',
  revision: 'CHATCLUSTER_REVISION',
  host: 'CHATCLUSTER_HOST',
  port: 'CHATCLUSTER_PORT',
  adminHost: 'CHATCLUSTER_ADMIN_HOST',
  adminPort: 'CHATCLUSTER_ADMIN_PORT',
  adminToken: 'CHATCLUSTER_ADMIN_TOKEN',
  /** `memory:` (this process alone), `unix:/path` (a broker that another process serves) or the URL of a Redis. */
  broker: 'CHATCLUSTER_BROKER',
  durability: 'CHATCLUSTER_DURABILITY',
  redisKeyPrefix: 'CHATCLUSTER_REDIS_KEY_PREFIX',
  redisPassword: 'CHATCLUSTER_REDIS_PASSWORD',
  redisSentinelUsername: 'CHATCLUSTER_REDIS_SENTINEL_USERNAME',
  redisSentinelPassword: 'CHATCLUSTER_REDIS_SENTINEL_PASSWORD',
  redisCaFile: 'CHATCLUSTER_REDIS_CA_FILE',
  redisCertFile: 'CHATCLUSTER_REDIS_CERT_FILE',
  redisKeyFile: 'CHATCLUSTER_REDIS_KEY_FILE',
  maxConnections: 'CHATCLUSTER_MAX_CONNECTIONS',
  acceptRatePerSecond: 'CHATCLUSTER_ACCEPT_RATE_PER_SECOND',
  messageBytes: 'CHATCLUSTER_MESSAGE_BYTES',
  messagesPerSecond: 'CHATCLUSTER_MESSAGES_PER_SECOND',
  channelsPerConnection: 'CHATCLUSTER_CHANNELS_PER_CONNECTION',
  queueBytes: 'CHATCLUSTER_QUEUE_BYTES',
  heartbeatMs: 'CHATCLUSTER_HEARTBEAT_MS',
  pollTimeoutMs: 'CHATCLUSTER_POLL_TIMEOUT_MS',
  /** On SIGTERM, until the rest is closed with 1012, ms. */
  drainTimeoutMs: 'CHATCLUSTER_DRAIN_TIMEOUT_MS',
  historyMessages: 'CHATCLUSTER_HISTORY_MESSAGES',
  historyAgeMs: 'CHATCLUSTER_HISTORY_AGE_MS',
  jwtSecretFile: 'CHATCLUSTER_JWT_SECRET_FILE',
  logLevel: 'CHATCLUSTER_LOG_LEVEL',
} as const;

import { GATEWAY_ENV } from '../../protocol/gateway-env.ts';
import type { ChatClusterSpec } from './spec.ts';

/** What of a spec gateways are given when they start. */
type GatewayPart = Pick<ChatClusterSpec, 'gateway' | 'drain' | 'broker' | 'history'>;

/**
 * The environment variables that give a gateway process the settings of a ChatCluster. Its name, ports, token and secrets are the fleet's to add,
 * and the embedded broker's place if the cluster has no Redis.
 */
export function gatewayEnvironment({ gateway, drain, broker, history }: GatewayPart): Record<string, string> {
  return {
    [GATEWAY_ENV.maxConnections]: String(gateway.connectionsPerGateway),
    [GATEWAY_ENV.acceptRatePerSecond]: String(gateway.acceptRatePerSecond),
    [GATEWAY_ENV.messageBytes]: String(gateway.messageBytes),
    [GATEWAY_ENV.messagesPerSecond]: String(gateway.messagesPerSecond),
    [GATEWAY_ENV.channelsPerConnection]: String(gateway.channelsPerConnection),
    [GATEWAY_ENV.queueBytes]: String(gateway.queueBytes),
    [GATEWAY_ENV.heartbeatMs]: String(gateway.heartbeatMs),
    [GATEWAY_ENV.pollTimeoutMs]: String(gateway.pollTimeoutMs),
    [GATEWAY_ENV.drainTimeoutMs]: String(drain.timeoutMs),
    ...(broker.url !== null && {
      [GATEWAY_ENV.broker]: broker.url,
      [GATEWAY_ENV.redisKeyPrefix]: broker.keyPrefix,
      [GATEWAY_ENV.durability]: broker.durability,
      [GATEWAY_ENV.historyMessages]: String(history.maxMessages),
      [GATEWAY_ENV.historyAgeMs]: String(history.maxAgeMs),
    }),
  };
}

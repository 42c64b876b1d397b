import { GATEWAY_ENV } from '../../protocol/gateway-env.ts';
import type { DrainSpec, GatewaySpec } from './spec.ts';

/** The environment variables that give a gateway process the settings of a ChatCluster (its name, ports and token are the fleet's to add). */
export function gatewayEnvironment(gateway: GatewaySpec, drain: DrainSpec): Record<string, string> {
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
  };
}

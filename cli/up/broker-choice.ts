import { type GatewaySettings, parseGatewaySettings } from '../../gateway/settings.ts';
import { gatewayEnvironment } from '../../operator/api/gateway-environment.ts';
import type { ChatCluster, Durability } from '../../operator/api/spec.ts';
import { GATEWAY_ENV } from '../../protocol/gateway-env.ts';
import { readRedisUrl, showUrl } from '../../protocol/redis-url.ts';
import { Failure } from '../failure.ts';

/** What the command line says of the broker; it wins over the file. */
export interface BrokerChoice {
  /** The URL of a Redis. */
  readonly redis?: string | undefined;
  readonly durability?: Durability | undefined;
}

/** Throws a Failure when `--redis` is not the URL of a Redis, or shows a password to everybody on this machine. */
export function checkChoice({ redis }: BrokerChoice): void {
  if (redis === undefined) return;
  const read = readRedisUrl(redis);
  const line = (problem: string) => `--redis: "${showUrl(redis)}" ${problem}.`;
  if (read.kind === 'wrong') throw new Failure(read.problems.map(line).join('\n'), 2);
  if (read.url.password === undefined) return;
  throw new Failure(line(`shows its password in the list of processes; give that in ${GATEWAY_ENV.redisPassword}`), 2);
}

/** The cluster with the broker that the command line chooses, where it chooses one. */
export function chosen(cluster: ChatCluster, { redis, durability }: BrokerChoice): ChatCluster {
  const { spec } = cluster;
  const { broker } = spec;
  return { ...cluster, spec: { ...spec, broker: { ...broker, url: redis ?? broker.url, durability: durability ?? broker.durability } } };
}

/** The settings that gateways get of the cluster, beside `environment`. Throws a Failure with a line for each thing that they would refuse. */
export function gatewaySettings({ spec }: ChatCluster, environment: Readonly<Record<string, string>>): GatewaySettings {
  if (spec.broker.durability === 'replicated' && spec.broker.url === null) {
    throw new Failure('--durability replicated needs a Redis; name one with --redis URL, or in the file as spec.broker.url.', 2);
  }
  const result = parseGatewaySettings({ ...environment, ...gatewayEnvironment(spec) });
  if (result.kind === 'invalid') throw new Failure(result.problems.join('\n'), 2);
  return result.settings;
}

/** The broker in a few words, its password hidden. */
export function brokerInWords({ spec: { broker } }: ChatCluster): string {
  if (broker.url === null) return 'embedded in this process';
  return `${showUrl(broker.url)} (keys ${broker.keyPrefix}*, durability ${broker.durability})`;
}

import { CLUSTER_FAULTS } from '../nemesis/faults/cluster.ts';
import { GATEWAY_FAULTS } from '../nemesis/faults/gateways.ts';
import { LINK_FAULTS } from '../nemesis/faults/links.ts';
import { NETWORK_FAULTS } from '../nemesis/faults/network.ts';
import { PROXY_FAULTS } from '../nemesis/faults/proxies.ts';
import { SENTINEL_FAULTS } from '../nemesis/faults/sentinel.ts';
import { LOSING_SERVER_FAULTS, SERVER_FAULTS } from '../nemesis/faults/server.ts';
import type { ChaosOptions, RedisKind } from '../options.ts';
import { ClusterHome } from './cluster-home.ts';
import { type Scenario, scenario } from './scenario.ts';
import { SentinelHome } from './sentinel-home.ts';
import { ServerHome } from './server-home.ts';

/** The scenario that a run's options name. */
export function scenarioOf({ redis }: ChaosOptions): Scenario {
  return SCENARIOS[redis];
}

/**
 * What was answered only when a replica had it too survives whatever happens to one server at a time; behind Sentinels with one replica:
 * of two, one would confirm for a moment what the other, which is being made the primary, never gets.
 */
const unlessReplicated = ({ durability }: ChaosOptions) => durability === 'acknowledged';

const SCENARIOS: Readonly<Record<RedisKind, Scenario>> = {
  server: scenario({
    faults: [...GATEWAY_FAULTS, ...SERVER_FAULTS, ...LOSING_SERVER_FAULTS, ...LINK_FAULTS, ...PROXY_FAULTS],
    mayLose: () => true,
    open: () => ServerHome.open('rdb'),
  }),
  'server-aof': scenario({
    faults: [...GATEWAY_FAULTS, ...SERVER_FAULTS, ...LINK_FAULTS, ...PROXY_FAULTS],
    mayLose: () => false,
    open: () => ServerHome.open('aof-always'),
  }),
  sentinel: scenario({
    faults: [...GATEWAY_FAULTS, ...SENTINEL_FAULTS, ...NETWORK_FAULTS, ...LINK_FAULTS],
    mayLose: unlessReplicated,
    open: ({ durability }, say) => SentinelHome.open(durability === 'replicated' ? 1 : 2, say),
  }),
  cluster: scenario({
    faults: [...GATEWAY_FAULTS, ...CLUSTER_FAULTS, ...NETWORK_FAULTS, ...LINK_FAULTS],
    mayLose: unlessReplicated,
    open: (_options, say) => ClusterHome.open(say),
  }),
};

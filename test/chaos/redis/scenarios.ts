import { GATEWAY_FAULTS } from '../nemesis/faults/gateways.ts';
import { LINK_FAULTS } from '../nemesis/faults/links.ts';
import { LOSING_SERVER_FAULTS, SERVER_FAULTS } from '../nemesis/faults/server.ts';
import type { ChaosOptions, RedisKind } from '../options.ts';
import { type Scenario, scenario } from './scenario.ts';
import { ServerHome } from './server-home.ts';

/** The scenario that a run's options name. */
export function scenarioOf({ redis }: ChaosOptions): Scenario {
  if (redis === 'sentinel' || redis === 'cluster') throw new Error('not there');
  return SCENARIOS[redis];
}

const SCENARIOS: Readonly<Record<Exclude<RedisKind, 'sentinel' | 'cluster'>, Scenario>> = {
  server: scenario({
    gatewayFaults: GATEWAY_FAULTS,
    faults: [...SERVER_FAULTS, ...LOSING_SERVER_FAULTS, ...LINK_FAULTS],
    mayLose: true,
    open: () => ServerHome.open('rdb'),
  }),
  'server-aof': scenario({
    gatewayFaults: GATEWAY_FAULTS,
    faults: [...SERVER_FAULTS, ...LINK_FAULTS],
    mayLose: false,
    open: () => ServerHome.open('aof-always'),
  }),
};

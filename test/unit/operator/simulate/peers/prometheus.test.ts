import { describe, expect, it } from 'vitest';
import { SimulatedFleet } from '../../../../../operator/fleet/simulated/simulated-fleet.ts';
import { Prometheus, SCRAPE_S } from '../../../../../operator/simulate/peers/prometheus.ts';
import { cluster } from '../../../../fakes/chat-cluster.ts';

/** Three gateways, ready, and a Prometheus that has seen them for half a minute. */
function world() {
  const fleet = new SimulatedFleet({
    cluster: cluster({ gateway: { connectionsPerGateway: 100 } }),
    seed: 1,
    behaviour: () => ({ startupMs: 0 }),
  });
  for (const n of [1, 2, 3]) fleet.applyNow({ kind: 'create', gateway: `chat-${n}`, reason: 'test' });
  fleet.advance(1_000);
  fleet.arrive(30);
  const prometheus = new Prometheus();
  const seconds = (count: number, blind = false) => {
    for (let i = 0; i < count; i++) {
      fleet.advance(1_000);
      prometheus.second(fleet.gateways(), blind);
    }
  };
  seconds(SCRAPE_S);
  return { fleet, prometheus, seconds, sum: () => prometheus.sum(fleet.gateways()) };
}

describe('what Prometheus knows', () => {
  it('is up to half a minute old, of each gateway as of another second', () => {
    const { fleet, seconds, sum } = world();
    expect(sum()).toBe(30);
    fleet.arrive(30);
    seconds(1);
    expect(sum()).toBe(40);
    seconds(2);
    expect(sum()).toBe(60);
  });

  it('has nothing of a gateway that is new, or that is gone', () => {
    const { fleet, prometheus, seconds, sum } = world();
    fleet.applyNow({ kind: 'create', gateway: 'chat-9', reason: 'test' });
    seconds(5);
    const fresh = fleet.gateway('chat-9');
    expect(fresh === undefined ? undefined : prometheus.connectionsOf(fresh)).toBeNull();
    fleet.kill('chat-1', 1_000);
    seconds(2);
    expect(sum()).toBe(20);
  });

  it('is nothing when the series are lost, and comes back with the next scrapes', () => {
    const { seconds, sum } = world();
    seconds(1, true);
    expect(sum()).toBeNull();
    seconds(SCRAPE_S);
    expect(sum()).toBe(30);
  });
});

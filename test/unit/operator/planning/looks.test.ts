import { describe, expect, it } from 'vitest';
import type { BalancingAlgorithm, ChatCluster } from '../../../../operator/api/spec.ts';
import { SimulatedFleet } from '../../../../operator/fleet/simulated/simulated-fleet.ts';
import { emptyPlanningMemory } from '../../../../operator/planning/memory.ts';
import { plan } from '../../../../operator/planning/plan.ts';
import { cluster } from '../../../fakes/chat-cluster.ts';

const STEP_MS = 100;
const START = 1_000_000;
const MAX_SKEW = 0.2;

/** A fleet whose gateways are looked at once a second, each at another moment, as a scraper does; and the planner, every second. */
class Story {
  readonly fleet: SimulatedFleet;
  readonly #cluster: ChatCluster;
  #memory = emptyPlanningMemory();
  #desired: number;

  constructor({ gateways, algorithm, lookedAt }: { gateways: number; algorithm: BalancingAlgorithm; lookedAt: readonly number[] }) {
    this.#desired = gateways;
    this.#cluster = cluster({
      gateway: { connectionsPerGateway: 1_000, acceptRatePerSecond: 1_000 },
      scaling: { minReplicas: 1, maxReplicas: 10 },
      drain: { timeoutMs: 60_000, maxConnectionsPerSecond: 200 },
      rebalance: { enabled: true, maxSkew: MAX_SKEW },
      balancing: { algorithm },
    });
    const lookedAtMs = (name: string) => lookedAt[Number(/\d+$/.exec(name)?.[0]) % lookedAt.length] ?? 0;
    const behaviour = (name: string) => ({ startupMs: 500, lookedAtMs: lookedAtMs(name) });
    this.fleet = new SimulatedFleet({ cluster: this.#cluster, seed: 1, startAt: START, load: { messagesPerConnection: 0 }, behaviour });
  }

  /** So long; `arriving` come in each step, or leave when it is below 0. */
  async pass(seconds: number, arriving = 0): Promise<void> {
    for (let ms = 0; ms < seconds * 1_000; ms += STEP_MS) {
      this.fleet.advance(STEP_MS);
      if (arriving > 0) this.fleet.arrive(arriving);
      else this.fleet.leave(-arriving);
      if ((this.fleet.now - START) % 1_000 === 0) await this.#decide();
    }
  }

  async scaleTo(gateways: number): Promise<void> {
    this.#desired = gateways;
    await this.pass(2);
  }

  /** How far the fullest is above the mean, a fraction. */
  skew(): number {
    const held = this.fleet.gateways().map((gateway) => gateway.held);
    return Math.max(...held) / (this.fleet.connections / held.length) - 1;
  }

  async #decide(): Promise<void> {
    const gateways = await this.fleet.list();
    const snapshot = {
      now: this.fleet.now,
      cluster: this.#cluster,
      revision: this.fleet.revision(),
      gateways,
      drainRequests: [],
      takeBacks: [],
    };
    const desired = { kind: 'desired', desired: this.#desired, needed: this.#desired, reasons: [] } as const;
    const planned = plan(snapshot, desired, this.#memory);
    this.#memory = planned.memory;
    for (const action of planned.actions) this.fleet.applyNow(action);
  }
}

/** When in a second each gateway is looked at, ms. */
const LOOKS: Readonly<Record<string, readonly number[]>> = {
  'one late, the others early': [50, 950, 50, 50, 50],
  'one after the other': [50, 250, 450, 650, 850],
  'one early, the others late': [950, 50, 950, 950, 950],
};

describe.each(Object.entries(LOOKS))('gateways that are looked at %s', (_name, lookedAt) => {
  it.each(['LeastConnections', 'RoundRobin'] as const)('nobody is asked to move while many arrive evenly (%s)', async (algorithm) => {
    for (const perSecond of [50, 200, 1_000, 2_500]) {
      const story = new Story({ gateways: 5, algorithm, lookedAt });
      await story.scaleTo(5);
      await story.pass(1_000 / perSecond, perSecond / (1_000 / STEP_MS));
      await story.pass(12);
      expect({ perSecond, connections: story.fleet.connections, moved: story.fleet.totals.moved }).toEqual({
        perSecond,
        connections: 1_000,
        moved: 0,
      });
    }
  });

  it('nobody is asked to move while many leave', async () => {
    for (const perSecond of [50, 200, 500, 1_000]) {
      const story = new Story({ gateways: 5, algorithm: 'LeastConnections', lookedAt });
      await story.scaleTo(5);
      await story.pass(10, 20);
      await story.pass(3);
      await story.pass(1_500 / perSecond, -perSecond / (1_000 / STEP_MS));
      await story.pass(3);
      expect({ perSecond, connections: story.fleet.connections, moved: story.fleet.totals.moved }).toEqual({
        perSecond,
        connections: 500,
        moved: 0,
      });
    }
  });

  it.each([
    { algorithm: 'LeastConnections', arriving: 0 },
    { algorithm: 'RoundRobin', arriving: 0 },
    // 20 a second, of which those that are too full take some.
    { algorithm: 'RoundRobin', arriving: 2 },
  ] as const)('after a scale-up the rebalance begins at once, and reaches maxSkew ($algorithm, $arriving arrive)', async (row) => {
    const story = new Story({ gateways: 5, algorithm: row.algorithm, lookedAt });
    await story.scaleTo(5);
    await story.pass(1, 100);
    await story.pass(5, row.arriving);
    await story.scaleTo(7);
    await story.pass(3, row.arriving);
    expect(story.fleet.totals.moved).toBeGreaterThan(100);
    // In turn, who is moved lands on any of them, those that are too full too: that takes longer.
    await story.pass(row.algorithm === 'RoundRobin' ? 12 : 8, row.arriving);
    expect(story.skew()).toBeLessThanOrEqual(MAX_SKEW);
  });
});

import { describe, expect, it } from 'vitest';
import type { ChatCluster } from '../../../../operator/api/spec.ts';
import type { Behaviour } from '../../../../operator/fleet/simulated/options.ts';
import { cluster } from '../../../fakes/chat-cluster.ts';
import { World } from '../../../fakes/operator.ts';

const CLIENTS = 240;
const GATEWAYS = 4;

/** Settings of the gateways, told apart by a number. */
const settings = (messagesPerSecond: number, maxFailedResumes = 0.1): ChatCluster =>
  cluster({
    gateway: { connectionsPerGateway: 100, acceptRatePerSecond: 100, messagesPerSecond },
    scaling: { minReplicas: GATEWAYS, maxReplicas: GATEWAYS },
    drain: { timeoutMs: 60_000, maxConnectionsPerSecond: 20 },
    rollout: { maxSurge: 1, progressDeadlineMs: 30_000, maxFailedResumes },
  });

/** A fleet at rest with clients on it, and how gateways of other settings behave. */
async function restingWorld(others: Behaviour): Promise<World> {
  const good = settings(1);
  const world: World = new World({
    cluster: good,
    seed: 1,
    behaviour: (_gateway, revision) => (revision === first ? { startupMs: 1_000 } : others),
  });
  const first = world.fleet.revision();
  await seconds(world, 5);
  world.fleet.arrive(CLIENTS);
  await seconds(world, 5);
  return world;
}

async function seconds(world: World, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await world.step();
}

const shape = (world: World) => ({
  current: world.fleet.gateways().filter(({ revision }) => revision === world.fleet.revision()).length,
  others: world.fleet.gateways().filter(({ revision }) => revision !== world.fleet.revision()).length,
  cordoned: world.fleet.gateways().filter(({ cordoned }) => cordoned).length,
  connections: world.fleet.connections,
});
const progressing = (world: World) =>
  world
    .operator()
    .status()
    ?.conditions.find(({ type }) => type === 'Progressing');
const rolledOut = { current: GATEWAYS, others: 0, cordoned: 0, connections: CLIENTS };

describe('a rollout of settings with which gateways', () => {
  it('work: replaces all, and nobody is closed', async () => {
    const world = await restingWorld({ startupMs: 1_000 });
    world.setCluster(settings(2));
    await seconds(world, 120);
    expect(shape(world)).toEqual(rolledOut);
    expect(world.fleet.totals).toMatchObject({ forced: 0, closedByDelete: 0 });
    expect(progressing(world)).toMatchObject({ status: 'False', reason: 'Settled' });
  });

  it('never get ready: pauses with the old ones as they were, says so, and goes back', async () => {
    const world = await restingWorld({ startupMs: null });
    world.setCluster(settings(2));
    await seconds(world, 30);
    expect(progressing(world)).toMatchObject({ status: 'True', reason: 'RollingOut' });
    await seconds(world, 300);
    expect(shape(world)).toEqual({ current: 1, others: GATEWAYS, cordoned: 0, connections: CLIENTS });
    expect(world.fleet.totals.moved).toBe(0);
    expect(progressing(world)).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
    expect(progressing(world)?.message).toContain('chat-5 did not become ready within 30 s');
    world.setCluster(settings(1));
    await seconds(world, 10);
    expect(shape(world)).toEqual(rolledOut);
    expect(progressing(world)).toMatchObject({ status: 'False', reason: 'Settled' });
  });

  it('get ready late: goes on when they do', async () => {
    const world = await restingWorld({ startupMs: 40_000 });
    world.setCluster(settings(2));
    await seconds(world, 35);
    expect(progressing(world)).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
    await seconds(world, 400);
    expect(shape(world)).toEqual(rolledOut);
  });

  it('lose their clients positions: pauses, stays paused, and goes back', async () => {
    const world = await restingWorld({ startupMs: 1_000, gapShare: 0.5 });
    world.setCluster(settings(2));
    await seconds(world, 600);
    const { current, others, cordoned } = shape(world);
    expect({ current, others, cordoned }).toEqual({ current: 1, others: GATEWAYS, cordoned: 0 });
    const { moved } = world.fleet.totals;
    expect(moved).toBeLessThanOrEqual(CLIENTS / 4);
    expect(progressing(world)).toMatchObject({ status: 'False', reason: 'RolloutPausedByFailedResumes' });
    world.killAfter(-1);
    await seconds(world, 60);
    expect(world.fleet.totals.moved).toBe(moved);
    world.setCluster(settings(1));
    await seconds(world, 120);
    expect(shape(world)).toEqual(rolledOut);
  });

  it('lose their clients positions: goes on when that is allowed', async () => {
    const world = await restingWorld({ startupMs: 1_000, gapShare: 0.5 });
    world.setCluster(settings(2));
    await seconds(world, 120);
    world.setCluster(settings(2, 0.6));
    await seconds(world, 200);
    expect(shape(world)).toEqual(rolledOut);
  });
});

import { describe, expect, it } from 'vitest';
import { SimulatedFleet } from '../../../../operator/fleet/simulated/simulated-fleet.ts';
import { Deployment } from '../../../../operator/simulate/deployment.ts';
import { seededRandom } from '../../../../operator/simulate/random.ts';
import { cluster } from '../../../fakes/chat-cluster.ts';

function world(replicas: number, startupMs = 1_000) {
  const fleet = new SimulatedFleet({
    cluster: cluster({ gateway: { connectionsPerGateway: 100 } }),
    seed: 1,
    behaviour: () => ({ startupMs }),
  });
  const deployment = new Deployment({ fleet, name: 'chat', graceMs: 30_000, random: seededRandom(1) });
  deployment.reconcile(replicas);
  fleet.advance(2_000);
  const phases = () => fleet.gateways().map(({ phase }) => phase);
  return { fleet, deployment, phases };
}

describe('a Deployment', () => {
  it('drops what it kills, after the grace period; they come back elsewhere', () => {
    const { fleet, deployment } = world(4);
    fleet.arrive(200);
    deployment.reconcile(3);
    fleet.advance(29_000);
    expect(fleet.totals).toMatchObject({ closedByDelete: 0, moved: 0 });
    fleet.advance(1_000);
    expect(fleet.totals).toMatchObject({ closedByDelete: 50, moved: 0 });
    for (let i = 0; i < 5; i++) fleet.advance(1_000);
    expect([fleet.gateways().length, fleet.connections]).toEqual([3, 200]);
  });

  it('kills Pods that are not ready before others', () => {
    const { deployment, phases } = world(2);
    deployment.reconcile(4);
    deployment.reconcile(2);
    expect(phases()).toEqual(['ready', 'ready', 'terminating', 'terminating']);
  });

  it('kills others at random', () => {
    const victims = new Set<string | undefined>();
    for (let seed = 0; seed < 20; seed++) {
      const fleet = new SimulatedFleet({ cluster: cluster(), seed: 1, behaviour: () => ({ startupMs: 0 }) });
      const deployment = new Deployment({ fleet, name: 'chat', graceMs: 0, random: seededRandom(seed) });
      deployment.reconcile(4);
      fleet.advance(1_000);
      deployment.reconcile(3);
      victims.add(fleet.gateways().find(({ phase }) => phase === 'terminating')?.name);
    }
    expect(victims.size).toBe(4);
  });

  it('replaces a dead Pod, under another name', () => {
    const { fleet, deployment } = world(2);
    fleet.crash('chat-1');
    deployment.reconcile(2);
    expect(fleet.gateways().map(({ name }) => name)).toEqual(['chat-2', 'chat-3']);
  });

  it('changes nothing when there are as many as there should be', () => {
    const { deployment, phases } = world(3);
    deployment.reconcile(3);
    expect(phases()).toEqual(['ready', 'ready', 'ready']);
  });
});

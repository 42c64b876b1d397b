import { SimulatedFleet } from '../../operator/fleet/simulated/simulated-fleet.ts';
import { cluster } from '../fakes/chat-cluster.ts';
import { type FleetHarness, fleetContract } from './fleet.ts';

const STEP_MS = 50;
const PATIENCE_MS = 300_000;

fleetContract('simulated', async (): Promise<FleetHarness> => {
  const fleet = new SimulatedFleet({ cluster: cluster(), seed: 1, startAt: 1_000_000 });
  const { totals } = fleet;
  const until: FleetHarness['until'] = async (what, condition) => {
    const giveUpAt = fleet.now + PATIENCE_MS;
    while (!(await condition())) {
      if (fleet.now >= giveUpAt) throw new Error(`it never came to be that ${what}`);
      fleet.advance(STEP_MS);
    }
  };
  const migrating = () => fleet.gateways().reduce((sum, gateway) => sum + gateway.migrating, 0);
  return {
    fleet,
    now: () => fleet.now,
    until,
    changeSettings: () => fleet.configure(cluster({ gateway: { connectionsPerGateway: 77 } })),
    crash: (gateway) => fleet.crash(gateway),
    freeze: (gateway) => fleet.setReachable(gateway, false),
    thaw: (gateway) => fleet.setReachable(gateway, true),
    terminate: (gateway) => fleet.terminate(gateway),
    clients: {
      connect: async (count) => {
        fleet.arrive(count);
        await until(`${count} more have a connection`, () => fleet.waiting === 0);
      },
      on: (gateway) => fleet.gateway(gateway)?.held ?? 0,
      asked: async () => totals.moved,
      moved: () => totals.moved - migrating(),
      cutOff: () => totals.forced + totals.closedByDelete,
    },
    stop: async () => {},
  };
});

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import type { Action, Fleet, GatewayView } from '../../operator/fleet/fleet.ts';
import { FleetClients } from '../fakes/fleet-clients.ts';
import { podAddress } from '../kube/addresses.ts';
import { type FleetHarness, fleetContract } from './fleet.ts';
import { type Bed, openBed, openWorld, type World } from './fleet-kubernetes-world.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });
const PATIENCE = { timeout: 90_000, interval: 20 };
/** A little longer than the fleet gives to proxies once the endpoints have forgotten a gateway. */
const PROXIES_FOLLOW_MS = 1_100;
const SPEC = { gateway: { acceptRatePerSecond: 1000 } };

let bed: Bed;
beforeAll(async () => {
  bed = await openBed();
});
afterAll(() => bed?.stop());

/** Real Pods by a real control plane; their containers are local processes that aren't started anew, so that a crash is the end of a gateway. */
fleetContract('kubernetes', async (): Promise<FleetHarness> => {
  const { node } = bed;
  const world = await openWorld(bed, { spec: SPEC, restartPolicy: 'Never' });
  const { namespace, proxy, fleet } = world;
  const logs = () => world.pods.list().map(({ metadata: { name } }) => `${name}:\n${node.log(namespace, name)}`);
  const until: FleetHarness['until'] = (what, condition) =>
    vi.waitFor(async () => expect(await condition(), [what, ...logs()].join('\n')).toBe(true), PATIENCE);
  const endpointsFollow = () => until('the endpoints follow', async () => endpointsAreRight(world, await fleet.list()));
  const clients = new FleetClients(() => countAsked(world), `http://127.0.0.1:${proxy.port}`);
  return {
    fleet: new PatientFleet(fleet, endpointsFollow),
    clients: {
      // To whom Kubernetes leads clients follows what the fleet was told only after a moment.
      async connect(count) {
        await endpointsFollow();
        await clients.connect(count);
      },
      on: (gateway) => clients.on(gateway),
      asked: () => clients.asked(),
      moved: () => clients.moved(),
      cutOff: () => clients.cutOff(),
    },
    now: Date.now,
    until,
    changeSettings: () => world.configure({ gateway: { ...SPEC.gateway, connectionsPerGateway: 77 } }),
    crash: (gateway) => node.crash(namespace, gateway),
    freeze: (gateway) => node.freeze(namespace, gateway),
    thaw: (gateway) => node.thaw(namespace, gateway),
    terminate(gateway) {
      const found = node.processes().find((one) => one.namespace === namespace && one.pod === gateway);
      if (found === undefined) throw new Error(`there is no process ${gateway}`);
      process.kill(found.pid, 'SIGTERM');
    },
    async stop() {
      await clients.close();
      await world.stop();
    },
  };
});

/** Whether the Service leads to all gateways that take connections, and to no other. */
function endpointsAreRight({ proxy, pods, namespace }: World, gateways: readonly GatewayView[]): boolean {
  const taking = gateways.filter(({ phase, cordoned }) => phase === 'ready' && !cordoned);
  const want = taking.map(({ name }) => `${podAddress(pods.get(namespace, name)?.status?.podIP ?? '')}:8080`);
  return want.sort().join() === [...proxy.endpoints()].sort().join();
}

async function countAsked(world: World): Promise<readonly (readonly [string, number])[]> {
  const alive = (await world.fleet.list()).filter(({ phase }) => phase === 'ready' || phase === 'terminating');
  return Promise.all(
    alive.map(
      async ({ name }) =>
        [
          name,
          await world.status(name).then(
            ({ migratedTotal }) => migratedTotal,
            () => 0,
          ),
        ] as const,
    ),
  );
}

/**
 * Does what the planner does: repeats a drain until it goes on at its rate. A drain begins with a cordon, and the clients move when the endpoints have
 * followed; deadlines as short as those of the contract would be over by then, so here the cordon comes first and is waited for.
 */
class PatientFleet implements Fleet {
  readonly #fleet: Fleet;
  readonly #endpointsFollow: () => Promise<void>;
  readonly #wanted = new Map<string, Extract<Action, { kind: 'drain' }>>();

  constructor(fleet: Fleet, endpointsFollow: () => Promise<void>) {
    this.#fleet = fleet;
    this.#endpointsFollow = endpointsFollow;
  }

  async list(): Promise<readonly GatewayView[]> {
    const views = await this.#fleet.list();
    const slow = views.filter(({ name, drain }) => drain !== null && (this.#wanted.get(name)?.ratePerSecond ?? 0) > drain.ratePerSecond);
    if (slow.length === 0) return views;
    for (const { name } of slow) await this.#fleet.apply(this.#wanted.get(name) as Action);
    return this.#fleet.list();
  }

  revision(): string {
    return this.#fleet.revision();
  }

  problems(): readonly string[] {
    return this.#fleet.problems();
  }

  async apply(action: Action): Promise<void> {
    this.#wanted.delete(action.gateway);
    if (action.kind !== 'drain') return this.#fleet.apply(action);
    this.#wanted.set(action.gateway, action);
    const view = (await this.#fleet.list()).find(({ name }) => name === action.gateway);
    if (view?.phase === 'ready' && !view.cordoned) {
      await this.#fleet.apply({ ...action, kind: 'cordon' });
      await this.#endpointsFollow();
      await sleep(PROXIES_FOLLOW_MS);
    }
    await this.#fleet.apply(action);
    // The endpoints never had it, but that counts only from when it was seen first, and it may start faster than that.
    if (view?.phase === 'starting') await sleep(PROXIES_FOLLOW_MS);
  }

  watch(changed: () => void, signal: AbortSignal): void {
    this.#fleet.watch(changed, signal);
  }
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { gatewayProcesses } from '../../cli/up/gateway-processes.ts';
import { MemoryEngine } from '../../gateway/broker/memory/engine.ts';
import { serveBroker } from '../../gateway/broker/server.ts';
import { LocalFleet } from '../../operator/fleet/local/local-fleet.ts';
import { cluster, type SpecChanges } from '../fakes/chat-cluster.ts';
import { FleetClients } from '../fakes/fleet-clients.ts';
import { type FleetHarness, fleetContract } from './fleet.ts';

vi.setConfig({ testTimeout: 90_000 });
const PATIENCE = { timeout: 60_000, interval: 10 };
const SPEC = { gateway: { acceptRatePerSecond: 1000 } } satisfies SpecChanges;

/** Real gateways as real processes, and the SDK's clients on them. */
fleetContract('local', async (): Promise<FleetHarness> => {
  const folder = await mkdtemp(join(tmpdir(), 'fleet-'));
  const broker = new MemoryEngine().connect();
  const socketPath = join(folder, 'broker.sock');
  const server = await serveBroker(broker, socketPath);
  const output: string[] = [];
  const fleet = new LocalFleet({
    ...gatewayProcesses(socketPath, { PATH: process.env.PATH }),
    cluster: cluster(SPEC),
    port: 0,
    host: '127.0.0.1',
    elsewhere: ({ socket }) => socket.destroy(),
    output: (gateway, line) => output.push(`${gateway}: ${line}`),
    scrapeIntervalMs: 20,
    adminTimeoutMs: 500,
    stopTimeoutMs: 1000,
  });
  const countAsked = async () => {
    // One that is under way may have asked a gateway a moment ago: the next has not.
    await fleet.scrape();
    await fleet.scrape();
    return fleet.gateways().map(({ name, status }) => [name, status?.migratedTotal ?? 0] as const);
  };
  const clients = new FleetClients(countAsked, `http://127.0.0.1:${await fleet.open()}`);
  const signal = (gateway: string, kind: NodeJS.Signals) => {
    const pid = fleet
      .gateways()
      .find(({ name }) => name === gateway)
      ?.view().pid;
    if (pid === undefined || pid === null) throw new Error(`there is no process ${gateway}`);
    process.kill(pid, kind);
  };
  return {
    fleet,
    clients,
    now: Date.now,
    until: (what, condition) => vi.waitFor(async () => expect(await condition(), [what, ...output].join('\n')).toBe(true), PATIENCE),
    changeSettings: () => fleet.configure(cluster({ gateway: { ...SPEC.gateway, connectionsPerGateway: 77 } })),
    crash: (gateway) => void fleet.kill(gateway),
    freeze: (gateway) => signal(gateway, 'SIGSTOP'),
    thaw: (gateway) => signal(gateway, 'SIGCONT'),
    terminate: (gateway) => signal(gateway, 'SIGTERM'),
    stop: async () => {
      await clients.close();
      await fleet.abort();
      await server.close();
      await broker.close();
      await rm(folder, { recursive: true });
    },
  };
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SimulatedClients } from '../../load/simulated-clients.ts';
import { OneGateway } from '../fakes/one-gateway.ts';

let gateway: OneGateway;
let clients: SimulatedClients;

beforeEach(async () => {
  gateway = new OneGateway();
  clients = new SimulatedClients(await gateway.start());
});
afterEach(async () => {
  await clients.stop();
  await gateway.stop();
});

const connected = (count: number) => vi.waitFor(() => expect(gateway.connections).toBe(count), { timeout: 10_000 });

describe('simulated clients', () => {
  it('come, chat, go, and end all at once', async () => {
    clients.set(100);
    expect(clients.count).toBe(100);
    await connected(100);
    await vi.waitFor(() => expect(gateway.stored).toBeGreaterThan(0), { timeout: 10_000 });
    clients.set(10);
    await connected(10);
    clients.set(12);
    await connected(12);
    await clients.stop();
    await connected(0);
    expect(clients.count).toBe(0);
  });

  it('can be started again after they were stopped', async () => {
    clients.set(2);
    await connected(2);
    await clients.stop();
    clients.set(3);
    await connected(3);
  });

  it.each([-1, 1.5, Number.NaN])('refuse the number %d', (count) => {
    expect(() => clients.set(count)).toThrow(`The number of simulated clients is ${count}`);
  });
});

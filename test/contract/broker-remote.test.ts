import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Broker } from '../../gateway/broker/broker.ts';
import { connectBroker } from '../../gateway/broker/remote.ts';
import { serveBroker } from '../../gateway/broker/server.ts';
import { memoryStore } from '../fakes/memory-store.ts';
import { brokerContract } from './broker.ts';

brokerContract('memory, over a Unix socket', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'broker-'));
  const { engine, advance } = memoryStore();
  const served = engine.connect();
  const socketPath = join(folder, 'broker.sock');
  const server = await serveBroker(served, socketPath);
  const brokers = new Set<Broker>();
  return {
    open: async () => {
      const broker = await connectBroker(socketPath);
      brokers.add(broker);
      return broker;
    },
    advance: async (ms) => advance(ms),
    setLimits: async (limits) => engine.setLimits(limits),
    stop: async () => {
      for (const broker of brokers) await broker.close();
      await server.close();
      await served.close();
      await rm(folder, { recursive: true });
    },
  };
});

import { memoryStore } from '../fakes/memory-store.ts';
import { brokerContract } from './broker.ts';

brokerContract('memory', async () => {
  const { engine, advance } = memoryStore();
  const brokers = new Set<ReturnType<typeof engine.connect>>();
  return {
    open: async () => {
      const broker = engine.connect();
      brokers.add(broker);
      return broker;
    },
    advance: async (ms) => advance(ms),
    setLimits: async (limits) => engine.setLimits(limits),
    stop: async () => {
      for (const broker of brokers) await broker.close();
    },
  };
});

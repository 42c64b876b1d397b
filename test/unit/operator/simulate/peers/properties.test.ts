import { describe, expect, it } from 'vitest';
import { emptyHpaMemory, hpaBehaviour } from '../../../../../operator/simulate/peers/hpa.ts';
import { lostAsZero } from '../../../../../operator/simulate/peers/keda.ts';
import { begunKpa, type KpaMemory, kpa, sampledTotal } from '../../../../../operator/simulate/peers/knative.ts';
import { seededRandom } from '../../../../../operator/simulate/random.ts';
import { cluster } from '../../../../fakes/chat-cluster.ts';
import fc from '../../../../setup/random-cases.ts';

const limits = fc.record({ min: fc.integer({ min: 1, max: 20 }), more: fc.integer({ min: 0, max: 500 }) }).map(({ min, more }) => ({
  minReplicas: min,
  maxReplicas: min + more,
}));
const loads = fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 60 });

describe('a peer keeps to its rates and limits, whatever is asked', () => {
  it('HPA', () => {
    fc.assert(
      fc.property(limits, loads, (within, asked) => {
        const chat = cluster({ scaling: within });
        let [replicas, memory] = [within.minReplicas, emptyHpaMemory];
        asked.forEach((wanted, i) => {
          const now = i * 15_000;
          const result = hpaBehaviour({ cluster: chat, now, replicas, wanted }, memory);
          const recent = asked.slice(Math.max(0, i - 19), i + 1);
          expect(result.replicas).toBeLessThanOrEqual(Math.max(replicas + 4, 2 * replicas));
          expect(result.replicas).toBeLessThanOrEqual(within.maxReplicas);
          expect(result.replicas).toBeGreaterThanOrEqual(within.minReplicas);
          if (result.replicas < replicas) expect(result.replicas).toBe(Math.max(within.minReplicas, Math.max(...recent)));
          [replicas, memory] = [result.replicas, result.memory];
        });
      }),
    );
  });

  it('Knative', () => {
    fc.assert(
      fc.property(limits, loads, (within, connections) => {
        let [ready, memory]: [number, KpaMemory] = [within.minReplicas, begunKpa(0, within.minReplicas)];
        connections.forEach((load, i) => {
          const before = memory;
          const observed = { stable: load, panic: load };
          const result = kpa({ now: i * 2_000, ready, observed, target: 10, limits: within, replicas: ready }, memory);
          expect(result.replicas).toBeGreaterThanOrEqual(Math.max(within.minReplicas, Math.min(within.maxReplicas, Math.floor(ready / 2))));
          expect(result.replicas).toBeLessThanOrEqual(within.maxReplicas);
          if (result.memory.panicAt !== null) expect(result.memory.mostInPanic).toBeGreaterThanOrEqual(before.mostInPanic);
          [ready, memory] = [result.replicas, result.memory];
        });
      }),
    );
  });
});

it('a sample is between what the emptiest and the fullest of as many would hold', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ connections: fc.nat(1_000), readyAt: fc.nat(100_000) }), { minLength: 1, maxLength: 80 }),
      fc.nat(),
      (pods, seed) => {
        const total = sampledTotal(pods, 100_000, seededRandom(seed)) ?? Number.NaN;
        const held = pods.map(({ connections }) => connections);
        expect(total).toBeGreaterThanOrEqual(Math.min(...held) * pods.length - 1e-6);
        expect(total).toBeLessThanOrEqual(Math.max(...held) * pods.length + 1e-6);
      },
    ),
  );
});

it('KEDA reads a lost series as 0, and any other value as it is', () => {
  expect([lostAsZero(null), lostAsZero(0), lostAsZero(17)]).toEqual([0, 0, 17]);
});

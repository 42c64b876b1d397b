import { describe, expect, it } from 'vitest';
import { emptyScalingMemory } from '../../../../operator/scaling/memory.ts';
import { recommend } from '../../../../operator/scaling/recommend.ts';
import { stabilize } from '../../../../operator/scaling/stabilize.ts';
import type { ScalingMemory, Snapshot } from '../../../../operator/snapshot.ts';
import { cluster, gateway, scalingWith } from '../../../fakes/chat-cluster.ts';
import fc, { runs } from '../../../setup/random-cases.ts';

/** Specs that parse: a target that the tolerance doesn't carry past the capacity, a standby that fits. */
const specs = fc
  .record({
    capacity: fc.integer({ min: 10, max: 5_000 }),
    min: fc.integer({ min: 1, max: 20 }),
    more: fc.integer({ min: 5, max: 200 }),
    target: fc.integer({ min: 30, max: 80 }),
    tolerance: fc.integer({ min: 0, max: 20 }),
    standbyGateways: fc.integer({ min: 0, max: 4 }),
    standbyShare: fc.integer({ min: 0, max: 50 }),
    upMs: fc.constantFrom(0, 5_000, 60_000),
    downMs: fc.constantFrom(0, 5_000, 300_000),
  })
  .map((s) =>
    cluster({
      gateway: { connectionsPerGateway: s.capacity },
      scaling: {
        minReplicas: s.min,
        maxReplicas: s.min + s.more,
        targetUtilization: s.target / 100,
        tolerance: s.tolerance / 100,
        standby: { gateways: s.standbyGateways, connections: { kind: 'fraction', fraction: s.standbyShare / 100 } },
        scaleUp: { stabilizationMs: s.upMs },
        scaleDown: { stabilizationMs: s.downMs },
      },
    }),
  );

type Cluster = ReturnType<typeof cluster>;

/** All the connections on one gateway: how they are spread is not for scaling to care. */
function snapshot(chat: Cluster, now: number, connections: number): Snapshot {
  return { now, cluster: chat, revision: 'r1', gateways: [gateway({ connections, observedAt: now })], drainRequests: [], takeBacks: [] };
}

function step(chat: Cluster, now: number, connections: number, memory: ScalingMemory): { desired: number; memory: ScalingMemory } {
  const result = recommend(snapshot(chat, now, connections), memory);
  if (result.recommendation.kind !== 'desired') throw new Error('all is known, so it can be decided');
  return { desired: result.recommendation.desired, memory: result.memory };
}

const starting = (desired: number): ScalingMemory => ({ ...emptyScalingMemory(), desired });

describe('a recommendation', () => {
  it('stays within the limits, whatever comes', () => {
    fc.assert(
      fc.property(specs, fc.array(fc.nat({ max: 1_000_000 }), { maxLength: 30 }), fc.nat({ max: 300 }), (chat, loads, first) => {
        let memory = starting(first);
        loads.forEach((connections, i) => {
          const result = step(chat, i * 1_000, connections, memory);
          memory = result.memory;
          expect(result.desired).toBeGreaterThanOrEqual(chat.spec.scaling.minReplicas);
          expect(result.desired).toBeLessThanOrEqual(chat.spec.scaling.maxReplicas);
        });
      }),
    );
  });

  it('never falls when there are more connections', () => {
    fc.assert(
      fc.property(
        specs,
        fc.nat({ max: 200_000 }),
        fc.nat({ max: 50_000 }),
        fc.integer({ min: 1, max: 200 }),
        (chat, connections, more, current) => {
          const less = step(chat, 0, connections, starting(current));
          expect(step(chat, 0, connections + more, starting(current)).desired).toBeGreaterThanOrEqual(less.desired);
        },
      ),
    );
  });

  it('reaches a fixed point under a constant load, in one change, and stays there', () => {
    fc.assert(
      fc.property(specs, fc.nat({ max: 200_000 }), fc.integer({ min: 1, max: 200 }), (chat, connections, current) => {
        let memory = starting(current);
        const seen: number[] = [];
        for (let second = 0; second < 400; second += 5) {
          const result = step(chat, second * 1_000, connections, memory);
          memory = result.memory;
          if (seen.at(-1) !== result.desired) seen.push(result.desired);
        }
        expect(seen.length).toBeLessThanOrEqual(2);
      }),
      { numRuns: runs(50) },
    );
  });

  it('is not changed by noise within the tolerance', () => {
    const noise = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(specs, fc.integer({ min: 1, max: 100 }), noise, (chat, serving, wobbles) => {
        const { scaling, gateway: settings } = chat.spec;
        const share = scaling.standby.connections.kind === 'fraction' ? scaling.standby.connections.fraction : 0;
        const onTarget = (serving * settings.connectionsPerGateway * scaling.targetUtilization) / (1 + share);
        const desired = serving + scaling.standby.gateways;
        fc.pre(desired >= scaling.minReplicas && desired <= scaling.maxReplicas);
        let memory = starting(desired);
        wobbles.forEach((wobble, i) => {
          const result = step(chat, i * 1_000, onTarget * (1 + wobble * scaling.tolerance), memory);
          memory = result.memory;
          expect(result.desired).toBe(desired);
        });
      }),
    );
  });

  it('with its standby always has room for all, unless the limit forbids it', () => {
    fc.assert(
      fc.property(specs, fc.nat({ max: 200_000 }), fc.integer({ min: 1, max: 200 }), (chat, connections, current) => {
        const instant = scalingWith(chat.spec.scaling, {
          scaleUp: { stabilizationMs: 0, policies: [{ type: 'Pods', value: 1_000_000, periodMs: 1_000 }] },
        });
        const { desired } = step({ ...chat, spec: { ...chat.spec, scaling: instant } }, 0, connections, starting(current));
        const room = desired * chat.spec.gateway.connectionsPerGateway;
        expect(room >= connections || desired === chat.spec.scaling.maxReplicas).toBe(true);
      }),
    );
  });
});

describe('in the course of a history', () => {
  /** Connections in each second before. */
  const histories = fc.array(fc.nat({ max: 40_000 }), { maxLength: 40 });

  function lived(chat: Cluster, loads: readonly number[], first: number): ScalingMemory {
    let memory = starting(first);
    loads.forEach((connections, i) => {
      memory = step(chat, i * 1_000, connections, memory).memory;
    });
    return memory;
  }

  it('more connections never make fewer gateways', () => {
    fc.assert(
      fc.property(specs, histories, fc.nat({ max: 40_000 }), fc.nat({ max: 20_000 }), (chat, loads, connections, more) => {
        const memory = lived(chat, loads, 3);
        const now = loads.length * 1_000;
        const less = step(chat, now, connections, memory).desired;
        expect(step(chat, now, connections + more, memory).desired).toBeGreaterThanOrEqual(less);
      }),
    );
  });

  it('panic and look-ahead never make fewer gateways', () => {
    const steeper = fc
      .tuple(fc.nat({ max: 5_000 }), fc.nat({ max: 400 }))
      .map(([from, by]) => Array.from({ length: 30 }, (_, i) => from + Math.max(0, i - 22) * by));
    fc.assert(
      fc.property(specs, fc.oneof(histories, steeper), fc.nat({ max: 40_000 }), fc.boolean(), (chat, loads, connections, isPanic) => {
        const now = loads.length * 1_000;
        const memory = lived(chat, loads, 3);
        const { scaling } = chat.spec;
        const plain = scalingWith(scaling, { lookAhead: false, panic: { threshold: 1e9 } });
        const without = step({ ...chat, spec: { ...chat.spec, scaling: plain } }, now, connections, { ...memory, panic: null });
        const panic = isPanic ? { since: now - 1, until: now + 1 } : null;
        expect(step(chat, now, connections, { ...memory, panic }).desired).toBeGreaterThanOrEqual(without.desired);
      }),
    );
  });

  it('gateways that do not answer never lower the number', () => {
    fc.assert(
      fc.property(specs, histories, fc.nat({ max: 40_000 }), (chat, loads, connections) => {
        const memory = lived(chat, loads, 3);
        const now = loads.length * 1_000;
        const { connectionsPerGateway: capacity } = chat.spec.gateway;
        const answering = Array.from({ length: memory.desired ?? 0 }, (_, i) =>
          gateway({ ordinal: i + 1, capacity, connections: Math.min(capacity, connections), observedAt: now }),
        );
        const silent = answering.map((each) => ({ ...each, phase: 'unreachable' as const, connections: null, observedAt: null }));
        const { memory: then } = recommend({ ...snapshot(chat, now, 0), gateways: silent }, memory);
        expect(then.desired).toBeGreaterThanOrEqual(memory.desired ?? 0);
      }),
    );
  });
});

describe('the windows', () => {
  const recommendations = fc.array(fc.record({ gapMs: fc.integer({ min: 0, max: 4_000 }), replicas: fc.integer({ min: 1, max: 30 }) }), {
    minLength: 1,
    maxLength: 60,
  });

  it('say what HPA says, which looks at all recommendations there were', () => {
    fc.assert(
      fc.property(recommendations, fc.constantFrom(0, 3_000, 20_000), fc.constantFrom(0, 3_000, 20_000), (list, upMs, downMs) => {
        const all: { at: number; replicas: number }[] = [];
        let kept: ScalingMemory['recommendations'] = [];
        let current = 5;
        let now = 0;
        for (const { gapMs, replicas: wanted } of list) {
          now += gapMs;
          const up = Math.min(wanted, ...all.filter((r) => r.at > now - upMs).map((r) => r.replicas));
          const down = Math.max(wanted, ...all.filter((r) => r.at > now - downMs).map((r) => r.replicas));
          const hpa = Math.min(Math.max(current, up), down);
          const stable = stabilize({ current, wanted, now, upMs, downMs, recommendations: kept });
          expect(stable.replicas).toBe(hpa);
          all.push({ at: now, replicas: wanted });
          kept = stable.recommendations;
          current = hpa;
        }
      }),
    );
  });

  it('keep no more than the numbers that differ, however long they are', () => {
    fc.assert(
      fc.property(recommendations, (list) => {
        let kept: ScalingMemory['recommendations'] = [];
        list.forEach(({ replicas }, i) => {
          kept = stabilize({ current: 5, wanted: replicas, now: i, upMs: 1e9, downMs: 1e9, recommendations: kept }).recommendations;
          expect(new Set(kept.map((r) => r.replicas)).size).toBe(kept.length);
        });
      }),
    );
  });
});

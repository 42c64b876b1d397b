import { describe, expect, it } from 'vitest';
import { type AskedPod, begunKpa, type KpaMemory, kpa, sampledTotal, sampleSize } from '../../../../../operator/simulate/peers/knative.ts';
import { seededRandom } from '../../../../../operator/simulate/random.ts';

const CALM: KpaMemory = { panicAt: null, mostInPanic: 0 };
const limits = { minReplicas: 1, maxReplicas: 5_000 };
const decide = (ready: number, observed: { stable: number; panic: number } | null, memory = CALM, now = 100_000) =>
  kpa({ now, ready, observed, target: 10, limits, replicas: ready }, memory);

describe('the Knative Pod Autoscaler', () => {
  // As in knative/serving, pkg/autoscaler/scaling/autoscaler_test.go, with the default rates.
  it.each<[name: string, ready: number, stable: number, panic: number, want: number]>([
    ['wants as many as hold the average of the stable window', 4, 50, 50, 5],
    ['rounds up', 4, 51, 51, 6],
    ['has no tolerance', 5, 49, 49, 5],
    ['has no tolerance downwards either', 6, 50, 50, 5],
    ['takes the panic window when it asks for twice the ready Pods', 5, 50, 100, 10],
    ['does not panic just below that', 6, 60, 110, 6],
    ['takes the stable window in panic when it asks for more', 5, 120, 100, 12],
    ['at least halves', 10, 10, 10, 5],
    ['halves rounded down', 5, 0, 0, 2],
    ['grows at most a thousandfold', 1, 1e6, 1e6, 1_000],
    ['counts no ready Pod as one', 0, 20, 20, 2],
  ])('%s', (_name, ready, stable, panic, want) => {
    expect(decide(ready, { stable, panic }).replicas).toBe(want);
  });

  it('never scales down in panic, and for a stable window after it', () => {
    const begun = decide(5, { stable: 50, panic: 200 }, CALM, 0);
    expect(begun).toEqual({ replicas: 20, memory: { panicAt: 0, mostInPanic: 20 } });
    const later = decide(20, { stable: 60, panic: 60 }, begun.memory, 60_000);
    expect(later.replicas).toBe(20);
    expect(decide(20, { stable: 60, panic: 60 }, later.memory, 60_001)).toEqual({ replicas: 10, memory: CALM });
  });

  it('panics anew while it is over the threshold', () => {
    const begun = decide(5, { stable: 50, panic: 200 }, CALM, 0);
    expect(decide(10, { stable: 50, panic: 200 }, begun.memory, 30_000).memory.panicAt).toBe(30_000);
  });

  it('begins in panic with what there is, so that an empty window takes nothing away', () => {
    expect(decide(8, { stable: 5, panic: 5 }, begunKpa(0, 8), 2_000).replicas).toBe(8);
    expect(begunKpa(0, 1)).toEqual(CALM);
  });

  it('changes nothing while it has no data', () => {
    expect(decide(7, null)).toEqual({ replicas: 7, memory: CALM });
  });
});

describe("Knative's sample", () => {
  // As in knative/serving, pkg/autoscaler/metrics/sample_size_test.go.
  it.each([
    [0, 0],
    [1, 1],
    [3, 3],
    [5, 4],
    [10, 7],
    [100, 14],
    [1_000, 16],
    [100_000, 16],
  ])('of %d Pods is %d', (pods, want) => {
    expect(sampleSize(pods)).toBe(want);
  });

  const pod = (connections: number, readyAt = 0): AskedPod => ({ connections, readyAt });
  const random = seededRandom(1);

  it('stands for all', () => {
    expect(sampledTotal(new Array(100).fill(pod(7)), 100_000, random)).toBe(700);
  });

  it('asks old Pods first, so young ones count as they', () => {
    const young = new Array(60).fill(pod(0, 90_000));
    const old = new Array(40).fill(pod(10));
    expect(sampledTotal([...young, ...old], 100_000, random)).toBe(1_000);
  });

  it('asks young ones where the old are too few', () => {
    // Of five, four are asked: both old ones and two young ones.
    expect(sampledTotal([pod(10), pod(10), pod(0, 90_000), pod(0, 90_000), pod(0, 90_000)], 100_000, random)).toBe(25);
  });

  it('is nothing without Pods', () => {
    expect(sampledTotal([], 0, random)).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import {
  emptyHpaMemory,
  externalMetricReplicas,
  hpaBehaviour,
  type MeasuredPod,
  podsMetricReplicas,
} from '../../../../../operator/simulate/peers/hpa.ts';
import { cluster } from '../../../../fakes/chat-cluster.ts';

const measured = (...values: readonly number[]): MeasuredPod[] => values.map((value) => ({ pending: false, value }));
const missing: MeasuredPod = { pending: false, value: null };
const pending: MeasuredPod = { pending: true, value: null };

describe('what a Pods metric asks HPA for', () => {
  it.each<[name: string, pods: MeasuredPod[], replicas: number, target: number, want: number | null]>([
    // https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
    ['twice the target: twice as many', measured(200), 1, 100, 2],
    ['half the target: half as many', measured(50, 50), 2, 100, 1],
    ['a tenth more is within the tolerance', measured(110, 110), 2, 100, 2],
    ['a little over it is not', measured(111, 111), 2, 100, 3],
    ['a tenth less is within the tolerance', measured(90, 90, 90, 90, 90, 90, 90, 90, 90, 90), 10, 100, 10],
    ['what isn’t measured doesn’t hold a scale-up back for ever, but counts as 0', [...measured(400), missing], 2, 100, 4],
    ['as 0 it can bring the average into the tolerance', [...measured(200), missing], 2, 100, 2],
    ['as 0 it can’t turn a scale-up into a scale-down', [...measured(150), missing], 2, 100, 2],
    ['for a scale-down it counts as on target', [...measured(20, 20), missing], 3, 100, 2],
    // Kubernetes' own rule: exactly on target is no scale-down, so that what isn't measured counts as 0.
    ['exactly on target it counts as 0, and nothing holds the scale-down back', [...measured(100), missing, missing], 3, 100, 1],
    ['a pending Pod counts as 0 for a scale-up', [...measured(400), pending], 2, 100, 4],
    ['and not at all for a scale-down', [...measured(20, 20), pending], 3, 100, 1],
    ['nothing measured: nothing is done', [missing, pending], 2, 100, null],
    ['no Pods: nothing is done', [], 2, 100, null],
  ])('%s', (_name, pods, replicas, target, want) => {
    expect(podsMetricReplicas(pods, replicas, target)).toBe(want);
  });
});

describe('what an external metric asks HPA for', () => {
  it.each<[name: string, value: number, replicas: number, want: number]>([
    ['as many as hold it', 1_000, 2, 10],
    ['rounded up', 1_001, 2, 11],
    ['within the tolerance of what there are: those', 1_090, 10, 10],
    ['nothing: none', 0, 10, 0],
    ['from none on', 250, 0, 3],
  ])('%s', (_name, value, replicas, want) => {
    expect(externalMetricReplicas(value, replicas, 100)).toBe(want);
  });
});

describe('the behaviour of HPA', () => {
  /** Each 15 s the metric asks for the next number. */
  const follow = (start: number, asked: readonly number[], limits = { minReplicas: 1, maxReplicas: 1_000 }) => {
    const chat = cluster({ scaling: limits });
    let [replicas, memory] = [start, emptyHpaMemory];
    return asked.map((wanted, i) => {
      const result = hpaBehaviour({ cluster: chat, now: i * 15_000, replicas, wanted }, memory);
      [replicas, memory] = [result.replicas, result.memory];
      return replicas;
    });
  };

  it('goes up by 4 Pods or 100 %, whichever is more', () => {
    expect(follow(1, [100, 100, 100, 100, 100, 100])).toEqual([5, 10, 20, 40, 80, 100]);
  });

  it('goes down after five minutes, to the most that was asked for in them', () => {
    const asked = [10, ...new Array(10).fill(2), 6, ...new Array(21).fill(2)];
    const got = follow(10, asked);
    expect(got.slice(0, 20)).toEqual(new Array(20).fill(10));
    // 15 s × 20 = 300 s after the 10, and 300 s after the 6.
    expect(got.slice(20, 31)).toEqual(new Array(11).fill(6));
    expect(got.slice(31)).toEqual([2, 2]);
  });

  it('stays within the limits', () => {
    expect(follow(4, [100, 100, 0], { minReplicas: 2, maxReplicas: 9 })).toEqual([8, 9, 9]);
    expect(follow(2, new Array(30).fill(0), { minReplicas: 2, maxReplicas: 9 }).at(-1)).toBe(2);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ScalingRules } from '../../../../operator/api/spec.ts';
import { behave } from '../../../../operator/scaling/behave.ts';
import { emptyScalingMemory } from '../../../../operator/scaling/memory.ts';
import type { ScalingMemory } from '../../../../operator/snapshot.ts';
import { cluster } from '../../../fakes/chat-cluster.ts';

/** `behavior` in one direction as HPA has it; what is left out has HPA's default. */
interface Written {
  readonly stabilizationWindowSeconds?: number;
  readonly selectPolicy?: 'Max' | 'Min' | 'Disabled';
  readonly policies?: readonly { readonly type: 'Pods' | 'Percent'; readonly value: number; readonly periodSeconds: number }[];
}

interface Timeline {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly startReplicas: number;
  readonly scaleUp?: Written;
  readonly scaleDown?: Written;
  /** At (s), recommended, current, want, limited. */
  readonly steps: readonly (readonly [at: number, recommended: number, current: number, want: number, limited: string])[];
}

/** What Kubernetes' own code does with random timelines; `HPA_VECTORS` names another file of that form. */
const file = process.env.HPA_VECTORS ?? new URL('../../../fixtures/hpa-behavior.json', import.meta.url).pathname;
const { timelines } = JSON.parse(readFileSync(file, 'utf8')) as { readonly timelines: readonly Timeline[] };

const percent = (value: number) => ({ type: 'Percent', value, periodSeconds: 15 }) as const;
const UP: Required<Written> = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }, percent(100)],
};
const DOWN: Required<Written> = { stabilizationWindowSeconds: 300, selectPolicy: 'Max', policies: [percent(100)] };

function rules(written: Written | undefined, preset: Required<Written>): ScalingRules {
  const { stabilizationWindowSeconds, selectPolicy, policies } = { ...preset, ...written };
  return {
    stabilizationMs: stabilizationWindowSeconds * 1_000,
    selectPolicy,
    policies: policies.map(({ type, value, periodSeconds }) => ({ type, value, periodMs: periodSeconds * 1_000 })),
    tolerance: null,
  };
}

/** HPA's word for what limits us. */
const WORDS = {
  minReplicas: 'TooFewReplicas',
  maxReplicas: 'TooManyReplicas',
  scaleUp: 'ScaleUpLimit',
  scaleDown: 'ScaleDownLimit',
  pause: 'there is no such thing',
} as const;

/** The rows of a timeline as we have them, with a memory that goes through JSON each time. */
function played({ minReplicas, maxReplicas, startReplicas, scaleUp, scaleDown, steps }: Timeline): Timeline['steps'] {
  const chat = cluster({ scaling: { minReplicas, maxReplicas, scaleUp: rules(scaleUp, UP), scaleDown: rules(scaleDown, DOWN) } });
  let memory: ScalingMemory = { ...emptyScalingMemory(), recommendations: [{ at: 0, replicas: startReplicas }] };
  return steps.map(([at, recommended, current]) => {
    const behaved = behave(chat, { current, wanted: recommended, now: at * 1_000 }, memory);
    memory = JSON.parse(JSON.stringify({ ...memory, ...behaved.memory })) as ScalingMemory;
    const limited = behaved.limitedBy === null ? 'DesiredWithinRange' : WORDS[behaved.limitedBy];
    return [at, recommended, current, behaved.desired, limited];
  });
}

describe('the results are those of the HorizontalPodAutoscaler', () => {
  it('in timelines that show something', () => {
    const words = new Set(timelines.flatMap(({ steps }) => steps.map(([, , , , limited]) => limited)));
    expect([...words].sort()).toEqual(['DesiredWithinRange', 'ScaleDownLimit', 'ScaleUpLimit', 'TooFewReplicas', 'TooManyReplicas']);
  });

  it.each(timelines.map((timeline, i) => [i + 1, timeline] as const))('timeline %i', (_number, timeline) => {
    expect(played(timeline)).toEqual(timeline.steps);
  });
});

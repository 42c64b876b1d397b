import { z } from 'zod';
import type { CelRule } from './cel.ts';
import { DEFAULTS } from './defaults.ts';
import { choice, count, flag, group, type Input, kubernetes, percent, shown } from './fields.ts';

/** HPA's limits: the longest period of a policy and the longest window, s; and policies of one direction, which the API server must bound. */
const [MAX_PERIOD, MAX_WINDOW, MAX_POLICIES] = [1_800, 3_600, 10];

/** A whole number from 1 to `max` that must be written. */
function given(max: number, example: number, description: string) {
  const error = ({ input }: Input) =>
    `${input === undefined ? 'is missing' : `${shown(input)} is not a whole number from 1 to ${max}`}; write one, such as ${example}`;
  return z.int({ error }).min(1, { error }).max(max, { error }).describe(description);
}

const TYPES = ['Pods', 'Percent'] as const;
const noType = ({ input }: Input) =>
  `${input === undefined ? 'is missing' : `${shown(input)} is not known`}; write one of ${TYPES.join(', ')}`;

const policy = group('How far the number may change within a time.', {
  type: z
    .enum(TYPES, { error: noType })
    .describe('Pods: by so many gateways. Percent: by so many percent of those that there were when the period began.'),
  value: given(100_000, 4, 'So many gateways, or percent. Above 0.'),
  periodSeconds: given(MAX_PERIOD, 15, 'Within so many seconds.'),
});

type Policy = z.output<typeof policy>;

const NO_POLICY = 'has no policy; write one, such as {type: Pods, value: 4, periodSeconds: 15}, or leave it out';
const POLICIES_THERE: CelRule = { rule: 'self.size() > 0', message: NO_POLICY };

function policies(preset: readonly Policy[], description: string) {
  const tooMany = `has more than ${MAX_POLICIES} policies; keep the ones that count`;
  return z
    .array(policy, { error: ({ input }) => `${shown(input)} is not a list; write policies, each behind a dash` })
    .min(1, { error: NO_POLICY })
    .max(MAX_POLICIES, { error: tooMany })
    .default(preset.map((each) => ({ ...each })))
    .describe(description)
    .meta(kubernetes({ cel: [POLICIES_THERE], marks: { 'x-kubernetes-list-type': 'atomic' } }));
}

/** What may be said of one direction, in HPA's words; the numbers mean what they mean there, but the tolerance is in percent, as all here. */
const direction = (way: 'up' | 'down', preset: (typeof DEFAULTS)['scaling']['behavior'][`scale${'Up' | 'Down'}`]) => {
  const [more, added, lowest] = way === 'up' ? ['more', 'added', 'lowest'] : ['fewer', 'removed', 'highest'];
  return group(`Behaviour of a scale-${way}, as in a HorizontalPodAutoscaler.`, {
    stabilizationWindowSeconds: count({
      min: 0,
      max: MAX_WINDOW,
      default: preset.stabilizationWindowSeconds,
      description: `Seconds for which ${more} gateways must be needed before any is ${added} (the ${lowest} recommendation inside the window counts).`,
    }),
    selectPolicy: choice({
      of: ['Max', 'Min', 'Disabled'],
      default: preset.selectPolicy,
      description: `Which policy counts. Max: the one that allows the greatest change. Min: the smallest. Disabled: no gateway is ${added} at all.`,
    }),
    policies: policies(
      preset.policies,
      `How many gateways may be ${added} within a time. What scaling itself changed within the period counts, in both directions.`,
    ),
    tolerance: percent({ min: 0, max: 50, default: DEFAULTS.scaling.tolerance, description: '' })
      .removeDefault()
      .optional()
      .describe(
        `Percent by which the connections may be ${way === 'up' ? 'above' : 'below'} the target before any gateway is ${added}. Left out: spec.scaling.tolerance.`,
      ),
  }).prefault({});
};

export const behavior = group('How fast the number of gateways follows the load, in the words of a HorizontalPodAutoscaler.', {
  scaleUp: direction('up', DEFAULTS.scaling.behavior.scaleUp),
  scaleDown: direction('down', DEFAULTS.scaling.behavior.scaleDown),
}).prefault({});

export const panic = group(
  'An emergency: the connections, or those expected by the time that a new gateway is ready, are more than the ready gateways take. While it lasts no gateway is removed or drained to have fewer, none is replaced in a rollout, and a scale-up does not wait for its stabilization window.',
  {
    thresholdPercent: count({
      min: 1,
      max: 1_000,
      default: DEFAULTS.scaling.panic.thresholdPercent,
      description: 'It begins when the connections reach this percentage of what the ready gateways can hold.',
    }),
    windowSeconds: count({
      min: 1,
      max: MAX_WINDOW,
      default: DEFAULTS.scaling.panic.windowSeconds,
      description: 'It ends when the connections were below the threshold for so many seconds.',
    }),
  },
).prefault({});

export const lookAhead = group(
  'Ordering gateways for the connections expected when these will be ready: how fast the connections grow, times how long the last gateways took to start. It only ever raises the number.',
  { enabled: flag({ default: DEFAULTS.scaling.lookAhead.enabled, description: 'Whether it is done.' }) },
).prefault({});

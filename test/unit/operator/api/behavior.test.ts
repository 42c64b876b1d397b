import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseResource } from '../../../../operator/api/parse.ts';

/** Reads a ChatCluster whose `spec.scaling` is this YAML. */
const read = (scaling: string) =>
  parseResource({
    apiVersion: 'chatcluster.io/v1alpha1',
    kind: 'ChatCluster',
    metadata: { name: 'chat' },
    spec: { scaling: parse(scaling) },
  });

const policies = (text: string) => `behavior: {scaleUp: {policies: ${text}}}`;
const UP = 'spec.scaling.behavior.scaleUp';

describe('what can not be is refused with its remedy', () => {
  it.each<[string, string, readonly string[]]>([
    [
      'a policy that is none',
      policies('[{type: Gateways, value: 4, periodSeconds: 15}]'),
      [`${UP}.policies.0.type: "Gateways" is not known; write one of Pods, Percent`],
    ],
    [
      'a policy that allows nothing',
      policies('[{type: Pods, value: 0, periodSeconds: 15}]'),
      [`${UP}.policies.0.value: 0 is not a whole number from 1 to 100000; write one, such as 4`],
    ],
    [
      'a policy for no time, and one for longer than HPA has',
      policies('[{type: Pods, value: 4, periodSeconds: 0}, {type: Percent, value: 4, periodSeconds: 1801}]'),
      [
        `${UP}.policies.0.periodSeconds: 0 is not a whole number from 1 to 1800; write one, such as 15`,
        `${UP}.policies.1.periodSeconds: 1801 is not a whole number from 1 to 1800; write one, such as 15`,
      ],
    ],
    [
      'a policy without all that it needs',
      policies('[{}]'),
      [
        `${UP}.policies.0.type: is missing; write one of Pods, Percent`,
        `${UP}.policies.0.value: is missing; write one, such as 4`,
        `${UP}.policies.0.periodSeconds: is missing; write one, such as 15`,
      ],
    ],
    [
      'no policy',
      policies('[]'),
      [`${UP}.policies: has no policy; write one, such as {type: Pods, value: 4, periodSeconds: 15}, or leave it out`],
    ],
    [
      'more policies than one can read',
      policies(`[${Array(11).fill('{type: Pods, value: 4, periodSeconds: 15}').join(', ')}]`),
      [`${UP}.policies: has more than 10 policies; keep the ones that count`],
    ],
    [
      'one policy without a dash',
      policies('{type: Pods, value: 4, periodSeconds: 15}'),
      [`${UP}.policies: {"type":"Pods","value":4,"periodSeconds":15} is not a list; write policies, each behind a dash`],
    ],
    [
      'a field that policies do not have',
      policies('[{type: Pods, value: 4, period: 15, periodSeconds: 15}]'),
      [`${UP}.policies.0.period: unknown field (its value is 15); remove it, or use one of type, value, periodSeconds`],
    ],
    [
      'a choice of policies in small letters',
      'behavior: {scaleDown: {selectPolicy: disabled}}',
      ['spec.scaling.behavior.scaleDown.selectPolicy: "disabled" is not known; write one of Max, Min, Disabled'],
    ],
    [
      'a tolerance as HPA writes it',
      'behavior: {scaleUp: {tolerance: 0.1}}',
      [`${UP}.tolerance: 0.1 is not a whole percentage from 0 to 50; write 10 for 10 %`],
    ],
    [
      'a tolerance upwards that gateways have no room for',
      '{targetUtilization: 90, tolerance: 0, behavior: {scaleUp: {tolerance: 12}}}',
      [
        `${UP}.tolerance: 12 % above spec.scaling.targetUtilization 90 % is more than gateways take, so connections are refused before any is added; lower it to at most 11`,
      ],
    ],
    [
      'panic in peace',
      'panic: {thresholdPercent: 83}',
      [
        'spec.scaling.panic.thresholdPercent: 83 % is no more than gateways hold in peace, with spec.scaling.targetUtilization 80 % and 5 % of tolerance; raise it to at least 84',
      ],
    ],
    [
      'panic in peace, with a tolerance of its own upwards',
      '{panic: {thresholdPercent: 87}, behavior: {scaleUp: {tolerance: 10}}}',
      [
        'spec.scaling.panic.thresholdPercent: 87 % is no more than gateways hold in peace, with spec.scaling.targetUtilization 80 % and 10 % of tolerance; raise it to at least 88',
      ],
    ],
    [
      'panic that ends before it began',
      'panic: {windowSeconds: 0}',
      ['spec.scaling.panic.windowSeconds: 0 is not a whole number from 1 to 3600; write one, such as 60'],
    ],
    [
      'one gateway in two zones',
      '{minReplicas: 1, maxReplicas: 1, standby: {zoneFailure: true}}',
      [
        'spec.scaling.standby.zoneFailure: needs gateways in two zones, and spec.scaling.maxReplicas 1 allows one gateway; raise maxReplicas to at least 2 or leave zoneFailure out',
      ],
    ],
  ])('%s', (_name, scaling, messages) => {
    const parsed = read(scaling);
    expect(parsed.kind === 'invalid' ? parsed.errors.map(({ message }) => message) : parsed).toEqual(messages);
  });
});

describe('what can be is understood', () => {
  it.each<[string, string, object]>([
    [
      'panic and a target at the brim',
      '{targetUtilization: 100, tolerance: 0}',
      { targetUtilization: 1, panic: { threshold: 1, windowMs: 60_000 } },
    ],
    [
      'a tolerance upwards in place of the one for both',
      '{targetUtilization: 95, tolerance: 10, behavior: {scaleUp: {tolerance: 5}}}',
      {
        tolerance: 0.1,
        scaleUp: { tolerance: 0.05 },
        scaleDown: { tolerance: null },
      },
    ],
    [
      'policies',
      'behavior: {scaleDown: {selectPolicy: Min, tolerance: 0, policies: [{type: Percent, value: 200, periodSeconds: 1800}]}}',
      {
        scaleDown: {
          stabilizationMs: 300_000,
          selectPolicy: 'Min',
          tolerance: 0,
          policies: [{ type: 'Percent', value: 200, periodMs: 1_800_000 }],
        },
      },
    ],
    [
      'panic, and nothing ahead',
      '{panic: {thresholdPercent: 200, windowSeconds: 6}, lookAhead: {enabled: false}, standby: {zoneFailure: true}}',
      {
        panic: { threshold: 2, windowMs: 6_000 },
        lookAhead: false,
        standby: { zoneFailure: true },
      },
    ],
  ])('%s', (_name, scaling, want) => {
    expect(read(scaling)).toMatchObject({ kind: 'ok', cluster: { spec: { scaling: want } } });
  });
});

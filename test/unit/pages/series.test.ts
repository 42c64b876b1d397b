import { describe, expect, it } from 'vitest';
import { type Sample, Series, sampleOf } from '../../../pages/dashboard/series.ts';
import { clusterStatus, gatewayLine } from '../../fakes/console.ts';

const sample = (at: number, fields: Partial<Sample> = {}): Sample => ({
  at,
  connections: at,
  capacity: 500,
  desired: null,
  actual: 1,
  moved: 0,
  latency: null,
  ...fields,
});
const seriesOf = (...samples: Sample[]) => {
  const series = new Series();
  for (const one of samples) series.add(one);
  return series;
};

describe('Series', () => {
  it.each<[string, Sample[], { times: number[]; lines: (number | null)[][] }]>([
    [
      'columns of what is asked for',
      [sample(1), sample(2)],
      {
        times: [1, 2],
        lines: [
          [1, 2],
          [null, null],
        ],
      },
    ],
    [
      'each time once, in order',
      [sample(2), sample(1), sample(2), sample(3)],
      {
        times: [2, 3],
        lines: [
          [2, 3],
          [null, null],
        ],
      },
    ],
    [
      'a hole where nothing came for a while',
      [sample(1), sample(20)],
      {
        times: [1, 2, 20],
        lines: [
          [1, null, 20],
          [null, null, null],
        ],
      },
    ],
    [
      'ten minutes',
      [sample(1), sample(2), sample(601)],
      {
        times: [2, 3, 601],
        lines: [
          [2, null, 601],
          [null, null, null],
        ],
      },
    ],
    ['nothing at first', [], { times: [], lines: [[], []] }],
  ])('gives %s', (_name, samples, want) => {
    expect(seriesOf(...samples).columns(['connections', 'desired'])).toEqual(want);
  });

  it('counts as actual the gateways that serve clients', () => {
    const states = ['starting', 'ready', 'cordoned', 'draining', 'unreachable', 'terminating', 'dead'] as const;
    expect(sampleOf(clusterStatus({ gateways: states.map((state) => gatewayLine({ name: state, state })) })).actual).toBe(3);
  });
});

import { describe, expect, it } from 'vitest';
import { Figures, figuresOfAll } from '../../../../operator/fleet/figures.ts';

/** [at, migratedTotal, deliveryLatencyMs] */
type Status = readonly [number, number, number | null];

describe('Figures', () => {
  const table: readonly (readonly [name: string, statuses: readonly Status[], want: readonly [moved: number, latency: number | null]])[] = [
    ['nothing is known before two statuses', [[0, 70, null]], [0, null]],
    [
      'what was moved between two',
      [
        [0, 70, null],
        [1000, 90, null],
      ],
      [20, null],
    ],
    [
      'the statuses that commands are answered with are no windows of their own',
      [
        [0, 0, null],
        [1000, 20, null],
        [1100, 40, null],
      ],
      [20, null],
    ],
    [
      'but nothing that they tell is lost',
      [
        [0, 0, null],
        [1000, 0, 3],
        [1100, 0, 9],
        [2000, 20, 4],
      ],
      [20, 9],
    ],
    [
      'no messages, no latency',
      [
        [0, 0, null],
        [1000, 0, 5],
        [2000, 0, null],
      ],
      [0, null],
    ],
  ];
  it.each(table)('%s', (_, statuses, [moved, latency]) => {
    const figures = new Figures();
    for (const [at, migratedTotal, deliveryLatencyMs] of statuses) figures.observe({ migratedTotal, deliveryLatencyMs }, at);
    expect([figures.movedPerSecond, figures.deliveryLatencyMs]).toEqual([moved, latency]);
  });
});

describe('figures of all gateways', () => {
  const one = (movedPerSecond: number, deliveryLatencyMs: number | null) => ({ movedPerSecond, deliveryLatencyMs });
  it.each([
    ['are nothing without any', [], one(0, null)],
    ['have the sum of what moves, and the worst latency', [one(2, 5), one(3, null), one(1, 9)], one(6, 9)],
    ['have no latency without messages', [one(2, null)], one(2, null)],
  ])('%s', (_, all, want) => {
    expect(figuresOfAll(all)).toEqual(want);
  });
});

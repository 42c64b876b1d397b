import { describe, expect, it } from 'vitest';
import { differenceBetween, mergePatch } from '../../../../operator/controller/status-changes.ts';
import type { ResourceStatus } from '../../../../operator/status/resource-status.ts';

const TIME = '2026-11-27T10:00:00Z';
const drain = { gateway: 'chat-1', reason: 'r', initial: 100, remaining: 50, ratePerSecond: 5, startedAt: TIME, deadlineAt: TIME };
const available = {
  type: 'Available',
  status: 'True',
  reason: 'GatewaysReady',
  message: '2 gateways ready, room for 500.5 more.',
  lastTransitionTime: TIME,
} as const;
const status: ResourceStatus = {
  observedGeneration: 1,
  replicas: 2,
  connections: 1_000,
  capacity: 2_000,
  utilization: '50%',
  conditions: [available],
  drains: [drain],
};

describe('how much a status differs', () => {
  it.each([
    { name: 'nothing changed', change: {}, want: 'nothing' },
    { name: 'connections by 1 %', change: { connections: 1_010, utilization: '51%' }, want: 'nothing' },
    { name: 'connections by more', change: { connections: 1_020 }, want: 'figures' },
    { name: 'the first connection', before: { connections: 0 }, change: { connections: 1 }, want: 'figures' },
    { name: 'the capacity', change: { capacity: 2_500 }, want: 'figures' },
    {
      name: 'only numbers in a sentence',
      change: { conditions: [{ ...available, message: '2 gateways ready, room for 480 more.' }] },
      want: 'nothing',
    },
    { name: 'a sentence', change: { conditions: [{ ...available, message: 'Full.' }] }, want: 'something' },
    { name: 'a condition', change: { conditions: [{ ...available, status: 'False' }] }, want: 'something' },
    { name: "a drain's progress", change: { drains: [{ ...drain, remaining: 45 }] }, want: 'progress' },
    { name: 'a drain that is over', change: { drains: [] }, want: 'something' },
    { name: 'the number of gateways', change: { replicas: 3 }, want: 'something' },
    { name: 'what only the operator needs', change: { state: { lastOrdinal: 2, recommendations: [] } }, want: 'nothing' },
  ] as const)('$name: $want', ({ change, want, ...rest }) => {
    const before = { ...status, ...('before' in rest ? rest.before : {}) };
    expect(differenceBetween(before, { ...before, ...change } as ResourceStatus)).toBe(want);
  });

  it('is nothing when the API server has put the fields into another order', () => {
    const turned = (object: object) => Object.fromEntries(Object.entries(object).reverse());
    const answered = turned({ ...status, conditions: [turned(available)], drains: [turned(drain)] }) as ResourceStatus;
    expect(differenceBetween(answered, status)).toBe('nothing');
    expect(mergePatch(answered, status)).toBeUndefined();
  });

  it('is something when nothing was written yet', () => expect(differenceBetween(null, {})).toBe('something'));
});

describe('a merge patch', () => {
  it.each([
    { name: 'of equals', before: { a: [1, { b: 2 }] }, after: { a: [1, { b: 2 }] }, want: undefined },
    { name: 'sets what is new', before: {}, after: { a: { b: 1 } }, want: { a: { b: 1 } } },
    { name: 'says only what differs', before: { a: { b: 1, c: 2 } }, after: { a: { b: 1, c: 3 } }, want: { a: { c: 3 } } },
    { name: 'takes away what is gone', before: { a: { b: 1, c: 2 } }, after: { a: { b: 1, c: undefined } }, want: { a: { c: null } } },
    { name: 'replaces lists', before: { a: [1, 2] }, after: { a: [1] }, want: { a: [1] } },
  ])('$name', ({ before, after, want }) => expect(mergePatch(before, after)).toEqual(want));
});

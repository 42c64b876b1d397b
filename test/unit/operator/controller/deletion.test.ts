import { describe, expect, it } from 'vitest';
import { type Deletion, deletionStep } from '../../../../operator/controller/deletion.ts';

const deletion = (changes: Partial<Deletion>): Deletion => ({
  policy: 'Drain',
  drainTimeoutMs: 300_000,
  deletedAt: 1_000_000,
  now: 1_000_000,
  seenForMs: 0,
  gateways: 2,
  ...changes,
});

describe('the end of a ChatCluster', () => {
  it.each([
    { name: 'its last gateway has gone', given: { gateways: 0 }, want: { kind: 'release', reason: 'empty' } },
    { name: 'gateways drain', given: {}, want: { kind: 'wait', leftMs: 360_000 } },
    { name: 'they drain still', given: { now: 1_300_000, seenForMs: 300_000 }, want: { kind: 'wait', leftMs: 60_000 } },
    { name: 'the time is over', given: { now: 1_360_000, seenForMs: 360_000 }, want: { kind: 'release', reason: 'overdue' } },
    { name: 'it was over before this process began', given: { now: 9_000_000 }, want: { kind: 'release', reason: 'overdue' } },
    // Our clock is an hour behind the API server's: the wait is no longer than by our own watch.
    {
      name: 'our clock is behind',
      given: { now: 1_000_000 - 3_600_000, seenForMs: 360_000 },
      want: { kind: 'release', reason: 'overdue' },
    },
    { name: 'at once is wanted', given: { policy: 'Immediate' as const }, want: { kind: 'wait', leftMs: 10_000 } },
    {
      name: 'at once, and a gateway hangs',
      given: { policy: 'Immediate' as const, seenForMs: 10_000 },
      want: { kind: 'release', reason: 'overdue' },
    },
  ])('when $name', ({ given, want }) => expect(deletionStep(deletion(given))).toEqual(want));
});

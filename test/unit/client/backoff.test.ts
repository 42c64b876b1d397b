import { expect, test } from 'vitest';
import { afterLoss, hintOf, jittered, type LinkEnd } from '../../../client/backoff.ts';
import { CLOSE_CODES } from '../../../protocol/close-codes.ts';
import fc from '../../setup/random-cases.ts';

const backoff = { baseMs: 500, maxMs: 30_000 };
const end = (changes: Partial<LinkEnd> = {}): LinkEnd => ({ code: 1006, reason: '', opened: true, retryAfterMs: null, ...changes });

test.each([
  { attempt: 0, random: 0.999, want: 499.5 },
  { attempt: 0, random: 0, want: 0 },
  { attempt: 3, random: 0.5, want: 2_000 },
  { attempt: 6, random: 0.5, want: 15_000 },
  // 2^2000 is Infinity.
  { attempt: 2_000, random: 0.5, want: 15_000 },
])('attempt $attempt with chance $random waits $want ms', ({ attempt, random, want }) => {
  expect(jittered(backoff, attempt, random)).toBe(want);
});

test('a wait is never below 0 and always below the bound of its attempt', () => {
  fc.assert(
    fc.property(fc.nat(100), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, random) => {
      const ms = jittered(backoff, attempt, random);
      expect(ms).toBeGreaterThanOrEqual(0);
      expect(ms).toBeLessThanOrEqual(Math.min(30_000, 500 * 2 ** attempt));
    }),
  );
});

test.each([
  {
    name: 'the first wait after a loss is within the spread',
    loss: { end: end(), attempt: 0, spreadMs: 8_000 },
    want: { kind: 'wait', delayMs: 4_000, hinted: false },
  },
  { name: 'the second is not', loss: { end: end(), attempt: 1, spreadMs: 8_000 }, want: { kind: 'wait', delayMs: 500, hinted: false } },
  {
    name: 'without a spread the back-off counts',
    loss: { end: end(), attempt: 0, spreadMs: null },
    want: { kind: 'wait', delayMs: 250, hinted: false },
  },
  {
    name: 'a hint counts before all',
    loss: { end: end({ code: 1013, retryAfterMs: 1_234 }), attempt: 4, spreadMs: 8_000 },
    want: { kind: 'wait', delayMs: 1_234, hinted: true },
  },
  {
    name: 'a hint has a limit',
    loss: { end: end({ code: 1013, retryAfterMs: 1e12 }), attempt: 0, spreadMs: null },
    want: { kind: 'wait', delayMs: 600_000, hinted: true },
  },
  {
    name: 'a back-off code takes no spread',
    loss: { end: end({ code: 1011 }), attempt: 0, spreadMs: 8_000 },
    want: { kind: 'wait', delayMs: 250, hinted: false },
  },
  {
    name: 'an unknown code backs off',
    loss: { end: end({ code: 4999 }), attempt: 0, spreadMs: 8_000 },
    want: { kind: 'wait', delayMs: 250, hinted: false },
  },
  {
    name: 'what was tried in vain counts as waited',
    loss: { end: end(), attempt: 4, spreadMs: null, triedMs: 3_000 },
    want: { kind: 'wait', delayMs: 1_000, hinted: false },
  },
  {
    name: 'also when it took longer',
    loss: { end: end(), attempt: 2, spreadMs: null, triedMs: 10_000 },
    want: { kind: 'wait', delayMs: 0, hinted: false },
  },
  {
    name: 'but takes nothing off a hint',
    loss: { end: end({ code: 1013, retryAfterMs: 5_000 }), attempt: 2, spreadMs: null, triedMs: 10_000 },
    want: { kind: 'wait', delayMs: 5_000, hinted: true },
  },
  { name: 'no use to come back', loss: { end: end({ code: 4401 }), attempt: 0, spreadMs: 8_000 }, want: { kind: 'give-up' } },
])('$name', ({ loss, want }) => {
  expect(afterLoss({ triedMs: 0, ...loss }, backoff, 0.5)).toEqual(want);
});

test.each(Object.entries(CLOSE_CODES))('%s does what the table says', (_, { code, action }) => {
  const decision = afterLoss({ end: end({ code }), attempt: 0, spreadMs: 8_000, triedMs: 0 }, backoff, 0.5);
  const wants = { reconnect: 4_000, 'back-off': 250, 'give-up': null };
  expect(decision.kind === 'wait' ? decision.delayMs : null).toBe(wants[action]);
});

test.each([
  { reason: '{"retryAfterMs":1500}', want: 1_500 },
  { reason: '{"retryAfterMs":-1}', want: null },
  { reason: '{"retryAfterMs":"soon"}', want: null },
  { reason: '{broken', want: null },
  { reason: 'going away', want: null },
  { reason: '', want: null },
])('the reason $reason hints $want', ({ reason, want }) => {
  expect(hintOf(reason)).toBe(want);
});

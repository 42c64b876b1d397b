import { describe, expect, it } from 'vitest';
import type { GatewayView } from '../../../../operator/fleet/fleet.ts';
import { rateInForce } from '../../../../operator/planning/rates-in-force.ts';
import { gateway } from '../../../fakes/chat-cluster.ts';

const drain = { ratePerSecond: 20, startedAt: 0, deadlineAt: 60_000, initial: 100 };

describe('the rate in force', () => {
  const cases: readonly { readonly name: string; readonly of: Partial<GatewayView>; readonly want: number }[] = [
    { name: 'is 0 when nothing moves', of: {}, want: 0 },
    { name: "is a drain's", of: { drain }, want: 20 },
    { name: "is a shed's while some are still to be asked", of: { shed: { remaining: 1, ratePerSecond: 5 } }, want: 5 },
    { name: 'is 0 when all were asked', of: { shed: { remaining: 0, ratePerSecond: 5 } }, want: 0 },
    { name: 'counts for one that ends by itself', of: { drain, phase: 'terminating' }, want: 20 },
    { name: 'is 0 for the dead', of: { drain, phase: 'dead' }, want: 0 },
  ];
  it.each(cases)('$name', ({ of, want }) => expect(rateInForce(gateway(of))).toBe(want));
});

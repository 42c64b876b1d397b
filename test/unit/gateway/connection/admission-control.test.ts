import { describe, expect, it } from 'vitest';
import { AdmissionControl } from '../../../../gateway/connection/admission-control.ts';

function admission({ size = 0, capacity = 1_000, rate = 10, random = 0.5 } = {}) {
  const at = { now: 0, size };
  const control = new AdmissionControl({
    table: { occupied: () => at.size },
    capacity,
    ratePerSecond: rate,
    now: () => at.now,
    random: () => random,
  });
  const admit = (times: number) => Array.from({ length: times }, () => control.admit().kind);
  return { at, control, admit };
}

const count = (kinds: readonly string[], kind: string) => kinds.filter((one) => one === kind).length;

describe('admission', () => {
  it('admits a second of its rate at once, then its rate, never a burst saved up over longer', () => {
    const { at, admit } = admission();
    expect(count(admit(20), 'accept')).toBe(10);
    at.now += 500;
    expect(count(admit(20), 'accept')).toBe(5);
    at.now += 60_000;
    expect(count(admit(20), 'accept')).toBe(10);
  });

  it('never admits above its capacity', () => {
    const { at, admit } = admission({ size: 999 });
    expect(admit(1)).toEqual(['accept']);
    at.size = 1_000;
    expect(admit(1)).toEqual(['refuse']);
    at.size = 999;
    expect(admit(1)).toEqual(['accept']);
  });

  it('when cordoned admits within the same limits and hands on', () => {
    const { control, at, admit } = admission();
    control.cordon();
    expect([control.cordoned, ...admit(1)]).toEqual([true, 'accept-and-migrate']);
    at.size = 1_000;
    expect(admit(1)).toEqual(['refuse']);
    at.size = 0;
    control.uncordon();
    expect(admit(1)).toEqual(['accept']);
  });

  const hints = [
    { name: 'the first waits a moment', refused: 1, random: 0.5, want: 600 },
    { name: 'the hundredth waits until the others were served', refused: 100, random: 0.5, want: 10_500 },
    { name: 'half of it less', refused: 100, random: 0, want: 5_250 },
    { name: 'or almost half of it more', refused: 100, random: 0.999_999, want: 15_750 },
    { name: 'nobody waits for minutes', refused: 10_000, random: 0.5, want: 30_000 },
    { name: 'a full gateway has no place soon', refused: 1, random: 0.5, size: 1_000, want: 2_100 },
  ];
  it.each(hints)('tells the refused when to come back: $name', ({ refused, random, size, want }) => {
    const { control, admit } = admission({ random, ...(size === undefined ? {} : { size }) });
    if (size === undefined) admit(10);
    admit(refused - 1);
    expect(control.admit()).toEqual({ kind: 'refuse', retryAfterMs: want });
    expect(control.refusedTotal).toBe(refused);
  });

  it('forgets the refused at its rate', () => {
    const { control, at, admit } = admission({ size: 1_000 });
    admit(100);
    at.now += 5_000;
    expect(control.admit()).toEqual({ kind: 'refuse', retryAfterMs: 2_000 + 5_100 });
  });

  it('spreads the reconnects of its clients over the time in which as many are accepted', () => {
    expect(admission({ size: 300, rate: 100 }).control.reconnectSpreadMs()).toBe(3_000);
  });
});

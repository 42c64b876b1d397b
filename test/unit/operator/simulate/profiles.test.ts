import { describe, expect, it } from 'vitest';
import { PROFILE_NAMES, PROFILES, type ProfileName } from '../../../../operator/simulate/profiles.ts';
import { seededRandom } from '../../../../operator/simulate/random.ts';
import fc from '../../../setup/random-cases.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('a profile', () => {
  it.each<[ProfileName, number, number]>([
    ['office-hours', 3, 0.04],
    ['office-hours', 11, 1],
    ['office-hours', 12.75, 0.7],
    ['office-hours', 23, 0.04],
    ['office-hours', 35, 1], // the day after
    ['diurnal', 4, 0.25],
    ['diurnal', 12, 0.625],
    ['diurnal', 20, 1],
    ['diurnal', 44, 1],
    ['spike', 5, 0.2],
    ['spike', 7, 1],
    ['spike', 20, 0.2],
    ['storm', 9, 0.8],
    ['two-zones', 3, 0.04], // in the other zone it is 21
    ['two-zones', 3.1, 0.4],
    ['two-zones', 5, 0.04],
    ['two-zones', 16, 0.99],
    ['two-zones', 27.1, 0.4], // the night after
  ])('%s at hour %d is %d', (name, hour, share) => {
    expect(PROFILES[name].share(hour * HOUR, DAY)).toBeCloseTo(share, 2);
  });

  it('is a share at every instant, also of a short or a long simulation', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PROFILE_NAMES),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 7 * DAY }),
        (name, part, duration) => {
          const share = PROFILES[name].share(part * duration, duration);
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('tells when many come at once', () => {
    expect(PROFILES.spike.spikes(DAY)).toEqual([6 * HOUR]);
    expect(PROFILES['two-zones'].spikes(DAY)).toEqual([3 * HOUR]);
    expect(PROFILES['two-zones'].spikes(2 * DAY)).toEqual([3 * HOUR, 27 * HOUR]);
    expect(PROFILES['two-zones'].spikes(3 * HOUR)).toEqual([]);
    expect(PROFILES.noise.spikes(DAY)).toEqual([]);
  });

  it('has noise of 15 % in both directions, around the same mean', () => {
    const levels = Array.from({ length: 8_640 }, (_, i) => PROFILES.noise.share(i * 1_000, DAY) * 1.15);
    expect(Math.max(...levels)).toBeCloseTo(1.15, 2);
    expect(Math.min(...levels)).toBeCloseTo(0.85, 2);
    expect(levels.reduce((a, b) => a + b, 0) / levels.length).toBeCloseTo(1, 2);
    expect(PROFILES.noise.share(5_000, DAY)).toBe(PROFILES.noise.share(5_999, DAY));
  });

  it('loses the series of Prometheus for ten minutes at most, in a storm', () => {
    expect(PROFILES.storm.blind(DAY)).toEqual({ from: 12 * HOUR, until: 12 * HOUR + 600_000 });
    expect(PROFILES.storm.blind(HOUR)).toEqual({ from: HOUR / 2, until: HOUR / 2 + HOUR / 8 });
    expect(PROFILES.spike.blind(DAY)).toBeNull();
  });

  it('has a spike that is quick even in a short simulation', () => {
    const { share } = PROFILES.spike;
    expect(share(15_000, 60_000)).toBe(0.2);
    expect(share(22_500, 60_000)).toBe(1);
  });
});

describe('seeded random numbers', () => {
  it('are the same for the same seed and others for another', () => {
    const draw = (seed: number) => {
      const random = seededRandom(seed);
      return [random.next(), random.binomial(10, 0.5), random.binomial(1_000_000, 0.01)];
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  it('have the mean that they should', () => {
    const random = seededRandom(7);
    const mean = (n: number, p: number) => Array.from({ length: 2_000 }, () => random.binomial(n, p)).reduce((a, b) => a + b, 0) / 2_000;
    expect(mean(10, 0.3)).toBeCloseTo(3, 0);
    expect(mean(10_000, 0.3) / 3_000).toBeCloseTo(1, 2);
  });

  it('never come true more often than there are chances', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 1_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (seed, n, p) => {
        const hits = seededRandom(seed).binomial(n, p);
        return hits >= 0 && hits <= n && Number.isInteger(hits);
      }),
    );
  });
});

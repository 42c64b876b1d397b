import { describe, expect, it } from 'vitest';
import { Missed } from '../../../pages/chat/missed.ts';
import { asEpoch, asOffset } from '../../../protocol/position.ts';

const at = (offset: number, epoch = 'e1') => ({ epoch: asEpoch(epoch), offset: asOffset(offset), digest: '' });

const come = (missed: Missed, ...offsets: number[]) => {
  for (const offset of offsets) missed.message('a', at(offset));
};

describe('Missed', () => {
  it.each<[string, (missed: Missed) => void, number]>([
    ['nothing when all came', (m) => come(m, 4, 5, 6), 0],
    ['what was skipped', (m) => come(m, 4, 7), 2],
    ['nothing twice', (m) => come(m, 4, 6, 7), 1],
    ['a skip right after the beginning', (m) => m.message('a', at(5)), 1],
    [
      'each channel by itself',
      (m) => {
        m.message('a', at(4));
        m.begin('b', at(9));
        m.message('b', at(10));
      },
      0,
    ],
    [
      'what a gap tells, once',
      (m) => {
        m.gap('a', at(3), at(8));
        m.message('a', at(9));
      },
      5,
    ],
    [
      'what a new life of the history holds',
      (m) => {
        m.gap('a', at(3), at(2, 'e2'));
        m.message('a', at(3, 'e2'));
      },
      2,
    ],
    [
      'nothing of before it was reset',
      (m) => {
        m.message('a', at(9));
        m.reset();
        m.message('a', at(10));
      },
      0,
    ],
  ])('counts %s', (_name, happen, want) => {
    const missed = new Missed();
    missed.begin('a', at(3));
    happen(missed);
    expect(missed.count).toBe(want);
  });
});

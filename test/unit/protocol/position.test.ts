import { describe, expect, it } from 'vitest';
import { asEpoch, asOffset, parsePosition, samePosition } from '../../../protocol/position.ts';

const position = { epoch: asEpoch('e1'), offset: asOffset(3), digest: 'abc' };

describe('parsePosition', () => {
  it.each([
    ['a whole one', { epoch: 'e1', offset: 3, digest: 'abc' }, position],
    ['one with fields that are not its own', { epoch: 'e1', offset: 3, digest: 'abc', more: 1 }, position],
    ['the place before the first message', { epoch: 'e1', offset: 0, digest: '' }, { ...position, offset: 0, digest: '' }],
    ['nothing', undefined, null],
    ['null', null, null],
    ['text', 'e1:3:abc', null],
    ['no epoch', { epoch: '', offset: 3, digest: 'abc' }, null],
    ['a long epoch', { epoch: 'e'.repeat(65), offset: 3, digest: 'abc' }, null],
    ['a negative offset', { epoch: 'e1', offset: -1, digest: 'abc' }, null],
    ['a fraction', { epoch: 'e1', offset: 1.5, digest: 'abc' }, null],
    ['an offset past what a number holds exactly', { epoch: 'e1', offset: 2 ** 53, digest: 'abc' }, null],
    ['an offset as text', { epoch: 'e1', offset: '3', digest: 'abc' }, null],
    ['no digest', { epoch: 'e1', offset: 3 }, null],
  ])('reads %s', (_name, input, want) => {
    expect(parsePosition(input)).toEqual(want);
  });
});

describe('samePosition', () => {
  it.each([
    ['the same', position, true],
    ['another offset', { ...position, offset: asOffset(4) }, false],
    ['another life of the history', { ...position, epoch: asEpoch('e2') }, false],
    ['a fork: same offset, other digest', { ...position, digest: 'abd' }, false],
  ])('%s', (_name, other, want) => {
    expect(samePosition(position, other)).toBe(want);
  });
});

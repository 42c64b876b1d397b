import { describe, expect, it } from 'vitest';
import { screenful } from '../../../cli/output.ts';

const lines = (screen: string) => screen.replace('\x1b[H', '').replace('\x1b[J', '').split('\x1b[K\n').slice(0, -1);

describe('screenful', () => {
  it('writes over what stood there, and clears what is left of it', () => {
    expect(screenful('a\nb\n', null, 24)).toBe('\x1b[Ha\x1b[K\nb\x1b[K\n\x1b[J');
  });

  it.each<[string, number, string | null, string[]]>([
    ['a text that fits', 6, null, ['1', '2', '3', '4', '5']],
    ['a text that is longer than the screen', 4, null, ['1', '2', '… 3 more lines']],
    ['what is wrong, below the text', 6, 'oh', ['1', '2', '3', '… 2 more lines', 'oh']],
  ])('shows %s', (_, rows, trouble, want) => {
    expect(lines(screenful('1\n2\n3\n4\n5\n', trouble, rows))).toEqual(want);
  });
});

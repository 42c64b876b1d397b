import { describe, expect, it } from 'vitest';
import { FIRST_DIGEST, nextDigest } from '../../../../gateway/broker/digest.ts';

describe('digest chain', () => {
  const cases = [
    // `printf 'm1' | sha1sum | cut -c 1-12`
    { name: 'of the first message', previous: FIRST_DIGEST, id: 'm1', want: 'ae23b94ccaf7' },
    // `printf 'ae23b94ccaf7m2' | sha1sum | cut -c 1-12`
    { name: 'of the second', previous: 'ae23b94ccaf7', id: 'm2', want: '74448ee8f5ea' },
    // `printf 'größe' | sha1sum | cut -c 1-12`: UTF-8, as Redis sees it
    { name: 'of an id beyond ASCII', previous: FIRST_DIGEST, id: 'größe', want: '93c6a3acf1b4' },
  ];
  it.each(cases)('$name is what sha1sum says', ({ previous, id, want }) => {
    expect(nextDigest(previous, id)).toBe(want);
  });

  it('differs for good after one message that differs', () => {
    const chain = (ids: string[]): string => ids.reduce(nextDigest, FIRST_DIGEST);
    expect(chain(['a', 'b', 'c', 'd'])).not.toBe(chain(['a', 'x', 'c', 'd']));
  });
});

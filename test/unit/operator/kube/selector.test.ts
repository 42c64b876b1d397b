import { describe, expect, it } from 'vitest';
import { selectorMatcher } from '../../../../operator/kube/selector.ts';

const labels = { 'chatcluster.io/cluster': 'front', app: 'chat' };
const cases: { selector: string | undefined; want: boolean }[] = [
  { selector: undefined, want: true },
  { selector: '', want: true },
  { selector: 'chatcluster.io/cluster', want: true },
  { selector: 'chatcluster.io/cluster=front', want: true },
  { selector: 'app==chat', want: true },
  { selector: 'app=other', want: false },
  { selector: 'app=chat,chatcluster.io/cluster=back', want: false },
  { selector: 'app!=other', want: true },
  // As the API server has it: what has no such label isn't equal to anything.
  { selector: 'missing!=x', want: true },
  { selector: '!missing, app', want: true },
  { selector: '!app', want: false },
];

describe('a label selector', () => {
  for (const { selector, want } of cases) it(`${selector}: ${want}`, () => expect(selectorMatcher(selector)(labels)).toBe(want));

  it('matches no labels as it does an empty set', () => expect(selectorMatcher('!app')(undefined)).toBe(true));

  it.each(['app in (a, b)', 'app notin (a)', '!app=x', 'a b'])('of a form that we do not use is refused: %s', (selector) => {
    expect(() => selectorMatcher(selector)).toThrow('not of the form');
  });
});

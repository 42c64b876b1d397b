import { expect, it } from 'vitest';
import { NewDecisions } from '../../../../cli/up/new-decisions.ts';
import type { Decision } from '../../../../operator/status/status.ts';

const decision = (summary: string): Decision => ({ at: 0, kind: 'scale', gateway: null, summary, reasons: [] });

it('tells each decision once, oldest first, though two may be alike', () => {
  const told: string[] = [];
  const decisions = new NewDecisions(({ summary }) => told.push(summary));
  const [a, b, c, again] = [decision('a'), decision('b'), decision('c'), decision('c')];
  for (const log of [[], [b, a], [b, a], [c, b, a], [again, c, b]]) decisions.observe(log);
  expect(told).toEqual(['a', 'b', 'c', 'c']);
});

it('tells all of a log that has nothing in common with the one before', () => {
  const told: string[] = [];
  const decisions = new NewDecisions(({ summary }) => told.push(summary));
  decisions.observe([decision('a')]);
  decisions.observe([decision('c'), decision('b')]);
  expect(told).toEqual(['a', 'b', 'c']);
});

import { expect, it } from 'vitest';
import { AcceptBudget } from '../../../../../operator/fleet/local/accept-budget.ts';

it('is spent after one second of connections, and comes back with time', () => {
  const budget = new AcceptBudget(10, 0);
  for (let i = 0; i < 10; i++) {
    expect(budget.isSpent(0)).toBe(false);
    budget.spend(0);
  }
  expect(budget.isSpent(0)).toBe(true);
  expect(budget.isSpent(99)).toBe(true);
  expect(budget.isSpent(100)).toBe(false);
});

it('saves up no more than one second, and owes nothing', () => {
  const budget = new AcceptBudget(2, 0);
  for (let i = 0; i < 50; i++) budget.spend(60_000);
  expect(budget.isSpent(60_499)).toBe(true);
  expect(budget.isSpent(60_500)).toBe(false);
});

import { describe, expect, it } from 'vitest';
import type { Benchmark, Result } from '../../../bench/benchmark.ts';
import { table } from '../../../bench/table.ts';

const benchmark: Benchmark = { name: 'doors', title: 'two doors', run: () => Promise.reject(new Error('It is not run.')) };
const result: Result = {
  unit: 's',
  subjects: [
    { name: 'floor', runs: [10] },
    { name: 'gateway', runs: [15] },
  ],
  bounds: [{ subject: 'gateway', kind: 'at most', value: 1.2, times: 'floor' }],
  notes: ['What to know.'],
};

describe('a table', () => {
  it('shows how many times another each subject is, and which bound was missed', () => {
    const [title, header, floor, gateway, note] = table(benchmark, result).split('\n');
    expect(title).toBe('doors: two doors');
    expect(header?.split(/\s{2,}/)).toContain('× floor');
    expect(floor).not.toMatch(/MISSED|kept/);
    expect(gateway).toMatch(/15\.00 .* 1\.50 .*≤ 1\.2 × floor .*MISSED$/);
    expect(note).toBe('  What to know.');
  });

  it('compares nothing when the subjects are different things', () => {
    const [, header] = table(benchmark, { ...result, incomparable: true }).split('\n');
    expect(header?.trim().split(/\s{2,}/)).toEqual(['s', 'runs', 'bound']);
  });
});

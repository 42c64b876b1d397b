import { describe, expect, it } from 'vitest';
import { callsIn } from '../../../bench/redis.ts';

describe('callsIn', () => {
  it.each([
    {
      name: 'a command with its calls and their time',
      line: 'calls=24218,usec=696167,usec_per_call=28.75,rejected_calls=0,failed_calls=0',
      want: { calls: 24_218, us: 696_167 },
    },
    { name: 'a command whose only calls were rejected', line: 'rejected_calls=3,failed_calls=0', want: { calls: 0, us: 0 } },
    { name: 'a command that was never called', line: '', want: { calls: 0, us: 0 } },
  ])('reads $name', ({ line, want }) => {
    expect(callsIn(line)).toEqual(want);
  });
});

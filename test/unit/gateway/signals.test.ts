import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { onStopSignals } from '../../../gateway/signals.ts';

describe('signals to stop', () => {
  const cases = [
    { name: 'one stops', signals: [[0, 'SIGTERM']], want: ['first SIGTERM'] },
    {
      name: 'a second one stops at once',
      signals: [
        [0, 'SIGTERM'],
        [600, 'SIGINT'],
      ],
      want: ['first SIGTERM', 'again SIGINT'],
    },
    // A terminal's Ctrl-C reaches the whole group, and npm passes it on besides.
    {
      name: 'an echo of the first is not a second one',
      signals: [
        [0, 'SIGINT'],
        [20, 'SIGINT'],
      ],
      want: ['first SIGINT'],
    },
  ] as const;
  it.each(cases)('$name', ({ signals, want }) => {
    const source = new EventEmitter();
    const seen: string[] = [];
    let now = 0;
    onStopSignals(source, () => now, { first: (signal) => seen.push(`first ${signal}`), again: (signal) => seen.push(`again ${signal}`) });
    for (const [at, signal] of signals) {
      now = at;
      source.emit(signal, signal);
    }
    expect(seen).toEqual(want);
  });
});

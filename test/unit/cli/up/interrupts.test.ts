import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { onInterrupt } from '../../../../cli/up/interrupts.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => vi.useRealTimers());

function heard(script: (send: (signal: NodeJS.Signals) => void, wait: (ms: number) => void) => void): string[] {
  const calls: string[] = [];
  const end = onInterrupt(
    () => calls.push('first'),
    () => calls.push('again'),
  );
  script(
    (signal) => process.emit(signal),
    (ms) => vi.advanceTimersByTime(ms),
  );
  end();
  return calls;
}

it('stops at the first signal, whichever it is', () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) expect(heard((send) => send(signal))).toEqual(['first']);
});

it('takes a signal that comes twice at once for one', () => {
  const calls = heard((send, wait) => {
    send('SIGINT');
    wait(400);
    send('SIGINT');
  });
  expect(calls).toEqual(['first']);
});

it('hears a second one', () => {
  const calls = heard((send, wait) => {
    send('SIGINT');
    wait(501);
    send('SIGINT');
  });
  expect(calls).toEqual(['first', 'again']);
});

it('leaves no listener behind', () => {
  const before = process.listenerCount('SIGINT');
  heard(() => {});
  expect(process.listenerCount('SIGINT')).toBe(before);
});

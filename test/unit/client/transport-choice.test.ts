import { expect, test } from 'vitest';
import type { Transport } from '../../../client/link.ts';
import { TransportChoice } from '../../../client/transport-choice.ts';

const both: readonly Transport[] = ['websocket', 'longpoll'];

/** w, l: it worked over WebSocket, long polling. W, L: it failed before a gateway answered. */
test.each([
  { name: 'WebSocket comes first', allowed: both, history: '', want: 'websocket' },
  { name: 'two failures are not enough', allowed: both, history: 'WW', want: 'websocket' },
  { name: 'three are', allowed: both, history: 'WWW', want: 'longpoll' },
  { name: 'where it has worked before, it takes more', allowed: both, history: 'wWWW', want: 'websocket' },
  { name: 'but not for ever', allowed: both, history: 'wWWWW', want: 'longpoll' },
  { name: 'a success begins the count anew', allowed: both, history: 'WWwWWW', want: 'websocket' },
  { name: 'long polling that works stays', allowed: both, history: 'WWWlll', want: 'longpoll' },
  { name: 'if long polling fails as well, it was not the transport', allowed: both, history: 'WWWL', want: 'websocket' },
  { name: 'back over WebSocket', allowed: both, history: 'WWWlw', want: 'websocket' },
  { name: 'only WebSocket', allowed: ['websocket'] as const, history: 'WWWWWWWW', want: 'websocket' },
  { name: 'only long polling', allowed: ['longpoll'] as const, history: 'LLLL', want: 'longpoll' },
])('$name', ({ allowed, history, want }) => {
  const choice = new TransportChoice(allowed);
  for (const letter of history) {
    const transport = letter.toLowerCase() === 'w' ? 'websocket' : 'longpoll';
    if (letter === letter.toLowerCase()) choice.worked(transport);
    else choice.failed(transport);
  }
  expect(choice.next).toBe(want);
});

import { describe, expect, it } from 'vitest';
import type { ClientState } from '../../../client/index.ts';
import { connectionWords, MoveStory } from '../../../pages/chat/connection-line.ts';
import { Missed } from '../../../pages/chat/missed.ts';
import { asEpoch, asOffset } from '../../../protocol/position.ts';

describe('the connection line', () => {
  it.each<[ClientState, string, string]>([
    [{ kind: 'idle' }, 'busy', 'connecting …'],
    [{ kind: 'connecting', transport: 'websocket', attempt: 0 }, 'busy', 'connecting …'],
    [{ kind: 'connected', transport: 'websocket', gateway: 'local-3', member: 'm' }, 'good', 'connected through local-3'],
    [{ kind: 'connected', transport: 'longpoll', gateway: 'local-3', member: 'm' }, 'good', 'connected through local-3 by long polling'],
    [{ kind: 'waiting', reason: 'backing-off', code: 1006, nextAttemptInMs: 500 }, 'busy', 'connection lost; connecting again …'],
    [
      { kind: 'waiting', reason: 'offline', code: 1006, nextAttemptInMs: null },
      'bad',
      'you are offline; what you write is sent when you are back',
    ],
    [{ kind: 'closed', code: 4401, reason: 'the token is missing' }, 'bad', 'disconnected: the token is missing'],
  ])('tells of %j', (state, dot, text) => {
    expect(connectionWords(state, false)).toEqual({ dot, text });
  });

  it('tells of a gateway that is degraded', () => {
    const state: ClientState = { kind: 'connected', transport: 'websocket', gateway: 'local-3', member: 'm' };
    expect(connectionWords(state, true)).toEqual({ dot: 'busy', text: 'connected through local-3; messages come later for now' });
  });
});

describe('the story of moves', () => {
  const at = (offset: number) => ({ epoch: asEpoch('e'), offset: asOffset(offset), digest: '' });

  it.each<[string, (story: MoveStory, missed: Missed) => void, string | null]>([
    ['nothing of the first connection', (story) => story.connected('local-1'), null],
    [
      'nothing of a return to the same gateway',
      (s) => {
        s.connected('local-1');
        s.connected('local-1');
      },
      null,
    ],
    [
      'a move',
      (s) => {
        s.connected('local-1');
        s.moved('local-1', 'local-2');
        s.connected('local-2');
      },
      'moved from local-1 to local-2, 0 messages missed',
    ],
    [
      'a loss',
      (s) => {
        s.connected('local-1');
        s.connected('local-2');
      },
      'lost local-1, went on through local-2, 0 messages missed',
    ],
    [
      'what was missed since',
      (s, m) => {
        s.moved('local-1', 'local-2');
        m.message('a', at(5));
      },
      'moved from local-1 to local-2, 1 message missed',
    ],
    [
      'nothing that was missed before',
      (s, m) => {
        m.message('a', at(5));
        s.moved('local-1', 'local-2');
      },
      'moved from local-1 to local-2, 0 messages missed',
    ],
  ])('tells %s', (_name, happen, want) => {
    const missed = new Missed();
    missed.begin('a', at(3));
    const story = new MoveStory(missed);
    happen(story, missed);
    expect(story.words).toBe(want);
  });
});

import { describe, expect, it } from 'vitest';
import { DrainRequests } from '../../../../operator/loop/drain-requests.ts';
import { gateway } from '../../../fakes/chat-cluster.ts';

const one = (cordoned: boolean) => [gateway({ ordinal: 1, cordoned })];
const told = (requests: DrainRequests) => ({ drain: requests.list(), back: requests.takeBacks(), lasting: requests.lasting() });

describe('what people ask of the operator', () => {
  it('stands until the gateway is gone', () => {
    const requests = new DrainRequests(() => undefined);
    requests.add('chat-1');
    requests.observe(one(false));
    expect(told(requests)).toEqual({ drain: ['chat-1'], back: [], lasting: ['chat-1'] });
    requests.observe([]);
    expect(told(requests)).toEqual({ drain: [], back: [], lasting: [] });
  });

  it('is taken back until the fleet shows it', () => {
    const requests = new DrainRequests(() => undefined);
    requests.add('chat-1');
    requests.cancel('chat-1');
    requests.observe(one(true));
    requests.observe(one(true));
    expect(told(requests)).toEqual({ drain: [], back: ['chat-1'], lasting: [] });
    requests.observe(one(false));
    expect(told(requests)).toEqual({ drain: [], back: [], lasting: [] });
  });

  it.each(['terminating', 'dead'] as const)('is not taken back from a gateway that is %s', (phase) => {
    const requests = new DrainRequests(() => undefined);
    requests.cancel('chat-1');
    requests.observe([gateway({ cordoned: true, phase })]);
    expect(requests.takeBacks()).toEqual([]);
  });

  it('outlives the operator, but not a wish made of the next one', () => {
    const requests = new DrainRequests(() => undefined);
    requests.cancel('chat-2');
    requests.restore(['chat-1', 'chat-2']);
    expect(requests.list()).toEqual(['chat-1']);
  });

  it('wakes the operator', () => {
    let woken = 0;
    const requests = new DrainRequests(() => woken++);
    requests.add('chat-1');
    requests.cancel('chat-1');
    expect(woken).toBe(2);
  });
});

describe('what people ask outside', () => {
  it('is requested when it appears, and taken back when it vanishes', () => {
    let outside: string[] = [];
    const requests = new DrainRequests(
      () => undefined,
      () => outside,
    );
    requests.observe(one(false));
    expect(told(requests)).toEqual({ drain: [], back: [], lasting: [] });
    outside = ['chat-1'];
    requests.observe(one(false));
    expect(told(requests)).toEqual({ drain: ['chat-1'], back: [], lasting: ['chat-1'] });
    outside = [];
    requests.observe(one(true));
    expect(told(requests)).toEqual({ drain: [], back: ['chat-1'], lasting: ['chat-1'] });
    requests.observe(one(false));
    expect(told(requests)).toEqual({ drain: [], back: [], lasting: [] });
  });

  it('is requested again when it appears before it was taken back', () => {
    let outside = ['chat-1'];
    const requests = new DrainRequests(
      () => undefined,
      () => outside,
    );
    requests.observe(one(true));
    outside = [];
    requests.observe(one(true));
    outside = ['chat-1'];
    requests.observe(one(true));
    expect(told(requests)).toEqual({ drain: ['chat-1'], back: [], lasting: ['chat-1'] });
  });

  it('is taken back when it vanished while no operator was there', () => {
    const requests = new DrainRequests(
      () => undefined,
      () => [],
    );
    requests.restore(['chat-1']);
    requests.observe(one(true));
    expect(told(requests)).toEqual({ drain: [], back: ['chat-1'], lasting: ['chat-1'] });
  });

  it('takes back no drain that nobody asked for', () => {
    const requests = new DrainRequests(
      () => undefined,
      () => [],
    );
    requests.observe(one(true));
    expect(requests.takeBacks()).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { keysOf, slotOf } from '../../../../../gateway/broker/redis/keys.ts';

describe('the keys of a channel', () => {
  const table = [
    { prefix: 'chat:', channel: 'room', key: 'chat:{room}' },
    { prefix: '', channel: 'room', key: '{room}' },
    { prefix: 'p%} x', channel: 'room', key: 'p%} x{room}' },
    { prefix: 'p:', channel: '{room}', key: 'p:{{room%7D}' },
    { prefix: 'p:', channel: 'a}b', key: 'p:{a%7Db}' },
    { prefix: 'p:', channel: 'a%7Db', key: 'p:{a%257Db}' },
    { prefix: 'p:', channel: '}', key: 'p:{%7D}' },
    { prefix: 'p:', channel: '{', key: 'p:{{}' },
    { prefix: 'p:', channel: 'größe 😀\n', key: 'p:{größe 😀\n}' },
  ];
  it.each(table)('$channel with the prefix $prefix: $key', ({ prefix, channel, key }) => {
    expect(keysOf(prefix, channel)).toEqual({ channel: key, presence: `${key}:presence` });
  });

  it.each(table)('$channel with the prefix $prefix lie in one slot', ({ prefix, channel }) => {
    const keys = keysOf(prefix, channel);
    expect(slotOf(keys.presence)).toBe(slotOf(keys.channel));
  });

  it('of different channels differ', () => {
    const channels = ['a', 'a%', 'a}', 'a%7D', 'a%257D', 'a%25', '{a}', '{a', 'a:presence', 'a}:presence'];
    const keys = channels.flatMap((channel) => Object.values(keysOf('p:', channel)));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('spread over the slots by the name alone', () => {
    const slots = Array.from({ length: 1_000 }, (_, i) => slotOf(keysOf('p:', `room-${i}`).channel));
    expect(new Set(slots).size).toBeGreaterThan(900);
    expect(slotOf(keysOf('p:', 'room').channel)).toBe(slotOf(keysOf('other:', 'room').channel));
  });
});

describe('the slot of a key', () => {
  // `redis-cli CLUSTER KEYSLOT …`
  it.each([
    ['room', 15_960],
    ['größe', 9_425],
    ['p:{room}', 15_960],
    ['p:{{room%7D}:presence', slotOf('{room%7D')],
  ])('%s: %d', (key, slot) => expect(slotOf(key)).toBe(slot));
});

import { describe, expect, it } from 'vitest';
import { parseSlots, SLOTS } from '../../../../../gateway/broker/redis/slots.ts';

const table = (answer: unknown, askedHost = 'asked') => {
  const parsed = parseSlots(answer, askedHost);
  if (parsed === null) throw new Error('not an answer to CLUSTER SLOTS');
  return parsed;
};

describe('the answer to CLUSTER SLOTS', () => {
  it('names the primary of each slot, the ends of a range included', () => {
    const slots = table([
      [0, 5460, ['10.0.0.1', 6379, 'id1'], ['10.0.0.4', 6379, 'id4']],
      [5461, 16_383, ['10.0.0.2', 6380, 'id2', ['hostname', 'b']]],
    ]);
    expect(slots).toHaveLength(SLOTS);
    expect([slots[0], slots[5460], slots[5461], slots[16_383]]).toEqual([
      '10.0.0.1:6379',
      '10.0.0.1:6379',
      '10.0.0.2:6380',
      '10.0.0.2:6380',
    ]);
    expect(slots.includes(undefined)).toBe(false);
  });

  it('leaves open what nobody has', () => {
    const slots = table([
      [0, 99, ['a', 1]],
      [200, 200, ['b', 2]],
    ]);
    expect([slots[99], slots[100], slots[199], slots[200], slots[201], slots[16_383]]).toEqual([
      'a:1',
      undefined,
      undefined,
      'b:2',
      undefined,
      undefined,
    ]);
    expect(new Set(slots)).toEqual(new Set(['a:1', undefined, 'b:2']));
    // No holes: they would be passed over where two maps are compared.
    expect(slots.every((address) => address !== undefined)).toBe(false);
  });

  it.each([
    ['an empty host', ''],
    ['no host', null],
  ])('means the host that was asked by %s', (_, host) => {
    expect(table([[0, 1, [host, 7000]]], '10.1.1.1')[1]).toBe('10.1.1.1:7000');
  });

  it('may name an IPv6 address', () => {
    expect(table([[0, 1, ['fe80::1', 7000]]])[0]).toBe('fe80::1:7000');
  });

  it('of a Cluster without slots is empty', () => {
    expect(new Set(table([]))).toEqual(new Set([undefined]));
  });

  it.each([
    ['nothing', null],
    ['a text', 'OK'],
    ['ranges that are none', ['a']],
    ['a range without a node', [[0, 1]]],
    ['a range of texts', [['0', '1', ['a', 1]]]],
  ])('is none when it is %s', (_, answer) => expect(parseSlots(answer, 'asked')).toBeNull());
});

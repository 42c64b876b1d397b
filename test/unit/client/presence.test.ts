import { expect, test } from 'vitest';
import { Members, news, type PresenceMessage } from '../../../client/presence.ts';

const list = (version: string, ...members: string[]): PresenceMessage => ({
  type: 'presence',
  channel: 'c',
  version,
  members: members.map((member) => ({ member })),
});
const join = (version: string, member: string): PresenceMessage => ({ type: 'join', channel: 'c', version, member });
const leave = (version: string, member: string): PresenceMessage => ({ type: 'leave', channel: 'c', version, member });

test.each([
  { name: 'the first list is all joins', heard: [list('1', 'a', 'b')], want: ['+a', '+b'], there: ['a', 'b'] },
  { name: 'the same list again is nothing', heard: [list('1', 'a'), list('2', 'a')], want: ['+a'], there: ['a'] },
  {
    name: 'another list is the difference',
    heard: [list('1', 'a', 'b'), list('5', 'b', 'c')],
    want: ['+a', '+b', '-a', '+c'],
    there: ['b', 'c'],
  },
  { name: 'joins and leaves', heard: [list('1', 'a'), join('2', 'b'), leave('3', 'a')], want: ['+a', '+b', '-a'], there: ['b'] },
  { name: 'who is there does not join again', heard: [list('1', 'a'), join('2', 'a')], want: ['+a'], there: ['a'] },
  { name: 'who is not there does not leave', heard: [list('1', 'a'), leave('2', 'x')], want: ['+a'], there: ['a'] },
])('$name', ({ heard, want, there }) => {
  const members = new Members();
  const changes = heard.flatMap((message) => {
    const { joined, left } = members.apply(message);
    return [...left.map(({ member }) => `-${member}`), ...joined.map(({ member }) => `+${member}`)];
  });
  expect({ changes, there: members.list().map(({ member }) => member), version: members.version }).toEqual({
    changes: want,
    there,
    version: heard.at(-1)?.version,
  });
});

test('another name is told as a join', () => {
  const members = new Members();
  members.apply({ ...list('1'), members: [{ member: 'a', name: 'Ada' }] } as PresenceMessage);
  const { joined } = members.apply({ ...list('2'), members: [{ member: 'a', name: 'Ada L.' }] } as PresenceMessage);
  expect(joined).toEqual([{ member: 'a', name: 'Ada L.' }]);
});

test.each([
  { name: 'what follows our version is news', log: [list('5', 'a'), join('6', 'b'), join('7', 'c')], version: '6', want: ['7'] },
  { name: 'all is, when our version is older', log: [list('5', 'a'), join('6', 'b')], version: '4', want: ['5', '6'] },
  { name: 'nothing is, when we have heard it all', log: [join('6', 'b')], version: '6', want: [] },
  { name: 'nothing is, without a log', log: [], version: '6', want: [] },
])('$name', ({ log, version, want }) => {
  expect(news(log, version).map((message) => message.version)).toEqual(want);
});

import { describe, expect, test } from 'vitest';
import { PresenceReplicas } from '../../../../gateway/broker/presence-replicas.ts';

/** A change to a version: `+ann 1.5`, `-ann 1.6`. */
function change(text: string) {
  const [who = '', version = ''] = text.split(' ');
  return { kind: who.startsWith('+') ? 'join' : 'leave', member: { member: who.slice(1) }, version } as const;
}

/** Copies in which `room` is at version life.4 with ann, and then hears of these changes. */
function heard(...changes: readonly string[]): PresenceReplicas {
  const replicas = new PresenceReplicas();
  replicas.set('room', { version: 'life.4', members: [{ member: 'ann' }] });
  for (const text of changes) replicas.apply('room', change(text));
  return replicas;
}

describe('a copy of who is there', () => {
  test.each<{ name: string; changes: readonly string[]; version: string; members: readonly string[] | null }>([
    { name: 'is what it was set to', changes: [], version: 'life.4', members: ['ann'] },
    { name: 'is of one version alone', changes: [], version: 'life.5', members: null },
    { name: 'follows changes', changes: ['+bob life.5', '-ann life.6', '+cleo life.7'], version: 'life.7', members: ['bob', 'cleo'] },
    {
      name: 'counts beyond one digit',
      changes: ['+a life.5', '+b life.6', '+c life.7', '+d life.8', '+e life.9', '+f life.10'],
      version: 'life.10',
      members: ['ann', 'a', 'b', 'c', 'd', 'e', 'f'],
    },
    {
      name: 'passes over a change that it holds already',
      changes: ['-bob life.3', '+ann life.4', '+bob life.5'],
      version: 'life.5',
      members: ['ann', 'bob'],
    },
    { name: 'is dropped when a change was missed', changes: ['+cleo life.6'], version: 'life.6', members: null },
    { name: 'is not trusted again by the changes that follow', changes: ['+cleo life.6', '+dan life.7'], version: 'life.7', members: null },
    { name: 'is dropped when another life begins', changes: ['+ann other.5'], version: 'other.5', members: null },
    { name: 'is dropped by a version that can not be read', changes: ['+ann life.x'], version: 'life.x', members: null },
  ])('$name', ({ changes, version, members }) => {
    const state = heard(...changes).at('room', version);
    expect(state?.members.map(({ member }) => member) ?? null).toEqual(members);
  });

  test('that was dropped is there again when it is set', () => {
    const replicas = heard('+cleo life.6');
    replicas.set('room', { version: 'life.6', members: [{ member: 'cleo' }] });
    replicas.apply('room', change('+dan life.7'));
    expect(replicas.at('room', 'life.7')?.members).toEqual([{ member: 'cleo' }, { member: 'dan' }]);
  });
});

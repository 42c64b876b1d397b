import { describe, expect, it } from 'vitest';
import { Presence } from '../../../../../gateway/broker/memory/presence.ts';
import fc from '../../../../setup/random-cases.ts';

const member = fc.constantFrom('ann', 'bob', 'cleo');
const connection = fc.constantFrom('c1', 'c2');
const step = fc.oneof(
  fc.record({ kind: fc.constant('join' as const), member, connection, ttl: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ kind: fc.constant('leave' as const), member, connection }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(30) }),
);

describe('Presence', () => {
  it('holds exactly those who joined, were not left by their connection, and have not expired; each change is told once', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const presence = new Presence('life');
        const model = new Map<string, { connection: string; expiresAt: number }>();
        const there = new Set<string>();
        const versions = new Set([presence.version]);
        let changes = 0;
        let now = 0;
        const came = (name: string): void => {
          expect(there.has(name)).toBe(false);
          there.add(name);
          versions.add(presence.version);
          changes++;
        };
        const left = (name: string): void => {
          expect(there.delete(name)).toBe(true);
          versions.add(presence.version);
          changes++;
        };
        for (const step of steps) {
          if (step.kind === 'wait') {
            now += step.ms;
            for (const [name, { expiresAt }] of model) if (expiresAt <= now) model.delete(name);
            presence.expire(now, ({ member: name }) => left(name));
          } else if (step.kind === 'join') {
            model.set(step.member, { connection: step.connection, expiresAt: now + step.ttl });
            const joined = presence.join({ member: step.member, connection: step.connection }, now + step.ttl);
            if (joined !== null) came(joined.member);
          } else {
            if (model.get(step.member)?.connection === step.connection) model.delete(step.member);
            const gone = presence.leave(step.member, step.connection);
            if (gone !== null) left(gone.member);
          }
          const names = presence.state().members.map(({ member: name }) => name);
          expect(names.toSorted()).toEqual([...model.keys()].toSorted());
          expect(names.toSorted()).toEqual([...there].toSorted());
          for (const { expiresAt } of model.values()) expect(presence.dueAt).toBeLessThanOrEqual(expiresAt);
        }
        expect(versions.size).toBe(changes + 1);
      }),
    );
  });
});

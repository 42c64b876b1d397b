import { describe, expect, it } from 'vitest';
import type { Context } from '../broker.ts';
import { fence, listen } from './build.ts';

const ann = { member: 'ann', name: 'Ann', connection: 'c1' };
const bob = { member: 'bob', connection: 'c2' };
const TTL = 30_000;

export function presenceContract(context: Context): void {
  const namesThere = async (): Promise<string[]> => (await context.b.presence('room')).members.map(({ member }) => member).toSorted();

  describe('presence', () => {
    it('shows who joined, by any gateway, without their connections', async () => {
      await context.a.join('room', ann, TTL);
      const { members } = await context.b.join('room', bob, TTL);
      expect(members.toSorted((x, y) => x.member.localeCompare(y.member))).toEqual([{ member: 'ann', name: 'Ann' }, { member: 'bob' }]);
      expect((await context.a.presence('room')).members).toHaveLength(2);
    });

    it('is of one channel', async () => {
      await context.a.join('room', ann, TTL);
      expect((await context.a.presence('other')).members).toEqual([]);
    });

    it('tells listeners everywhere of a join once, and nothing when it is prolonged', async () => {
      const listeners = [await listen(context.a, 'room'), await listen(context.b, 'room')];
      await context.a.join('room', ann, TTL);
      await context.a.join('room', ann, TTL);
      await context.b.join('room', bob, TTL);
      for (const listener of listeners) {
        await listener.until(({ changes }) => changes.length >= 2);
        expect(listener.changes).toMatchObject([
          { kind: 'join', member: { member: 'ann', name: 'Ann' } },
          { kind: 'join', member: { member: 'bob' } },
        ]);
      }
    });

    it('changes its version with every join and leave, and not when prolonged', async () => {
      const listener = await listen(context.b, 'room');
      const versions = [
        (await context.a.presence('room')).version,
        (await context.a.join('room', ann, TTL)).version,
        (await context.a.join('room', bob, TTL)).version,
      ];
      expect((await context.a.join('room', ann, TTL)).version).toBe(versions[2]);
      await context.a.leave('room', 'ann', 'c1');
      versions.push((await context.a.presence('room')).version);
      expect(new Set(versions).size).toBe(4);
      await listener.until(({ changes }) => changes.length >= 3);
      expect(listener.changes.map(({ version }) => version)).toEqual(versions.slice(1));
    });

    it('answers a join with who is there, also right after others came and went', async () => {
      await listen(context.b, 'room');
      await context.b.join('room', bob, TTL);
      await context.a.join('room', ann, TTL);
      expect((await context.b.join('room', bob, TTL)).members.map(({ member }) => member).toSorted()).toEqual(['ann', 'bob']);
      await context.a.leave('room', 'ann', 'c1');
      expect((await context.b.join('room', bob, TTL)).members).toEqual([{ member: 'bob' }]);
    });

    it('is left by the connection that holds it', async () => {
      const listener = await listen(context.b, 'room');
      await context.a.join('room', ann, TTL);
      await context.a.leave('room', 'ann', 'c1');
      await listener.until(({ changes }) => changes.length >= 2);
      expect(listener.whoCameAndWent).toEqual(['join ann', 'leave ann']);
      expect(await namesThere()).toEqual([]);
    });

    it('stays through a migration: the new connection joins, then the old one leaves', async () => {
      const listener = await listen(context.a, 'room');
      await context.a.join('room', ann, TTL);
      await context.b.join('room', { ...ann, connection: 'c9' }, TTL);
      await context.a.leave('room', 'ann', 'c1');
      await fence(context.b, context.a);
      expect(listener.whoCameAndWent).toEqual(['join ann']);
      expect(await namesThere()).toEqual(['ann']);
      await context.b.leave('room', 'ann', 'c9');
      expect(await namesThere()).toEqual([]);
    });

    it('leaving without having joined is nothing', async () => {
      const listener = await listen(context.a, 'room');
      await context.a.leave('room', 'ann', 'c1');
      await fence(context.b, context.a);
      expect(listener.changes).toEqual([]);
    });

    it('expires, and listeners hear the leave', async () => {
      const listener = await listen(context.a, 'room');
      await context.b.join('room', ann, TTL);
      await context.b.join('room', bob, 3 * TTL);
      await context.harness.advance(TTL);
      await listener.until(({ changes }) => changes.length >= 3);
      expect(listener.whoCameAndWent).toEqual(['join ann', 'join bob', 'leave ann']);
      expect(await namesThere()).toEqual(['bob']);
    });

    it('is kept up by joining again in time', async () => {
      await context.b.join('room', ann, TTL);
      await context.harness.advance(TTL - 1_000);
      await context.b.join('room', ann, TTL);
      await context.harness.advance(TTL - 1_000);
      expect(await namesThere()).toEqual(['ann']);
    });

    it('shows the newest name', async () => {
      await context.a.join('room', ann, TTL);
      const renamed = await context.b.join('room', { ...ann, name: 'Anna' }, TTL);
      expect(renamed.members).toEqual([{ member: 'ann', name: 'Anna' }]);
      expect((await context.a.presence('room')).members).toEqual([{ member: 'ann', name: 'Anna' }]);
    });
  });
}

import { describe, expect, it } from 'vitest';
import { FIRST_DIGEST, nextDigest } from '../../../gateway/broker/digest.ts';
import { type Context, LIMITS } from '../broker.ts';
import { fence, ids, listen, message, publishAll } from './build.ts';

export function publishContract(context: Context): void {
  describe('publish', () => {
    it('gives the offsets 1, 2, 3 … of one epoch, with the digest chain of the ids', async () => {
      const stored = await publishAll(context.a, 'room', ids('m', 5));
      let digest = FIRST_DIGEST;
      for (const [i, { position, duplicate }] of stored.entries()) {
        digest = nextDigest(digest, `m${i + 1}`);
        expect(position).toEqual({ epoch: stored[0]?.position.epoch, offset: i + 1, digest });
        expect(duplicate).toBe(false);
      }
    });

    it('stores what one caller publishes without awaiting in the order of its calls', async () => {
      await publishAll(context.a, 'room', ids('m', 100));
      const { messages } = await context.a.page('room', null, 100);
      expect(messages.map(({ id }) => id)).toEqual(ids('m', 100));
    });

    it('gives each of two callers contiguous offsets in its own order, none of them twice', async () => {
      const both = await Promise.all([publishAll(context.a, 'room', ids('a', 50)), publishAll(context.b, 'room', ids('b', 50))]);
      const offsets = both.flat().map(({ position }) => position.offset as number);
      expect(offsets.toSorted((x, y) => x - y)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
      const { messages } = await context.a.page('room', null, 100);
      for (const own of ['a', 'b']) {
        expect(messages.map(({ id }) => id).filter((id) => id.startsWith(own))).toEqual(ids(own, 50));
      }
    });

    it('counts each channel by itself', async () => {
      await publishAll(context.a, 'room', ids('m', 3));
      const other = await context.a.publish('other', message('m1'));
      expect(other).toMatchObject({ position: { offset: 1 }, duplicate: false });
    });

    it('is in the history of every gateway when it resolves, as it was given', async () => {
      const given = message('m1', { member: 'bob', name: 'Bob 🦆', data: '{ "text": "größer \\u00e9",\n"n": 1.0 }' });
      const { position } = await context.a.publish('room', given);
      const page = await context.b.page('room', null, 10);
      expect(page.messages).toEqual([{ ...given, position, time: expect.any(Number) }]);
      const read = await context.b.read(
        'room',
        { ...position, offset: (position.offset - 1) as typeof position.offset, digest: FIRST_DIGEST },
        10,
      );
      expect(read).toMatchObject({ kind: 'messages', messages: [given] });
    });

    it('leaves the name out when none was given', async () => {
      await context.a.publish('room', message('m1'));
      const { messages } = await context.b.page('room', null, 1);
      expect(Object.keys(messages[0] ?? {})).not.toContain('name');
    });
  });

  describe('the same id again', () => {
    it('is answered with the first position and stored once, whichever gateway it comes by', async () => {
      const listener = await listen(context.b, 'room');
      const first = await context.a.publish('room', message('m1'));
      await context.a.publish('room', message('m2'));
      const again = await context.b.publish('room', message('m1', { data: '"changed"' }));
      expect(again).toEqual({ position: first.position, duplicate: true });
      await fence(context.a, context.b);
      expect(listener.ids).toEqual(['m1', 'm2']);
      expect((await context.a.head('room')).offset).toBe(2);
    });

    it('is stored once when both come at the same time', async () => {
      const both = await Promise.all([context.a.publish('room', message('m1')), context.b.publish('room', message('m1'))]);
      expect(both.map(({ duplicate }) => duplicate).toSorted()).toEqual([false, true]);
      expect(both[0].position).toEqual(both[1].position);
    });

    it('is known even after the history let the message go', async () => {
      await context.harness.setLimits({ maxMessages: 1, maxAgeMs: 60_000 });
      const [first] = await publishAll(context.a, 'room', ids('m', 3));
      expect(await context.a.publish('room', message('m1'))).toEqual({ position: first?.position, duplicate: true });
    });

    it('is stored in another channel', async () => {
      await context.a.publish('room', message('m1'));
      expect((await context.a.publish('other', message('m1'))).duplicate).toBe(false);
    });

    it('is a new message once the broker has forgotten the id', async () => {
      await context.a.publish('room', message('m1'));
      await context.harness.advance(LIMITS.idsMs + 1);
      expect(await context.a.publish('room', message('m1'))).toMatchObject({ position: { offset: 2 }, duplicate: false });
    });
  });
}

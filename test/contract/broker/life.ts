import { describe, expect, it } from 'vitest';
import { type BrokerHealth, BrokerUnavailable } from '../../../gateway/broker/broker.ts';
import { RecordingListener } from '../../fakes/recording-listener.ts';
import { type Context, LIMITS } from '../broker.ts';
import { fence, ids, listen, message, publishAll } from './build.ts';

export function lifeContract(context: Context): void {
  describe('the life of a channel', () => {
    it('begins with an epoch and offset 0, the same for every gateway', async () => {
      const head = await context.a.head('room');
      expect(head).toEqual({ epoch: expect.stringMatching(/./), offset: 0, digest: '' });
      expect(await context.b.head('room')).toEqual(head);
      expect(await context.b.read('room', head, 10)).toEqual({ kind: 'messages', messages: [] });
    });

    it('ends when it is unused and holds nothing; the next has another epoch, and old positions are told so', async () => {
      const [stored] = await publishAll(context.a, 'room', ['m1']);
      if (stored === undefined) throw new Error('nothing stored');
      await context.harness.advance(LIMITS.idleMs + LIMITS.idsMs);
      const head = await context.b.head('room');
      expect(head).toMatchObject({ offset: 0, digest: '' });
      expect(head.epoch).not.toBe(stored.position.epoch);
      expect(await context.a.read('room', stored.position, 10)).toEqual({ kind: 'gap', reason: 'epoch', to: head });
    });

    it('goes on while somebody listens', async () => {
      await listen(context.a, 'room');
      const [stored] = await publishAll(context.b, 'room', ['m1']);
      await context.harness.advance(LIMITS.idleMs + LIMITS.idsMs);
      expect(await context.b.head('room')).toEqual(stored?.position);
    });
  });

  describe('health', () => {
    it('is told at once, to each who asks', () => {
      const told: BrokerHealth[] = [];
      for (let i = 0; i < 2; i++) context.a.watchHealth((health) => told.push(health));
      expect(told).toEqual([{ kind: 'ok' }, { kind: 'ok' }]);
    });

    it('is not told any more once the broker is closed', async () => {
      await listen(context.a, 'room');
      const told: BrokerHealth[] = [];
      context.a.watchHealth((health) => told.push(health));
      await context.a.close();
      await publishAll(context.b, 'room', ['m1']);
      await fence(context.b, context.b);
      expect(told).toEqual([{ kind: 'ok' }]);
    });
  });

  describe('close', () => {
    const calls: { name: string; call: (context: Context) => Promise<unknown> }[] = [
      { name: 'publish', call: ({ a }) => a.publish('room', message('m1')) },
      { name: 'read', call: async ({ a, b }) => a.read('room', await b.head('room'), 1) },
      { name: 'page', call: ({ a }) => a.page('room', null, 1) },
      { name: 'head', call: ({ a }) => a.head('room') },
      { name: 'subscribe', call: ({ a }) => a.subscribe('room', new RecordingListener()) },
      { name: 'join', call: ({ a }) => a.join('room', { member: 'ann', connection: 'c1' }, 1_000) },
      { name: 'leave', call: ({ a }) => a.leave('room', 'ann', 'c1') },
      { name: 'presence', call: ({ a }) => a.presence('room') },
    ];
    it.each(calls)('$name rejects afterwards', async ({ call }) => {
      await context.a.close();
      await expect(call(context)).rejects.toThrow(BrokerUnavailable);
    });

    it('an event afterwards is dropped without a word', async () => {
      await context.a.close();
      expect(() => context.a.sendEvent('room', { member: 'ann', name: 'typing' })).not.toThrow();
    });

    it('is the end for one gateway alone: the others go on, and its listeners are silent', async () => {
      const listener = await listen(context.a, 'room');
      await context.a.publish('room', message('m1'));
      await listener.until(({ messages }) => messages.length > 0);
      await context.a.close();
      await context.b.publish('room', message('m2'));
      await fence(context.b, context.b);
      expect(listener.ids).toEqual(['m1']);
      expect((await context.b.page('room', null, 10)).messages.map(({ id }) => id)).toEqual(ids('m', 2));
    });

    it('may be called twice', async () => {
      await context.a.close();
      await expect(context.a.close()).resolves.toBeUndefined();
    });
  });
}

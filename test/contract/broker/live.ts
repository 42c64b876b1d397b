import { describe, expect, it } from 'vitest';
import { RecordingListener } from '../../fakes/recording-listener.ts';
import type { Context } from '../broker.ts';
import { fence, ids, listen, message, publishAll } from './build.ts';

export function liveContract(context: Context): void {
  describe('live delivery', () => {
    it('reaches every gateway in order, the publisher among them', async () => {
      const listeners = [await listen(context.a, 'room'), await listen(context.b, 'room')];
      await publishAll(context.a, 'room', ids('m', 50));
      for (const listener of listeners) {
        await listener.until(({ messages }) => messages.length >= 50);
        expect(listener.offsets).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
      }
    });

    it('is the same as what history holds', async () => {
      const listener = await listen(context.b, 'room');
      await context.a.publish('room', message('m1', { name: 'Ann', data: '{"a":"\\n"}' }));
      await listener.until(({ messages }) => messages.length > 0);
      expect(listener.messages).toEqual((await context.a.page('room', null, 1)).messages);
    });

    it('comes from the subscribed channel alone', async () => {
      const listener = await listen(context.a, 'room');
      await context.b.publish('other', message('m1'));
      await context.b.publish('room', message('m2'));
      await listener.until(({ messages }) => messages.length > 0);
      expect(listener.ids).toEqual(['m2']);
    });

    it.each(['room1', 'room2', 'room3', 'room4', 'room5'])(
      'in %s, joined with the history from the position of subscribe, leaves no hole while others publish',
      async (room) => {
        const start = await context.a.head(room);
        const publishing = publishAll(context.a, room, ids('a', 40));
        const listener = new RecordingListener();
        const subscribing = context.b.subscribe(room, listener);
        const more = publishAll(context.a, room, ids('b', 40));
        const position = await subscribing;
        await Promise.all([publishing, more]);
        await context.a.publish(room, message('last'));
        await listener.until((heard) => heard.ids.includes('last'));
        const before = await context.b.read(room, start, position.offset);
        if (before.kind !== 'messages') throw new Error('a gap');
        const offsets = new Set([...before.messages.map((m) => m.position.offset as number), ...listener.offsets]);
        expect([...offsets].toSorted((x, y) => x - y)).toEqual(Array.from({ length: 81 }, (_, i) => i + 1));
      },
    );

    it('subscribe resolves to the head', async () => {
      const [, last] = await publishAll(context.a, 'room', ids('m', 2));
      expect(await context.b.subscribe('room', new RecordingListener())).toEqual(last?.position);
      expect(await context.a.subscribe('room', new RecordingListener())).toEqual(last?.position);
    });

    it('goes to the later listener alone after a second subscribe', async () => {
      const first = await listen(context.a, 'room');
      const second = await listen(context.a, 'room');
      await context.b.publish('room', message('m1'));
      await second.until(({ messages }) => messages.length > 0);
      await fence(context.b, context.a);
      expect([first.ids, second.ids]).toEqual([[], ['m1']]);
    });

    it('ends with unsubscribe, for this gateway alone', async () => {
      const [ended, other] = [await listen(context.a, 'room'), await listen(context.b, 'room')];
      await context.a.unsubscribe('room');
      await context.b.publish('room', message('m1'));
      context.b.sendEvent('room', { member: 'ann', name: 'typing' });
      await other.until(({ messages, events }) => messages.length > 0 && events.length > 0);
      await fence(context.b, context.a);
      expect([ended.messages, ended.events]).toEqual([[], []]);
    });

    it('begins again after unsubscribe and subscribe', async () => {
      await listen(context.a, 'room');
      const [, again] = await Promise.all([context.a.unsubscribe('room'), listen(context.a, 'room')]);
      await context.b.publish('room', message('m1'));
      await again.until(({ messages }) => messages.length > 0);
      expect(again.ids).toEqual(['m1']);
    });
  });

  describe('ephemeral events', () => {
    it('reach the listeners everywhere and are not stored', async () => {
      const listeners = [await listen(context.a, 'room'), await listen(context.b, 'room')];
      context.a.sendEvent('room', { member: 'ann', name: 'typing' });
      context.a.sendEvent('room', { member: 'ann', name: 'cursor', data: '{"x": 1}' });
      for (const listener of listeners) {
        await listener.until(({ events }) => events.length >= 2);
        expect(listener.events).toEqual([
          { member: 'ann', name: 'typing' },
          { member: 'ann', name: 'cursor', data: '{"x": 1}' },
        ]);
      }
      expect((await context.a.head('room')).offset).toBe(0);
    });
  });
}

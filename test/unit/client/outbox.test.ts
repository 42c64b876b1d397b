import { expect, test } from 'vitest';
import { ChatError } from '../../../client/errors.ts';
import { Outbox, type OutboxLimits } from '../../../client/outbox.ts';
import { at } from '../../fakes/client-environment.ts';

function outbox(limits: Partial<OutboxLimits> = {}) {
  const box = new Outbox({ maxMessages: 10, maxBytes: 10_000, window: 2, resendMs: 1_000, ...limits });
  const results: Record<string, unknown> = {};
  const add = (id: string, channel = 'c') =>
    void box.add(channel, id, '{"n":1}').then(
      ({ duplicate }) => {
        results[id] = duplicate ? 'duplicate' : 'stored';
      },
      (error: ChatError) => {
        results[id] = error.code;
      },
    );
  const take = (wallClock = 0, maxBytes = 1_000) => box.take(wallClock, maxBytes).map((text) => (JSON.parse(text) as { id: string }).id);
  const acknowledge = (id: string) => box.acknowledge({ type: 'published', channel: 'c', id, position: at(1) });
  const settled = async () => {
    await Promise.resolve();
    await Promise.resolve();
    return results;
  };
  return { box, add, take, acknowledge, settled };
}

test('the text is the publish message', () => {
  const { box } = outbox();
  void box.add('a "channel"', 'x', '{"n":1}');
  expect(JSON.parse(box.take(0, 1_000)[0] as string)).toEqual({ type: 'publish', channel: 'a "channel"', id: 'x', data: { n: 1 } });
});

test('of each channel only the window is under way, in order', () => {
  const { add, take, acknowledge } = outbox();
  for (const id of ['a1', 'a2', 'a3']) add(id);
  for (const id of ['b1', 'b2', 'b3']) add(id, 'd');
  expect(take()).toEqual(['a1', 'a2', 'b1', 'b2']);
  expect(take()).toEqual([]);
  acknowledge('a1');
  expect(take()).toEqual(['a3']);
});

test('a refused message goes again first, with what was sent after it', () => {
  const { box, add, take } = outbox({ window: 3 });
  for (const id of ['a', 'b', 'c', 'd']) add(id);
  expect(take()).toEqual(['a', 'b', 'c']);
  box.refuse('b');
  expect(take()).toEqual(['b', 'c']);
});

test('another link gets all that is not acknowledged, oldest first', () => {
  const { box, add, take, acknowledge } = outbox();
  for (const id of ['a', 'b', 'c']) add(id);
  take();
  acknowledge('b');
  box.rewind();
  expect(take()).toEqual(['a', 'c']);
});

test('an acknowledgement settles its message once; a late one is nobody’s', async () => {
  const { box, add, take, acknowledge, settled } = outbox();
  add('a');
  take();
  acknowledge('a');
  acknowledge('a');
  acknowledge('stranger');
  expect({ size: box.size, results: await settled() }).toEqual({ size: 0, results: { a: 'stored' } });
});

test('what is too much is refused at once and takes no place', async () => {
  const { box, add, settled } = outbox({ maxMessages: 2 });
  for (const id of ['a', 'b', 'c']) add(id);
  expect({ size: box.size, results: await settled() }).toEqual({ size: 2, results: { c: 'outbox-full' } });
});

test('its bytes are bounded, counted as UTF-8', async () => {
  const { box, settled } = outbox({ maxBytes: 200 });
  const results: string[] = [];
  const publish = (data: string) => box.add('c', data, JSON.stringify(data)).catch((error: ChatError) => results.push(error.code));
  void publish('x'.repeat(50));
  // 50 letters of 3 bytes, twice.
  void publish('€'.repeat(50));
  await settled();
  expect(results).toEqual(['outbox-full']);
});

test('an id that is under way is not taken twice', async () => {
  const { box, add } = outbox();
  add('a');
  await expect(box.add('c', 'a', '1')).rejects.toBeInstanceOf(ChatError);
});

test('a message larger than a gateway takes fails alone', async () => {
  const { box, add, take, settled } = outbox();
  void box.add('c', 'big', JSON.stringify('x'.repeat(100))).catch(() => {});
  add('small');
  expect(take(0, 100)).toEqual(['small']);
  await settled();
  expect(box.has('big')).toBe(false);
});

test('what was sent too long ago is not sent again; what never was sent waits for ever', async () => {
  const { box, add, take, settled } = outbox({ window: 1 });
  add('sent');
  add('waits');
  take(0);
  box.rewind();
  expect(take(1_001)).toEqual(['waits']);
  expect(await settled()).toEqual({ sent: 'outcome-unknown' });
});

test('clear rejects all', async () => {
  const { box, add, take, settled } = outbox();
  for (const id of ['a', 'b']) add(id);
  take();
  box.clear(new ChatError('closed', 'closed'));
  expect({ size: box.size, results: await settled() }).toEqual({ size: 0, results: { a: 'closed', b: 'closed' } });
});

import { expect, test } from 'vitest';
import { MAX_NAME } from '../../../client/names.ts';
import type { ErrorMessage } from '../../../protocol/messages.ts';
import { FIELD_LIMITS } from '../../../protocol/parse.ts';
import { at, connected, gap, message, subscribed } from '../../fakes/client-environment.ts';
import { ClientScript } from '../../fakes/client-script.ts';

const error = (changes: Partial<ErrorMessage>): ErrorMessage => ({
  type: 'error',
  code: 'unavailable',
  message: 'so',
  retryable: true,
  retryAfterMs: 100,
  channel: 'c',
  ...changes,
});

const stored = (offset: number, line: string, id: string) => ({ ...message(at(offset, line)), id });

/** Connected, and asked for the channel; not answered yet. */
async function asking(): Promise<{ script: ClientScript; outcome: Record<string, unknown> }> {
  const script = new ClientScript();
  const outcome: Record<string, unknown> = {};
  script.channel.subscribe().then(
    ({ position, recovered }) => Object.assign(outcome, { offset: position.offset, recovered }),
    ({ code }: { code: string }) => Object.assign(outcome, { code }),
  );
  script.client.connect();
  await script.pass(0);
  script.socket.open().say(connected());
  return { script, outcome };
}

test('subscribe resolves when the stream starts; once more, it is the same', async () => {
  const { script, outcome } = await asking();
  script.socket.say(subscribed(at(5)));
  await script.pass(0);
  expect(outcome).toEqual({ offset: 5, recovered: true });
  expect(await script.channel.subscribe()).toEqual({ position: at(5), recovered: true });
  expect(script.socket.saidOf('subscribe').length).toBe(1);
});

test('a subscribe refused for now is sent again after the hint', async () => {
  const { script, outcome } = await asking();
  script.socket.say(error({}));
  await script.pass(99);
  expect(script.socket.saidOf('subscribe').length).toBe(1);
  await script.pass(1);
  expect(script.socket.saidOf('subscribe').length).toBe(2);
  script.socket.say(subscribed(at(5)));
  await script.pass(0);
  expect(outcome).toEqual({ offset: 5, recovered: true });
});

test('a subscribe refused for good is told, and not asked for again', async () => {
  const { script, outcome } = await asking();
  script.socket.say(error({ code: 'too-many-channels', retryable: false }));
  await script.pass(60);
  expect({ outcome, subscribed: script.channel.subscribed }).toEqual({ outcome: { code: 'too-many-channels' }, subscribed: false });
  expect(script.news()).toContain('channel error too-many-channels');
});

test('a stream that the gateway gives up in mid-course is asked for from where it was', async () => {
  const script = await new ClientScript().begin();
  script.socket.say(message(at(6)), error({}));
  await script.pass(100);
  expect(script.socket.saidOf('subscribe').at(-1)).toMatchObject({ position: at(6) });
});

test('after a gap a message that was given before it is not given again, though its position is new', async () => {
  const script = await new ClientScript().begin();
  script.socket.say(stored(6, 'a', 'x'), stored(7, 'a', 'y'));
  script.socket.say(gap(at(7), at(6, 'b')), stored(7, 'b', 'y'), stored(8, 'b', 'z'));
  expect(script.news()).toEqual(['message 6', 'message 7', 'gap 7–6', 'message 8']);
  // What it has passed over counts: the next connection goes on after it.
  expect(script.channel.position).toEqual(at(8, 'b'));
  script.socket.drop();
  await script.pass(1_000);
  script.socket.open().say(connected(), subscribed(at(5, 'c'), false), gap(at(8, 'b'), at(5, 'c')), stored(6, 'c', 'z'));
  expect(script.news().filter((line) => line.startsWith('message'))).toEqual([]);
  expect(script.channel.position).toEqual(at(6, 'c'));
});

test.each([
  { name: 'at the head knows nothing of what was given before', position: undefined, want: ['message 6', 'message 6'] },
  { name: 'at another place knows nothing either', position: at(5), want: ['message 6', 'message 6'] },
  { name: 'where it was left goes on, and gives nothing twice', position: at(6), want: ['message 6'] },
])('a channel that is left and joined again $name', async ({ position, want }) => {
  const script = await new ClientScript().begin();
  script.socket.say(message(at(6)));
  script.channel.unsubscribe();
  void script.channel.subscribe(position === undefined ? {} : { position });
  const start = position ?? at(5);
  script.socket.say({ type: 'unsubscribed', channel: 'c' }, subscribed(start), gap(start, at(5, 'b')));
  script.socket.say(stored(6, 'b', 'ma6'));
  expect(script.news().filter((line) => line.startsWith('message'))).toEqual(want);
});

test('an error about an event is the client’s, and the stream goes on', async () => {
  const script = await new ClientScript().begin();
  script.channel.sendEvent('typing');
  script.socket.say(error({ code: 'rate-limited' }), message(at(6)));
  expect(script.news()).toEqual(['error rate-limited', 'message 6']);
});

test('unsubscribe ends the stream, whatever is under way', async () => {
  const script = await new ClientScript().begin();
  script.channel.unsubscribe();
  script.socket.say(message(at(6)), { type: 'unsubscribed', channel: 'c' });
  expect({ told: script.news(), said: script.socket.saidOf('unsubscribe').length, position: script.channel.position }).toEqual({
    told: [],
    said: 1,
    position: null,
  });
  script.socket.drop();
  await script.pass(1_000);
  expect(script.socket.open().saidOf('subscribe')).toEqual([]);
});

test('unsubscribe before the answer rejects the subscribe', async () => {
  const { script, outcome } = await asking();
  script.channel.unsubscribe();
  script.socket.say(error({ retryAfterMs: 0 }), { type: 'unsubscribed', channel: 'c' });
  await script.pass(1_000);
  expect({ outcome, subscribes: script.socket.saidOf('subscribe').length }).toEqual({ outcome: { code: 'unsubscribed' }, subscribes: 1 });
});

test('in and out and in again ends where the last one says', async () => {
  const script = await new ClientScript().begin();
  script.channel.unsubscribe();
  void script.channel.subscribe();
  script.socket.say(message(at(6)), { type: 'unsubscribed', channel: 'c' }, subscribed(at(8)), message(at(9)));
  expect(script.news()).toEqual(['subscribed at 8 (new)', 'message 9']);
});

test('a gap is told, with what comes after', async () => {
  const { script } = await asking();
  script.socket.say(subscribed(at(5)), gap(at(5), at(8)), message(at(9)));
  expect(script.news().slice(-3)).toEqual(['opened (new)', 'gap 5–8', 'message 9']);
});

test('a hole is asked about; a gateway that never fills it is left', async () => {
  const script = await new ClientScript().begin();
  for (let i = 0; i < 6; i++) script.socket.say(message(at(8)), subscribed(at(5)));
  expect(script.socket.saidOf('subscribe').map(({ position }) => position?.offset)).toEqual([undefined, 5, 5, 5, 5, 5]);
  expect(script.client.state).toMatchObject({ kind: 'waiting', code: 1011 });
});

test('publishes that are refused for now wait, and go first', async () => {
  const script = await new ClientScript().begin();
  script.publish('x');
  script.publish('y');
  script.socket.say(error({ code: 'rate-limited', id: 'x' }));
  script.publish('z');
  await script.pass(99);
  expect(script.socket.saidOf('publish').map(({ id }) => id)).toEqual(['x']);
  await script.pass(1);
  expect(script.socket.saidOf('publish').map(({ id }) => id)).toEqual(['x', 'x']);
});

test('a publish refused for good is told, and the next one goes', async () => {
  const script = await new ClientScript().begin();
  script.publish('x');
  script.publish('y');
  script.socket.say(error({ code: 'bad-message', retryable: false, id: 'x' }));
  await script.pass(0);
  expect(script.results).toEqual({ x: 'bad-message' });
  expect(script.socket.saidOf('publish').map(({ id }) => id)).toEqual(['x', 'y']);
});

test('a question without an answer ends', async () => {
  const script = await new ClientScript().begin();
  const answer = script.channel.history();
  const failed = expect(answer).rejects.toMatchObject({ code: 'timeout' });
  for (let i = 0; i < 3; i++) {
    await script.pass(5_000);
    script.socket.say({ type: 'pong' });
  }
  await failed;
});

test.each([
  { name: 'undefined', data: undefined },
  { name: 'a function', data: () => {} },
  { name: 'a bigint', data: 1n },
])('$name is no data', async ({ data }) => {
  const script = await new ClientScript().begin();
  await expect(script.channel.publish(data)).rejects.toMatchObject({ code: 'bad-data' });
});

test('names and ids that a gateway would not take are refused here', async () => {
  const { client, channel } = new ClientScript();
  expect(() => client.channel('')).toThrow('The channel ""');
  expect(() => client.channel('x'.repeat(129))).toThrow('129 characters');
  expect(() => channel.sendEvent('')).toThrow('The event ""');
  await expect(channel.publish(1, 'x'.repeat(129))).rejects.toMatchObject({ code: 'bad-data' });
  expect({ channel: MAX_NAME, id: MAX_NAME, name: MAX_NAME }).toMatchObject({
    channel: FIELD_LIMITS.channel,
    id: FIELD_LIMITS.id,
    name: FIELD_LIMITS.name,
  });
});

test('what a listener throws hinders nobody', async () => {
  const script = await new ClientScript().begin();
  const uncaught: unknown[] = [];
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.once('uncaughtException', (thrown) => uncaught.push(thrown));
  try {
    script.channel.on('message', () => {
      throw new Error('mine');
    });
    const offsets: number[] = [];
    script.channel.on('message', ({ position }) => offsets.push(position.offset));
    script.socket.say(message(at(6)));
    await script.pass(0);
    expect({ offsets, uncaught: uncaught.map(String) }).toEqual({ offsets: [6], uncaught: ['Error: mine'] });
  } finally {
    process.removeAllListeners('uncaughtException');
    for (const listener of listeners) process.on('uncaughtException', listener);
  }
});

import { describe, expect, test } from 'vitest';
import { parseClientMessage } from '../../../protocol/parse.ts';

const session = 's'.repeat(32);
const position = { epoch: 'e1', offset: 4, digest: 'abc' };

describe('reads', () => {
  test.each([
    { type: 'connect', session },
    {
      type: 'connect',
      session,
      token: 't',
      name: 'Ann',
      client: { name: 'chatcluster-js', version: '0.1.0' },
      cause: 'migrate',
      features: ['migrate'],
    },
    { type: 'subscribe', channel: 'room' },
    { type: 'subscribe', channel: 'room', position, presence: true, presenceVersion: 'v1' },
    { type: 'unsubscribe', channel: 'room' },
    { type: 'publish', channel: 'room', id: 'm1', data: { deep: [1, null] } },
    { type: 'publish', channel: 'room', id: 'm1', data: null },
    { type: 'event', channel: 'room', name: 'typing' },
    { type: 'event', channel: 'room', name: 'typing', data: false },
    { type: 'history', id: 'h', channel: 'room', before: 7, limit: 20 },
    { type: 'presence', id: 'p', channel: 'room' },
    { type: 'ping' },
  ])('$type as it stands', (message) => {
    expect(parseClientMessage(JSON.stringify(message))).toEqual({ kind: 'message', message });
  });

  test('what a later version of the protocol may add, and ignores it', () => {
    const text = JSON.stringify({ type: 'connect', session, features: ['migrate', 'telepathy'], mood: 'good' });
    expect(parseClientMessage(text)).toEqual({ kind: 'message', message: { type: 'connect', session, features: ['migrate'] } });
  });

  test('names up to 128 characters', () => {
    expect(parseClientMessage(JSON.stringify({ type: 'unsubscribe', channel: 'c'.repeat(128) })).kind).toBe('message');
  });
});

describe('refuses', () => {
  const long = 'c'.repeat(129);
  test.each([
    { name: 'what is not JSON', value: '{"type":', want: ['not JSON', '{"type":'] },
    { name: 'a list', value: [], want: ['[]', 'JSON object'] },
    { name: 'null', value: null, want: ['null', 'JSON object'] },
    { name: 'an unknown type', value: { type: 'shout' }, want: ['type is "shout"', 'publish'] },
    { name: 'a type that every object has', value: { type: 'constructor' }, want: ['type is "constructor"'] },
    { name: 'no type', value: {}, want: ['type is missing'] },
    { name: 'no channel', value: { type: 'subscribe' }, want: ['channel is missing', '1 to 128'] },
    { name: 'an empty channel', value: { type: 'subscribe', channel: '' }, want: ['channel has 0 characters', '1 to 128'] },
    { name: 'a channel that is too long', value: { type: 'subscribe', channel: long }, want: ['channel has 129 characters'] },
    { name: 'a channel of another type', value: { type: 'subscribe', channel: 12 }, want: ['channel is 12', 'string'] },
    { name: 'a short session', value: { type: 'connect', session: 'abc' }, want: ['session has 3 characters', '16 to 256'] },
    { name: 'a wrong cause', value: { type: 'connect', session, cause: 'fun' }, want: ['cause is "fun"', 'new, reconnect, migrate'] },
    {
      name: 'features that are no list',
      value: { type: 'connect', session, features: 'migrate' },
      want: ['features is "migrate"', 'list'],
    },
    { name: 'a client without a version', value: { type: 'connect', session, client: { name: 'x' } }, want: ['client.version is missing'] },
    {
      name: 'half a position',
      value: { type: 'subscribe', channel: 'r', position: { offset: 1 } },
      want: ['position is {"offset":1}', 'leave it out'],
    },
    { name: 'a negative offset', value: { type: 'subscribe', channel: 'r', position: { ...position, offset: -1 } }, want: ['position is'] },
    {
      name: 'presence that is no boolean',
      value: { type: 'subscribe', channel: 'r', presence: 'yes' },
      want: ['presence is "yes"', 'true or false'],
    },
    { name: 'a publish without data', value: { type: 'publish', channel: 'r', id: 'i' }, want: ['data is missing'] },
    { name: 'a limit of 0', value: { type: 'history', channel: 'r', id: 'i', limit: 0 }, want: ['limit is 0', 'from 1'] },
    { name: 'half an offset', value: { type: 'history', channel: 'r', id: 'i', before: 1.5 }, want: ['before is 1.5'] },
    { name: 'several things at once', value: { type: 'publish', channel: '' }, want: ['channel has', 'id is missing', 'data is missing'] },
  ])('$name, and says what to do', ({ value, want }) => {
    const result = parseClientMessage(typeof value === 'string' ? value : JSON.stringify(value));
    if (result.kind === 'message') throw new Error('it was taken');
    expect(result.error).toMatchObject({ type: 'error', code: 'bad-message', retryable: false });
    for (const part of want) expect(result.error.message).toContain(part);
    expect(result.error.message.length).toBeLessThan(400);
  });

  test('naming the id and the channel of what was refused, if they were there', () => {
    const result = parseClientMessage('{"type":"publish","channel":"room","id":"m1"}');
    expect(result).toMatchObject({ kind: 'error', error: { channel: 'room', id: 'm1' } });
    expect(parseClientMessage('{"type":"publish","channel":7,"id":""}')).not.toHaveProperty('error.id');
  });
});

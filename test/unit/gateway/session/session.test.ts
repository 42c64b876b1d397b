import { afterEach, describe, expect, test } from 'vitest';
import type { Batch } from '../../../../gateway/channels/batch.ts';
import { payloadOf } from '../../../../gateway/connection/frames.ts';
import { Latency } from '../../../../gateway/latency.ts';
import type { AuthResult, SessionContext } from '../../../../gateway/session/context.ts';
import { memberOf } from '../../../../gateway/session/member.ts';
import { PresenceKeeper } from '../../../../gateway/session/presence-keeper.ts';
import { Session } from '../../../../gateway/session/session.ts';
import type { Transport } from '../../../../gateway/session/transport.ts';
import type { ClientMessage, ServerMessage } from '../../../../protocol/messages.ts';
import { SETTINGS } from '../../../fakes/data-plane-server.ts';
import { startHub, type TestHub } from '../../../fakes/hub.ts';
import { silentLog } from '../../../fakes/silent-log.ts';

const hubs: TestHub[] = [];

afterEach(() => {
  for (const { hub } of hubs.splice(0)) hub.close();
});

const token = 'x'.repeat(32);

class FakeTransport implements Transport {
  readonly connectionId = 'gateway-1.x.1';
  readonly congested = false;
  readonly heard: ServerMessage[] = [];
  readonly closes: [string, number | undefined][] = [];
  settlements = 0;
  session: Session | null = null;

  send(text: string): void {
    this.heard.push(JSON.parse(text) as ServerMessage);
  }

  note(text: string): void {
    this.send(text);
  }

  deliver(batch: Batch): void {
    for (const frame of batch.frames) this.send(payloadOf(frame).toString());
  }

  close(code: string, retryAfterMs?: number): void {
    this.closes.push([code, retryAfterMs]);
    this.session?.end('leave-later');
  }

  settled(): void {
    this.settlements++;
  }
}

function start(over: Partial<SessionContext> = {}) {
  const test = startHub();
  hubs.push(test);
  const { hub, broker, counters } = test;
  const now = () => 0;
  const random = () => 0.5;
  const presence = new PresenceKeeper({ broker, log: silentLog, now, random, ttlMs: 60_000, graceMs: 10_000 });
  const context: SessionContext = {
    name: 'gateway-1',
    hub,
    broker,
    watch: { degraded: false, awayMs: 0 },
    presence,
    admission: { reconnectSpreadMs: () => 1_234.5 },
    settings: { ...SETTINGS, messagesPerSecond: 10, channelsPerConnection: 2 },
    authenticate: () => ({ kind: 'ok' }),
    counters,
    publishLatency: new Latency(),
    log: silentLog,
    now,
    random,
    ...over,
  };
  const transport = new FakeTransport();
  const session = new Session(context, transport);
  transport.session = session;
  const say = (message: ClientMessage) => session.receive(JSON.stringify(message));
  return { ...test, transport, session, say };
}

function connected(over: Partial<SessionContext> = {}) {
  const all = start(over);
  all.say({ type: 'connect', session: token, features: ['migrate'] });
  return all;
}

const codes = (heard: readonly ServerMessage[]) => heard.flatMap((message) => (message.type === 'error' ? [message.code] : []));

describe('connecting', () => {
  test('is answered in the same turn, with the limits and who one is to others', () => {
    const { transport } = connected();
    expect(transport.heard).toEqual([
      {
        type: 'connected',
        gateway: 'gateway-1',
        member: memberOf(token),
        heartbeatMs: SETTINGS.heartbeatMs,
        reconnectSpreadMs: 1_235,
        limits: { messageBytes: SETTINGS.messageBytes, channels: 2, messagesPerSecond: 10 },
      },
    ]);
    expect(memberOf(token)).toMatch(/^[0-9a-f]{16}$/);
  });

  test('a second time is refused, and changes nothing', () => {
    const { say, transport, session } = connected();
    say({ type: 'connect', session: 'y'.repeat(32) });
    expect([codes(transport.heard), session.identity.member]).toEqual([['bad-message'], memberOf(token)]);
  });

  test('is the first thing: anything else ends the connection', () => {
    const { say, transport } = start();
    say({ type: 'subscribe', channel: 'room' });
    expect([codes(transport.heard), transport.closes]).toEqual([['not-connected'], [['badMessage', undefined]]]);
  });

  test('waits for the token to be checked, and what is said too much meanwhile ends it', async () => {
    let check: (result: AuthResult) => void = () => {};
    const authenticate = () => new Promise<AuthResult>((resolve) => (check = resolve));
    const { say, transport, session } = connected({ authenticate });
    say({ type: 'ping' });
    expect([transport.heard, session.isBusy]).toEqual([[], true]);
    check({ kind: 'ok' });
    await Promise.resolve();
    expect(transport.heard.map(({ type }) => type)).toEqual(['connected', 'pong']);
    const other = connected({ authenticate });
    for (let n = 0; n < 40; n++) other.say({ type: 'publish', channel: 'room', id: `${n}`, data: 'x'.repeat(30_000) });
    expect(other.transport.closes).toEqual([['badMessage', undefined]]);
  });

  test('that can not be checked ends with an internal error', async () => {
    const { transport } = connected({ authenticate: () => Promise.reject(new Error('no key')) });
    await new Promise(setImmediate);
    expect(transport.closes).toEqual([['internalError', undefined]]);
  });
});

describe('limits', () => {
  test('messages above the rate are refused with the time to wait, naming what was refused', () => {
    const { say, transport, counters } = connected();
    for (let n = 0; n <= 20; n++) say({ type: 'publish', channel: 'room', id: `m${n}`, data: 0 });
    expect(transport.heard.at(-1)).toMatchObject({
      type: 'error',
      code: 'rate-limited',
      retryable: true,
      retryAfterMs: 100,
      channel: 'room',
      id: 'm20',
    });
    expect(counters.rateLimited).toBe(1);
  });

  test('who goes on regardless is closed, with a time to come back', () => {
    const { say, transport } = connected();
    for (let n = 0; n < 200; n++) say({ type: 'ping' });
    expect(transport.closes).toEqual([['tryAgainLater', 7_500]]);
  });

  test('channels above the most are refused, and there is room again after an unsubscribe', async () => {
    const { say, transport } = connected();
    for (const channel of ['a', 'b', 'c']) say({ type: 'subscribe', channel });
    expect(transport.heard.at(-1)).toMatchObject({ code: 'too-many-channels', channel: 'c', retryable: false });
    say({ type: 'unsubscribe', channel: 'a' });
    say({ type: 'subscribe', channel: 'c' });
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(transport.heard.flatMap((message) => (message.type === 'subscribed' ? [message.channel] : []))).toEqual(['b', 'c']);
  });

  test('too many messages that can not be read end the connection', () => {
    const { session, transport } = connected();
    for (let n = 0; n < 12; n++) session.receive('{');
    expect([codes(transport.heard).length, transport.closes]).toEqual([11, [['badMessage', undefined]]]);
  });
});

describe('answers', () => {
  test('to each subscribe and unsubscribe there is one, also when they come faster than they can be obeyed', async () => {
    const { say, transport, session } = connected();
    for (let n = 0; n < 2; n++) {
      say({ type: 'subscribe', channel: 'room' });
      say({ type: 'subscribe', channel: 'room' });
      say({ type: 'unsubscribe', channel: 'room' });
    }
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    const counted = ['error', 'unsubscribed', 'subscribed'].map(
      (type) => transport.heard.filter((message) => message.type === type).length,
    );
    expect(counted).toEqual([4, 2, 0]);
    expect(session.isBusy).toBe(false);
  });

  test.each<ClientMessage>([
    { type: 'publish', channel: 'room', id: 'q', data: 1 },
    { type: 'history', channel: 'room', id: 'q' },
    { type: 'presence', channel: 'room', id: 'q' },
  ])('to $type while the broker is away says that it may be tried again', async (message) => {
    const { say, broker, transport } = connected();
    broker.unavailable = true;
    say(message);
    await new Promise(setImmediate);
    const want = { type: 'error', code: 'unavailable', retryable: true, retryAfterMs: 1_250, channel: 'room', id: 'q' };
    expect(transport.heard.at(-1)).toMatchObject(want);
  });

  test('to publish when the broker fails in a way nobody expected is an internal error', async () => {
    const { say, broker, transport } = connected();
    broker.publish = () => Promise.reject(new TypeError('a mistake'));
    say({ type: 'publish', channel: 'room', id: 'q', data: 1 });
    await new Promise(setImmediate);
    expect(transport.heard.at(-1)).toMatchObject({ code: 'internal', retryable: false, id: 'q' });
  });

  test('that come after the end are dropped', async () => {
    const { say, session, transport, hub } = connected();
    say({ type: 'subscribe', channel: 'room' });
    say({ type: 'publish', channel: 'room', id: 'm', data: 1 });
    session.end('leave');
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(transport.heard.map(({ type }) => type)).toEqual(['connected']);
    expect(hub.channels).toBe(1);
  });
});

describe('a broker that is degraded', () => {
  test('is told right after connected, and each change once', () => {
    const { session, transport } = connected({ watch: { degraded: true, awayMs: 2_000 } });
    session.degraded(true);
    session.degraded(false);
    session.degraded(false);
    expect(transport.heard.map((message) => (message.type === 'degraded' ? message.active : message.type))).toEqual([
      'connected',
      true,
      false,
    ]);
  });

  test('is told to nobody who is not connected', () => {
    const { session, transport } = start();
    session.degraded(true);
    expect(transport.heard).toEqual([]);
  });

  test.each([
    { awayMs: 0, least: 500, most: 2_000 },
    { awayMs: 2_000, least: 500, most: 2_000 },
    { awayMs: 6_000, least: 500, most: 3_500 },
    { awayMs: 3_600_000, least: 500, most: 5_500 },
  ])('for $awayMs ms makes clients wait up to $most ms, each another time', async ({ awayMs, least, most }) => {
    const waits: (number | undefined)[] = [];
    for (const chance of [0, 0.999_999]) {
      const { say, broker, transport } = connected({ watch: { degraded: true, awayMs }, random: () => chance });
      broker.unavailable = true;
      say({ type: 'history', channel: 'room', id: 'q' });
      await new Promise(setImmediate);
      const last = transport.heard.at(-1);
      waits.push(last?.type === 'error' ? last.retryAfterMs : undefined);
    }
    expect(waits).toEqual([least, most]);
  });
});

describe('being asked to move', () => {
  const migrate = { type: 'migrate', delayMs: 1, deadlineMs: 2, reason: 'drain' } as const;

  test('a client that can is told, at once or when it has connected', () => {
    const { session, transport } = connected();
    session.migrate(migrate);
    expect(transport.heard.at(-1)).toEqual(migrate);
    const early = start();
    early.session.migrate(migrate);
    expect(early.transport.heard).toEqual([]);
    early.say({ type: 'connect', session: token, features: ['migrate'] });
    expect(early.transport.heard.map(({ type }) => type)).toEqual(['connected', 'migrate']);
  });

  test('a client that can not is left alone', () => {
    const { session, transport, say } = start();
    say({ type: 'connect', session: token });
    session.migrate(migrate);
    expect(transport.heard.map(({ type }) => type)).toEqual(['connected']);
  });
});

import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Poll } from '../../../../gateway/connection/longpoll/poll.ts';
import { parsePoll } from '../../../../gateway/connection/longpoll/request.ts';
import { Latency } from '../../../../gateway/latency.ts';
import type { SessionContext } from '../../../../gateway/session/context.ts';
import { Limiter } from '../../../../gateway/session/limiter.ts';
import { PresenceKeeper } from '../../../../gateway/session/presence-keeper.ts';
import { SessionPresence } from '../../../../gateway/session/session-presence.ts';
import type { ServerMessage } from '../../../../protocol/messages.ts';
import { SETTINGS } from '../../../fakes/data-plane-server.ts';
import { startHub, type TestHub } from '../../../fakes/hub.ts';
import { silentLog } from '../../../fakes/silent-log.ts';

/** A response that keeps its body. */
class FakeResponse extends EventEmitter {
  readonly destroyed = false;
  headersSent = false;
  body: readonly ServerMessage[] | null = null;

  writeHead(): void {
    this.headersSent = true;
  }

  end(body: Buffer): void {
    this.body = JSON.parse(body.toString()) as ServerMessage[];
  }
}

let hub: TestHub;

beforeEach(() => {
  vi.useFakeTimers();
  hub = startHub();
});

afterEach(() => {
  hub.hub.close();
  vi.useRealTimers();
});

/** Sends a request with these messages to a gateway whose broker never answers a publish; returns the response. */
function request(messages: readonly object[]): FakeResponse {
  const { broker, counters } = hub;
  broker.publish = () => new Promise(() => {});
  const [now, random] = [() => performance.now(), () => 0.5];
  const presence = new PresenceKeeper({ broker, log: silentLog, now, random, ttlMs: 60_000, graceMs: 10_000 });
  const context: SessionContext = {
    name: 'g1',
    hub: hub.hub,
    broker,
    watch: { degraded: false, awayMs: 0 },
    presence,
    admission: { reconnectSpreadMs: () => 0 },
    settings: SETTINGS,
    authenticate: () => ({ kind: 'ok' }),
    counters,
    publishLatency: new Latency(),
    log: silentLog,
    now,
    random,
  };
  const text = JSON.stringify({ messages: [{ type: 'connect', session: 'a-session-of-some-length' }, ...messages], wait: 0 });
  const parsed = parsePoll(text, 25_000, 32_768);
  if (parsed.kind === 'error') throw new Error(parsed.error.message);
  const response = new FakeResponse();
  const poll = new Poll(context, response as unknown as ServerResponse, {
    connectionId: 'g1.1',
    lasting: { limiter: new Limiter(SETTINGS, now()), presence: new SessionPresence(presence, null) },
    beside: !parsed.request.isPoll,
    ended: () => {},
    refused: () => {},
  });
  poll.run(parsed.request);
  return response;
}

const publish = { type: 'publish', channel: 'room', id: 'm1', data: 0 };

test.each([
  { name: 'a request that only says something waits long for its answer', messages: [publish], ms: 8_000 },
  { name: 'a poll waits for a moment: it asks again', messages: [{ type: 'subscribe', channel: 'room' }, publish], ms: 1_000 },
])('of a broker that does not answer, $name', async ({ messages, ms }) => {
  const response = request(messages);
  await vi.advanceTimersByTimeAsync(ms - 10);
  expect(response.body).toBeNull();
  await vi.advanceTimersByTimeAsync(20);
  expect(response.body?.some(({ type }) => type === 'published')).toBe(false);
  expect(response.body?.[0]?.type).toBe('connected');
});

import { expect, test } from 'vitest';
import { Heartbeat } from '../../../client/heartbeat.ts';
import { FakeEnvironment } from '../../fakes/client-environment.ts';

function heartbeat(everyMs = 1_000) {
  const env = new FakeEnvironment();
  const told: string[] = [];
  const heart = new Heartbeat(env, {
    ping: () => told.push(`ping at ${env.now()}`),
    dead: () => {
      told.push(`dead at ${env.now()}`);
      heart.stop();
    },
  });
  heart.start(everyMs);
  return { env, heart, told };
}

test('while something is heard nothing is asked', async () => {
  const { env, heart, told } = heartbeat();
  for (let i = 0; i < 10; i++) {
    await env.time.advance(900);
    heart.heard();
  }
  expect(told).toEqual([]);
});

test('after silence it asks, and what answers lives', async () => {
  const { env, heart, told } = heartbeat();
  await env.time.advance(1_500);
  heart.heard();
  await env.time.advance(999);
  expect(told).toEqual(['ping at 1000']);
});

test('what does not answer within twice the time is dead', async () => {
  const { env, told } = heartbeat();
  await env.time.advance(10_000);
  expect({ told, timers: env.time.pending }).toEqual({ told: ['ping at 1000', 'dead at 2000'], timers: 0 });
});

test('a probe asks at once, and only once', async () => {
  const { env, heart, told } = heartbeat(25_000);
  await env.time.advance(100);
  heart.probe();
  heart.probe();
  await env.time.advance(6_000);
  expect(told).toEqual(['ping at 100', 'dead at 5100']);
});

test.each([
  { name: 'while the page is seen', visible: true, want: ['ping at 10000', 'dead at 15000'] },
  { name: 'while it is hidden', visible: false, want: ['ping at 25000', 'dead at 30000'] },
])('$name a dead gateway is found after $want.1', async ({ visible, want }) => {
  const { env, told } = heartbeat(25_000);
  env.change({ visible });
  await env.time.advance(60_000);
  expect(told).toEqual(want);
});

test('what is said and not answered makes it ask soon, counted from the first', async () => {
  const { env, heart, told } = heartbeat(25_000);
  await env.time.advance(1_000);
  heart.said();
  await env.time.advance(1_500);
  heart.said();
  await env.time.advance(10_000);
  expect(told).toEqual(['ping at 3000', 'dead at 8000']);
});

test('what is said and answered in time asks nothing', async () => {
  const { env, heart, told } = heartbeat(25_000);
  for (let i = 0; i < 5; i++) {
    heart.said();
    await env.time.advance(1_900);
    heart.heard();
    await env.time.advance(3_000);
  }
  expect(told).toEqual([]);
});

test('said while it asks already changes nothing', async () => {
  const { env, heart, told } = heartbeat(25_000);
  await env.time.advance(11_000);
  heart.said();
  await env.time.advance(60_000);
  expect(told).toEqual(['ping at 10000', 'dead at 15000']);
});

test('after a sleep it asks once more before it gives up', () => {
  const { env, told } = heartbeat();
  let run = () => {};
  let now = 0;
  const sleepy = new Heartbeat(
    { ...env, now: () => now, setTimeout: (next: () => void) => (run = next), clearTimeout: () => {}, random: env.random },
    { ping: () => told.push(`ping at ${now}`), dead: () => told.push(`dead at ${now}`) },
  );
  sleepy.start(1_000);
  now = 1_000;
  run();
  // The lid was closed here for an hour.
  now = 3_600_000;
  run();
  now = 3_601_000;
  run();
  expect(told).toEqual(['ping at 1000', 'ping at 3600000', 'dead at 3601000']);
});

test('timers that always come late, as in a page that was hidden for long, delay the end by one more question only', () => {
  const told: string[] = [];
  let run = () => {};
  let now = 0;
  const env = { ...new FakeEnvironment(), now: () => now, setTimeout: (next: () => void) => (run = next), clearTimeout: () => {} };
  const throttled = new Heartbeat(env, { ping: () => told.push(`ping at ${now}`), dead: () => told.push(`dead at ${now}`) });
  throttled.start(25_000);
  for (now = 60_000; now <= 180_000; now += 60_000) run();
  expect(told).toEqual(['ping at 60000', 'ping at 120000', 'dead at 180000']);
});

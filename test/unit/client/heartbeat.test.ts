import { expect, test } from 'vitest';
import { Heartbeat } from '../../../client/heartbeat.ts';
import { FakeEnvironment } from '../../fakes/client-environment.ts';

function heartbeat() {
  const env = new FakeEnvironment();
  const told: string[] = [];
  const heart = new Heartbeat(env, {
    ping: () => told.push(`ping at ${env.now()}`),
    dead: () => {
      told.push(`dead at ${env.now()}`);
      heart.stop();
    },
  });
  heart.start(1_000);
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

test('a probe asks at once and waits no longer than it says', async () => {
  const { env, heart, told } = heartbeat();
  await env.time.advance(100);
  heart.probe(300);
  heart.probe(300);
  await env.time.advance(1_000);
  expect(told).toEqual(['ping at 100', 'dead at 400']);
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

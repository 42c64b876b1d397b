import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brokerContract } from '../../contract/broker.ts';
import { redisStore } from '../../fakes/redis-store.ts';
import { RedisServer } from '../../servers/redis/server.ts';
import { COMMANDS, leastUser, PATTERNS, rights } from './least-user.ts';
import { Gateways, placeOf } from './world.ts';

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start({ movableClock: true, users: [leastUser().line] });
}, 300_000);
afterAll(() => server.stop());

brokerContract('Redis, a user with the least rights', async () =>
  redisStore({
    place: placeOf(server).place,
    access: { ...placeOf(server).access, ...leastUser().access },
    advance: (ms) => server.advance(ms),
  }),
);

describe('a user that lacks a right', () => {
  /** Opens a broker as a user with these rights; resolves to what it fails with. */
  async function failureWith(...rules: readonly string[]): Promise<string> {
    await server.command('ACL', 'SETUSER', 'less', 'reset', ...rules);
    const gateways = new Gateways({
      place: placeOf(server).place,
      access: { ...placeOf(server).access, username: 'less', password: 'secret' },
    });
    try {
      return await gateways.open().then(
        () => 'opened',
        (error: Error) => error.message,
      );
    } finally {
      await gateways.close();
    }
  }

  const needed = COMMANDS.filter((command) => command !== 'info');
  it.each(needed)('to run %s is told so at the start', async (without) => {
    const commands = COMMANDS.filter((command) => command !== without);
    expect(await failureWith(...rights(PATTERNS, commands))).toMatch(
      new RegExp(`^Redis at .* (lacks a right; docs/operations\\.md has the rule.*|may not run )'?${without.replace('|', '\\|')}`, 'i'),
    );
  });

  it('to the keys is told so at the start', async () => {
    expect(await failureWith(...rights(['resetkeys', 'resetchannels', '~other:*', '&test-*'], COMMANDS))).toMatch(
      /may not run HGET, HMGET, HGETALL, HSET, HDEL, PEXPIRE on keys and channels that begin with "test-/,
    );
  });

  it('to the channels is told so at the start', async () => {
    expect(await failureWith(...rights(['resetkeys', 'resetchannels', '~test-*', '&other:*'], COMMANDS))).toMatch(
      /may not run SPUBLISH, SSUBSCRIBE on keys and channels that begin with "test-/,
    );
  });

  it('may do all the same without INFO', async () => {
    expect(await failureWith(...rights(PATTERNS, needed))).toBe('opened');
  });
});

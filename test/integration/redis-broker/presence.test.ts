import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RedisBroker } from '../../../gateway/broker/redis/broker.ts';
import { keysOf } from '../../../gateway/broker/redis/keys.ts';
import { ids, listen } from '../../contract/broker/build.ts';
import { RedisServer } from '../../servers/redis/server.ts';
import { Gateways } from './world.ts';

let server: RedisServer;
let gateways: Gateways;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.stop());
beforeEach(() => {
  gateways = new Gateways(server);
});
afterEach(() => gateways.close());

const join = (broker: RedisBroker, member: string, ttlMs: number, connection = `c-${member}`) =>
  broker.join('room', { member, connection }, ttlMs);
const membersOf = async (broker: RedisBroker) => (await broker.presence('room')).members.map(({ member }) => member).toSorted();

describe('who was on a gateway that is gone', () => {
  it('leaves when the time is over, and the listeners of all other gateways hear it once', async () => {
    const [gone, b, c] = [(await gateways.open()).broker, (await gateways.open()).broker, (await gateways.open()).broker];
    const listeners = [await listen(b, 'room'), await listen(c, 'room')];
    await join(gone, 'ann', 1_500);
    await join(b, 'bob', 60_000);
    await gone.close();
    expect(await membersOf(b)).toEqual(['ann', 'bob']);
    for (const listener of listeners) await listener.until(({ changes }) => changes.some(({ kind }) => kind === 'leave'));
    // Both gateways look when it is due, and again a second later.
    await join(c, 'cem', 60_000);
    for (const listener of listeners) {
      await listener.until(({ whoCameAndWent }) => whoCameAndWent.includes('join cem'));
      expect(listener.whoCameAndWent).toEqual(['join ann', 'join bob', 'leave ann', 'join cem']);
    }
    expect(await membersOf(c)).toEqual(['bob', 'cem']);
  });

  it('stays when another gateway has taken the session over', async () => {
    const [gone, other] = [(await gateways.open()).broker, (await gateways.open()).broker];
    const listener = await listen(other, 'room');
    await join(gone, 'ann', 1_000, 'old');
    await join(other, 'ann', 60_000, 'new');
    await gone.close();
    await join(other, 'bob', 1_000);
    await listener.until(({ whoCameAndWent }) => whoCameAndWent.includes('leave bob'));
    expect(listener.whoCameAndWent).toEqual(['join ann', 'join bob', 'leave bob']);
    expect(await membersOf(other)).toEqual(['ann']);
  });

  it('leaves in the eyes of a gateway that listens only later', async () => {
    const [gone, later] = [(await gateways.open()).broker, (await gateways.open()).broker];
    await join(gone, 'ann', 300);
    await gone.close();
    await expect.poll(() => membersOf(later), { timeout: 5_000 }).toEqual([]);
  });
});

describe('a crowd', () => {
  it('of two gateways has the same list and version on both, whatever comes and goes at once', async () => {
    const brokers = [(await gateways.open()).broker, (await gateways.open()).broker] as const;
    const listeners = [await listen(brokers[0], 'room'), await listen(brokers[1], 'room')];
    const members = ids('member', 100);
    await Promise.all(members.map((member, i) => join(brokers[i % 2] ?? brokers[0], member, 60_000)));
    await Promise.all(members.slice(0, 50).map((member, i) => (brokers[i % 2] ?? brokers[0]).leave('room', member, `c-${member}`)));
    const states = await Promise.all(brokers.map((broker) => broker.presence('room')));
    expect(states[0]).toEqual(states[1]);
    expect(states[0]?.members.map(({ member }) => member).toSorted()).toEqual(members.slice(50).toSorted());
    for (const listener of listeners) {
      await listener.until(({ changes }) => changes.length >= 150);
      expect(listener.changes.at(-1)?.version).toBe(states[0]?.version);
      expect(new Set(listener.changes.map(({ version }) => version)).size).toBe(150);
    }
  });

  it('that stays is not listed again for each who prolongs', async () => {
    const brokers = [(await gateways.open()).broker, (await gateways.open()).broker] as const;
    const listeners = [await listen(brokers[0], 'room'), await listen(brokers[1], 'room')];
    const members = ids('member', 100);
    const joinAll = () => Promise.all(members.map((member, i) => join(brokers[i % 2] ?? brokers[0], member, 60_000)));
    await joinAll();
    for (const listener of listeners) await listener.until(({ changes }) => changes.length >= 100);
    for (const broker of brokers) await broker.presence('room');
    await join(brokers[0], 'late', 60_000);
    for (const listener of listeners) await listener.until(({ whoCameAndWent }) => whoCameAndWent.includes('join late'));
    await server.command('CONFIG', 'RESETSTAT');
    const [state] = await joinAll();
    expect(state?.members).toHaveLength(101);
    expect(await server.info('commandstats')).not.toHaveProperty('cmdstat_hgetall');
  });

  it('that joins again and again gets a right list also after the connection for live delivery broke', async () => {
    const [{ broker, becomes }, other] = [await gateways.open(), await gateways.open()];
    await listen(broker, 'room');
    await join(broker, 'ann', 60_000);
    await server.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await becomes('degraded');
    await join(other.broker, 'bob', 60_000);
    await becomes('ok');
    await join(other.broker, 'cem', 60_000);
    const { members } = await join(broker, 'ann', 60_000);
    expect(members.map(({ member }) => member).toSorted()).toEqual(['ann', 'bob', 'cem']);
  });

  it('that is gone leaves no key behind', async () => {
    const { broker } = await gateways.open();
    await join(broker, 'ann', 1_000);
    const { presence } = keysOf(gateways.options.keyPrefix, 'room');
    const ttl = Number(await server.command('PTTL', presence));
    expect(ttl).toBeGreaterThan(1_000);
    expect(ttl).toBeLessThanOrEqual(61_000);
    await join(broker, 'bob', 600_000);
    expect(Number(await server.command('PTTL', presence))).toBeGreaterThan(600_000);
    await join(broker, 'ann', 1_000);
    expect(Number(await server.command('PTTL', presence))).toBeGreaterThan(600_000);
  });
});

import type { ServerHome } from '../../redis/server-home.ts';
import type { Fault } from '../fault.ts';
import type { World } from '../world.ts';

type ServerFault = Fault<World<ServerHome>>;

const TARGET = 'redis';
const over = async () => {};

/** The server is killed, and started again with what it had stored. */
const kill: ServerFault = {
  name: 'kill redis',
  lane: 'servers',
  weight: 4,
  lasts: [100, 4_000],
  async start({ redis: { server, nodes } }) {
    await server.kill9();
    return { target: TARGET, end: () => nodes.restart(server) };
  },
};

/** The server stands still. */
const pause: ServerFault = {
  name: 'pause redis',
  lane: 'servers',
  weight: 3,
  lasts: [500, 6_000],
  async start({ redis: { server, nodes } }) {
    nodes.pause(server);
    return { target: TARGET, end: async () => nodes.resume(server) };
  },
};

/** What happens to a server that keeps what it has answered for. */
export const SERVER_FAULTS: readonly ServerFault[] = [kill, pause];

/** All data is deleted while the server runs. */
const flushAll: ServerFault = {
  name: 'flush all',
  lane: 'servers',
  weight: 0.7,
  lasts: [0, 0],
  async start({ redis: { server } }) {
    await server.command('FLUSHALL');
    return { target: TARGET, end: over };
  },
};

/** The server comes back without anything. */
const loseAll: ServerFault = {
  name: 'kill redis and lose its disk',
  lane: 'servers',
  weight: 0.5,
  lasts: [100, 2_000],
  async start({ redis }) {
    await redis.server.kill9();
    redis.removeSnapshot();
    return { target: TARGET, end: () => redis.nodes.restart(redis.server) };
  },
};

/** The server goes on for a while, and then comes back as it was before. */
const restoreSnapshot: ServerFault = {
  name: 'restore an old snapshot',
  lane: 'servers',
  weight: 2,
  lasts: [1_000, 6_000],
  async start({ redis }) {
    return redis.keepSnapshot() ? { target: TARGET, end: () => redis.restoreSnapshot() } : null;
  },
};

/** What happens to a server that may lose what it has answered for. */
export const LOSING_SERVER_FAULTS: readonly ServerFault[] = [flushAll, loseAll, restoreSnapshot];

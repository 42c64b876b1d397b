import type { RedisHome } from '../../redis/scenario.ts';
import type { Fault } from '../fault.ts';
import type { World } from '../world.ts';

/** A Redis whose servers can be told something now. */
export interface Reachable extends RedisHome {
  readonly answers: boolean;
  command(...args: readonly (string | number)[]): Promise<unknown>;
}

type LinkFault = Fault<World<Reachable>>;

const over = async () => {};

/** The server closes all connections of a kind. */
const killClients: LinkFault = {
  name: 'kill connections',
  lane: 'links',
  weight: 3,
  lasts: [0, 0],
  async start({ redis }, draw) {
    const type = draw.pick(['normal', 'pubsub']) as string;
    if (!redis.answers) return null;
    await redis.command('CLIENT', 'KILL', 'TYPE', type);
    return { target: type, end: over };
  },
};

/** The server answers nobody, or no one who writes. */
const pauseClients: LinkFault = {
  name: 'pause connections',
  lane: 'links',
  weight: 2,
  lasts: [500, 3_000],
  async start({ redis }, draw, lastsMs) {
    const mode = draw.pick(['WRITE', 'ALL']) as string;
    if (!redis.answers) return null;
    // It ends by itself: a server that answers nobody hears no UNPAUSE either.
    await redis.command('CLIENT', 'PAUSE', lastsMs, mode);
    return { target: mode.toLowerCase(), end: over };
  },
};

/** What happens to the connections between gateways and Redis. */
export const LINK_FAULTS: readonly LinkFault[] = [killClients, pauseClients];

import type { RedisServer } from '../../../servers/redis/server.ts';
import type { Draw } from '../../draw.ts';
import type { Nodes } from '../../redis/nodes.ts';
import type { RedisHome } from '../../redis/scenario.ts';
import type { Fault } from '../fault.ts';
import type { World } from '../world.ts';

/** A Redis whose servers can be told something. */
export interface Reachable extends RedisHome {
  readonly nodes: Nodes;
  /** One that answers now; null: none does. */
  reachable(draw: Draw): Promise<RedisServer | null>;
}

type LinkFault = Fault<World<Reachable>>;

const over = async () => {};

/** A server closes all of the gateways' connections of a kind. */
const killClients: LinkFault = {
  name: 'kill connections',
  lane: 'links',
  weight: 3,
  lasts: [0, 0],
  async start({ redis }, draw) {
    const type = draw.pick(['normal', 'pubsub']) as string;
    const server = await redis.reachable(draw);
    if (server === null) return null;
    const list = await server.command('CLIENT', 'LIST', 'TYPE', type).catch(() => '');
    const ids = Array.from(String(list).matchAll(/^id=(\d+) .* name=chatcluster-/gm), ([, id]) => id as string);
    if (ids.length === 0) return null;
    // One that has just gone by itself makes its command fail.
    await Promise.allSettled(ids.map((id) => server.command('CLIENT', 'KILL', 'ID', id)));
    return { target: `${type} of ${redis.nodes.nameOf(server)}`, end: over };
  },
};

/** A server answers nobody, or no one who writes. */
const pauseClients: LinkFault = {
  name: 'pause connections',
  lane: 'links',
  weight: 2,
  lasts: [500, 3_000],
  async start({ redis }, draw, lastsMs) {
    const mode = draw.pick(['WRITE', 'ALL']) as string;
    const server = await redis.reachable(draw);
    // It ends by itself: a server that answers nobody hears no UNPAUSE either.
    if (server === null || !(await said(server, 'CLIENT', 'PAUSE', lastsMs, mode))) return null;
    return { target: `${mode.toLowerCase()} of ${redis.nodes.nameOf(server)}`, end: over };
  },
};

/** A server forgets all scripts. */
const flushScripts: LinkFault = {
  name: 'flush scripts',
  lane: 'links',
  weight: 1,
  lasts: [0, 0],
  async start({ redis }, draw) {
    const server = await redis.reachable(draw);
    if (server === null || !(await said(server, 'SCRIPT', 'FLUSH'))) return null;
    return { target: redis.nodes.nameOf(server), end: over };
  },
};

/** What happens to the connections between gateways and Redis. */
export const LINK_FAULTS: readonly LinkFault[] = [killClients, pauseClients, flushScripts];

/** Tells a server something; false when another fault has just struck it. */
async function said(server: RedisServer, ...command: readonly (string | number)[]): Promise<boolean> {
  try {
    await server.command(...command);
    return true;
  } catch {
    return false;
  }
}

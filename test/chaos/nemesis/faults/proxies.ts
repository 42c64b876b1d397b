import type { TcpProxy } from '../../../servers/redis/proxy.ts';
import type { Draw } from '../../draw.ts';
import type { ServerHome } from '../../redis/server-home.ts';
import type { Fault, Ongoing } from '../fault.ts';
import type { World } from '../world.ts';

type ProxyFault = Fault<World<ServerHome>>;

/** Sometimes it happens to all gateways at once. */
const ALL = 0.25;

/** Connections between a gateway and the server are reset, and new ones are refused. */
const cut: ProxyFault = {
  name: 'cut a link to redis',
  lane: 'links',
  weight: 2,
  lasts: [200, 5_000],
  start: async (world, draw) => disturb(world, draw, (proxy) => proxy.cut()),
};

/** Connections between a gateway and the server stay open, and nothing comes through. */
const stall: ProxyFault = {
  name: 'stall a link to redis',
  lane: 'links',
  weight: 2,
  lasts: [500, 8_000],
  start: async (world, draw) => disturb(world, draw, (proxy) => proxy.stall()),
};

/** All between a gateway and the server comes late. */
const delay: ProxyFault = {
  name: 'delay a link to redis',
  lane: 'links',
  weight: 2,
  lasts: [1_000, 6_000],
  async start(world, draw) {
    const ms = draw.whole(10, 400);
    return disturb(world, draw, (proxy) => proxy.delay(ms));
  },
};

/** What happens to the ways between gateways and one server. */
export const PROXY_FAULTS: readonly ProxyFault[] = [cut, stall, delay];

function disturb({ fleet, redis }: World<ServerHome>, draw: Draw, how: (proxy: TcpProxy) => void): Ongoing | null {
  const one = draw.pick(fleet.steady);
  const gateways = draw.chance(ALL) ? fleet.gateways : one === undefined ? [] : [one];
  if (gateways.length === 0) return null;
  for (const { name } of gateways) {
    const proxy = redis.proxyOf(name);
    if (proxy !== null) how(proxy);
  }
  return {
    target: gateways.map(({ name }) => name).join(', '),
    end: async () => void (await Promise.all(gateways.map(({ name }) => redis.proxyOf(name)?.heal()))),
  };
}

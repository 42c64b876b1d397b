import type { Namespace } from '../../../servers/redis/namespace.ts';
import type { RedisServer } from '../../../servers/redis/server.ts';
import type { Draw } from '../../draw.ts';
import type { Machines } from '../../redis/machines.ts';
import type { Nodes } from '../../redis/nodes.ts';
import type { RedisHome } from '../../redis/scenario.ts';
import type { Fault, Ongoing } from '../fault.ts';
import type { World } from '../world.ts';

/** A Redis of several machines. */
export interface Networked extends RedisHome {
  readonly nodes: Nodes;
  readonly machines: Machines | null;
  /** Heals the servers, and the ways between them; resolves when they are well. */
  recover(): Promise<void>;
  /** A primary that answers now. */
  somePrimary(draw: Draw): Promise<RedisServer | null>;
}

type NetworkFault = Fault<World<Networked>>;

/** Other servers can't reach a primary any more, and replace it; gateways can, and go on with it for a while. What it takes then is lost. */
const isolatePrimary: NetworkFault = {
  name: 'cut a primary off from the other servers',
  lane: 'servers',
  weight: 5,
  lasts: [2_500, 9_000],
  async start({ redis }, draw) {
    const { machines } = redis;
    const primary = await redis.somePrimary(draw);
    if (primary === null || machines === null) return null;
    await machines.ofServer(primary)?.cut(machines.serversBut(primary));
    return { target: redis.nodes.nameOf(primary), end: () => redis.recover() };
  },
};

/** Nobody can reach a primary any more. */
const cutPrimary: NetworkFault = {
  name: 'cut a primary off from all',
  lane: 'servers',
  weight: 1,
  lasts: [500, 6_000],
  async start({ redis }, draw) {
    const primary = await redis.somePrimary(draw);
    if (primary === null || redis.machines === null) return null;
    await redis.machines.ofServer(primary)?.cut();
    return { target: redis.nodes.nameOf(primary), end: () => redis.recover() };
  },
};

/** A primary's line to all others is narrow, so that its replicas are behind. */
const narrowPrimary: NetworkFault = {
  name: 'narrow the line of a primary',
  lane: 'links',
  weight: 1,
  lasts: [1_000, 5_000],
  async start({ redis }, draw) {
    const kilobits = draw.whole(500, 4_000);
    const primary = await redis.somePrimary(draw);
    if (primary === null) return null;
    return onMachine(redis.machines?.ofServer(primary), redis.nodes.nameOf(primary), (machine) => machine.narrow(kilobits));
  },
};

/** A gateway can't reach one of the servers. */
const cutGateway: NetworkFault = {
  name: 'cut a gateway off from a server',
  lane: 'links',
  weight: 2,
  lasts: [500, 8_000],
  async start({ fleet, redis }, draw) {
    const gateway = draw.pick(fleet.steady);
    const server = draw.pick(redis.nodes.all);
    if (gateway === undefined || server === undefined) return null;
    const target = `${gateway.name} from ${redis.nodes.nameOf(server)}`;
    return onMachine(redis.machines?.ofGateway(gateway.name), target, (machine) => machine.cut([server.host]));
  },
};

/** A gateway can reach no server. */
const cutGatewayOff: NetworkFault = {
  name: 'cut a gateway off from all servers',
  lane: 'links',
  weight: 1,
  lasts: [500, 8_000],
  async start({ fleet, redis }, draw) {
    const gateway = draw.pick(fleet.steady);
    if (gateway === undefined) return null;
    const machine = redis.machines?.ofGateway(gateway.name);
    return onMachine(machine, gateway.name, (own) => own.cut(redis.machines?.servers ?? []));
  },
};

/** Some of a gateway's packets are lost, to and from servers and clients. */
const losePackets: NetworkFault = {
  name: 'lose packets of a gateway',
  lane: 'links',
  weight: 2,
  lasts: [1_000, 6_000],
  async start({ fleet, redis }, draw) {
    const percent = draw.whole(2, 30);
    const gateway = draw.pick(fleet.steady);
    if (gateway === undefined) return null;
    return onMachine(redis.machines?.ofGateway(gateway.name), `${gateway.name} ${percent} %`, (machine) => machine.lose(percent));
  },
};

/** What happens to the network between gateways and servers, where each is a machine of its own. */
export const NETWORK_FAULTS: readonly NetworkFault[] = [isolatePrimary, cutPrimary, narrowPrimary, cutGateway, cutGatewayOff, losePackets];

async function onMachine(
  machine: Namespace | null | undefined,
  target: string,
  how: (machine: Namespace) => Promise<void>,
): Promise<Ongoing | null> {
  if (machine === null || machine === undefined) return null;
  await how(machine);
  return { target, end: () => machine.heal() };
}

import type { Fault } from '../fault.ts';
import type { GatewayWorld } from '../world.ts';

/** The fleet keeps within these bounds, whatever happens. */
const FEWEST = 2;
const MOST = 5;
const DRAIN_PER_SECOND = 30;
const DRAIN_TIMEOUT_MS = 6_000;

const healed = async () => {};

/** A gateway ends without a word; another is started for it. */
export const killGateway: Fault<GatewayWorld> = {
  name: 'kill a gateway',
  lane: 'gateways',
  weight: 3,
  lasts: [100, 2_000],
  async start({ fleet }, draw) {
    const victim = draw.pick(fleet.steady);
    if (victim === undefined) return null;
    await victim.kill9();
    return { target: victim.name, end: async () => void (await fleet.add()) };
  },
};

/** A gateway stands still, and goes on. */
export const pauseGateway: Fault<GatewayWorld> = {
  name: 'pause a gateway',
  lane: 'gateways',
  weight: 3,
  lasts: [500, 8_000],
  async start({ fleet }, draw) {
    const victim = draw.pick(fleet.steady);
    if (victim === undefined) return null;
    victim.pause();
    return { target: victim.name, end: async () => victim.resume() };
  },
};

/** A gateway is drained and replaced, as by a rollout. */
export const drainGateway: Fault<GatewayWorld> = {
  name: 'drain a gateway',
  lane: 'gateways',
  weight: 3,
  lasts: [0, 0],
  async start({ fleet, signal }, draw) {
    const victim = draw.pick(fleet.steady);
    if (victim === undefined) return null;
    await (await fleet.add()).ready();
    const gone = victim.drain(DRAIN_PER_SECOND, DRAIN_TIMEOUT_MS, signal).then(() => victim.stop());
    return { target: victim.name, end: () => gone };
  },
};

/** A gateway gets SIGTERM, as from a node that goes away; another is started for it. */
export const terminateGateway: Fault<GatewayWorld> = {
  name: 'terminate a gateway',
  lane: 'gateways',
  weight: 1,
  lasts: [0, 500],
  async start({ fleet }, draw) {
    const victim = draw.pick(fleet.steady);
    if (victim === undefined) return null;
    await fleet.add();
    const gone = victim.stop();
    return { target: victim.name, end: () => gone };
  },
};

/** One gateway more; some clients are moved onto it. */
export const scaleUp: Fault<GatewayWorld> = {
  name: 'scale up',
  lane: 'gateways',
  weight: 1,
  lasts: [0, 500],
  async start({ fleet }, draw) {
    if (fleet.gateways.length >= MOST) return null;
    const added = await fleet.add();
    await added.ready();
    await draw.pick(fleet.steady.filter((gateway) => gateway !== added))?.shed(draw.whole(3, 10), DRAIN_PER_SECOND);
    return { target: added.name, end: healed };
  },
};

/** One gateway less, whose clients are moved away first. */
export const scaleDown: Fault<GatewayWorld> = {
  name: 'scale down',
  lane: 'gateways',
  weight: 1,
  lasts: [0, 500],
  async start({ fleet, signal }, draw) {
    const victim = draw.pick(fleet.steady);
    if (victim === undefined || fleet.serving.length <= FEWEST) return null;
    const gone = victim.drain(DRAIN_PER_SECOND, DRAIN_TIMEOUT_MS, signal).then(() => victim.stop());
    return { target: victim.name, end: () => gone };
  },
};

export const GATEWAY_FAULTS: readonly Fault<GatewayWorld>[] = [
  killGateway,
  pauseGateway,
  drainGateway,
  terminateGateway,
  scaleUp,
  scaleDown,
];

import type { BalancingAlgorithm } from '../../api/spec.ts';
import type { Random } from '../../simulate/random.ts';
import type { SimulatedGateway } from './gateway.ts';

/** Places new connections on gateways as a balancer does, many at a time. */
export class Balance {
  readonly #random: Random;
  #turn = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Places up to `count`; answers how many found room. */
  place(count: number, gateways: readonly SimulatedGateway[], algorithm: BalancingAlgorithm, maxSkew: number): number {
    if (count <= 0 || gateways.length === 0) return 0;
    switch (algorithm) {
      case 'LeastConnections':
        return fillUp(count, gateways);
      case 'RoundRobin':
        return this.#inTurn(count, gateways);
      case 'Hash':
        return this.#anywhere(count, gateways, maxSkew);
    }
  }

  #inTurn(count: number, gateways: readonly SimulatedGateway[]): number {
    let left = count;
    let open = gateways.filter((gateway) => gateway.room > 0);
    while (left > 0 && open.length > 0) {
      const each = Math.floor(left / open.length);
      const extra = left % open.length;
      const start = this.#turn++ % open.length;
      for (let i = 0; i < open.length; i++) {
        const gateway = open[(start + i) % open.length];
        if (gateway === undefined) continue;
        const share = Math.min(gateway.room, each + (i < extra ? 1 : 0));
        gateway.take(share);
        left -= share;
      }
      open = open.filter((gateway) => gateway.room > 0);
    }
    return count - left;
  }

  /** A key's gateway is as good as random, and the next one when that one is full or too far above the mean. */
  #anywhere(count: number, gateways: readonly SimulatedGateway[], maxSkew: number): number {
    let total = 0;
    for (const { held } of gateways) total += held;
    for (let placed = 0; placed < count; placed++) {
      const bound = Math.ceil(((total + placed + 1) / gateways.length) * (1 + maxSkew));
      const start = Math.floor(this.#random.next() * gateways.length);
      const gateway =
        from(start, gateways, (other) => other.room > 0 && other.held < bound) ?? from(start, gateways, (other) => other.room > 0);
      if (gateway === undefined) return placed;
      gateway.take(1);
    }
    return count;
  }
}

function from(
  start: number,
  gateways: readonly SimulatedGateway[],
  fits: (gateway: SimulatedGateway) => boolean,
): SimulatedGateway | undefined {
  for (let i = 0; i < gateways.length; i++) {
    const gateway = gateways[(start + i) % gateways.length];
    if (gateway !== undefined && fits(gateway)) return gateway;
  }
  return undefined;
}

/** Least connections first, which for many at once is water that finds its level. */
function fillUp(count: number, gateways: readonly SimulatedGateway[]): number {
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  let room = 0;
  for (const gateway of gateways) {
    const { room: its, held } = gateway;
    if (its === 0) continue;
    room += its;
    if (held < low) low = held;
    if (held + its > high) high = held + its;
  }
  if (room <= count) {
    for (const gateway of gateways) gateway.take(gateway.room);
    return room;
  }
  // The highest level that takes no more than there are.
  while (high - low > 1) {
    const level = Math.floor((low + high) / 2);
    let taken = 0;
    for (const gateway of gateways) taken += upTo(level, gateway);
    if (taken <= count) low = level;
    else high = level;
  }
  let left = count;
  for (const gateway of gateways) {
    const share = upTo(low, gateway);
    if (share > 0) gateway.take(share);
    left -= share;
  }
  for (let i = 0; left > 0 && i < gateways.length; i++) {
    const gateway = gateways[i];
    if (gateway === undefined || upTo(low + 1, gateway) === 0) continue;
    gateway.take(1);
    left--;
  }
  return count - left;
}

function upTo(level: number, gateway: SimulatedGateway): number {
  return level <= gateway.held ? 0 : Math.min(level - gateway.held, gateway.room);
}

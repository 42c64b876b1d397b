import type { Random } from '../../simulate/random.ts';
import type { SimulatedGateway } from './gateway.ts';

/** Takes `count` connections (no more than there are) away from gateways, each connection as likely as any other. */
export function leaveFrom(gateways: readonly SimulatedGateway[], count: number, random: Random): void {
  let total = 0;
  let most = 0;
  for (const { held } of gateways) {
    total += held;
    if (held > most) most = held;
  }
  let left = Math.min(count, total);
  if (left >= gateways.length) {
    // Each its share, rounded down; what remains is drawn one by one.
    const share = left / total;
    for (const gateway of gateways) {
      const its = Math.floor(gateway.held * share);
      if (its > 0) gateway.lose(its);
      left -= its;
    }
  }
  while (left > 0) {
    const gateway = gateways[Math.floor(random.next() * gateways.length)];
    if (gateway === undefined || random.next() * most >= gateway.held) continue;
    gateway.lose(1);
    left -= 1;
  }
}

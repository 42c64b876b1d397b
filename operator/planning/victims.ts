import type { GatewayView } from '../fleet/fleet.ts';
import { held } from './roles.ts';

/** Who goes next, and why. */
export interface Victim {
  readonly gateway: GatewayView;
  readonly reason: string;
}

/** In the order of their weight: the first that tells two gateways apart decides. Less goes first. */
const POLICIES: readonly { readonly why: string; readonly rank: (gateway: GatewayView, context: Context) => number }[] = [
  { why: 'it takes no connection yet', rank: (gateway) => (gateway.phase === 'starting' ? 0 : 1) },
  { why: 'it does not answer', rank: (gateway) => (gateway.phase === 'unreachable' ? 0 : 1) },
  { why: 'it runs old settings', rank: (gateway, { revision }) => (gateway.revision === revision ? 1 : 0) },
  { why: 'its zone has the most gateways', rank: (gateway, { zones }) => -(zones.get(gateway.zone) ?? 0) },
  { why: 'it has the fewest connections', rank: (gateway) => held(gateway) },
  { why: 'it is the youngest', rank: (gateway) => -gateway.ordinal },
];

interface Context {
  readonly revision: string;
  readonly zones: ReadonlyMap<string | null, number>;
}

/** Orders gateways by who should go first when there are too many. */
export function chooseVictims(candidates: readonly GatewayView[], count: number, revision: string): Victim[] {
  const left = new Set(candidates);
  const victims: Victim[] = [];
  while (victims.length < count && left.size > 0) {
    const context = { revision, zones: zonesOf(left) };
    let best: GatewayView | undefined;
    let why = '';
    for (const gateway of left) {
      if (best === undefined) best = gateway;
      else {
        const policy = POLICIES.find(({ rank }) => rank(gateway, context) !== rank(best as GatewayView, context));
        if (policy === undefined) continue;
        if (policy.rank(gateway, context) < policy.rank(best, context)) best = gateway;
        why = policy.why;
      }
    }
    if (best === undefined) break;
    left.delete(best);
    victims.push({ gateway: best, reason: why === '' ? 'it is the only one' : why });
  }
  return victims;
}

function zonesOf(gateways: Iterable<GatewayView>): Map<string | null, number> {
  const zones = new Map<string | null, number>();
  for (const { zone } of gateways) zones.set(zone, (zones.get(zone) ?? 0) + 1);
  return zones;
}

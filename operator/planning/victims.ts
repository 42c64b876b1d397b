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

/** The `count` gateways that should go first when there are too many, each with what sets it apart from the next. */
export function chooseVictims(candidates: readonly GatewayView[], count: number, revision: string): Victim[] {
  const left = [...candidates];
  const victims: Victim[] = [];
  while (victims.length < count && left.length > 0) {
    const context = { revision, zones: zonesOf(left) };
    left.sort((a, b) => difference(a, b, context)?.order ?? 0);
    const [gateway, next] = left;
    if (gateway === undefined) break;
    const reason = next === undefined ? 'it is the last one' : (difference(gateway, next, context)?.why ?? 'they are alike');
    victims.push({ gateway, reason });
    left.shift();
  }
  return victims;
}

/** The first policy that tells the two apart, and whether `a` goes before `b` by it (negative). */
function difference(a: GatewayView, b: GatewayView, context: Context): { readonly why: string; readonly order: number } | null {
  for (const { why, rank } of POLICIES) {
    const order = rank(a, context) - rank(b, context);
    if (order !== 0) return { why, order };
  }
  return null;
}

function zonesOf(gateways: Iterable<GatewayView>): Map<string | null, number> {
  const zones = new Map<string | null, number>();
  for (const { zone } of gateways) zones.set(zone, (zones.get(zone) ?? 0) + 1);
  return zones;
}

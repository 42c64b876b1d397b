import type { ChatClusterSpec } from '../api/spec.ts';
import type { ScalingMemory } from '../snapshot.ts';
import type { Demand } from './demand.ts';
import type { Outlook } from './look-ahead.ts';
import { connectionsPerReplica, neededAtTarget, neededFor, spareConnections, toleranceDown, toleranceUp } from './needed.ts';
import type { Wanted } from './wanted.ts';
import { needForZones, type Spread } from './zones.ts';

/** "2000 connections / 400 per gateway", with the standby when there is any. */
export function loadReason(spec: ChatClusterSpec, connections: number): string {
  const spare = Math.ceil(spareConnections(spec, connections));
  const { gateways } = spec.scaling.standby;
  const load = spare > 0 ? `(${connections} connections + ${spare} spare)` : `${connections} connections`;
  const standby = gateways > 0 ? ` + ${gateways} standby` : '';
  return `${load} / ${Math.floor(connectionsPerReplica(spec))} per gateway${standby}`;
}

/** Why the number stays although the load alone would say another one; `null` when it wouldn't. */
export function toleranceReason(spec: ChatClusterSpec, { isTolerated }: Wanted, isMore: boolean): string | null {
  return isTolerated ? `within ${Math.round((isMore ? toleranceUp : toleranceDown)(spec) * 100)} % of the target` : null;
}

/** What is said of gateways that don't answer; `null` when all do. */
export function missingReason(demand: Demand): string | null {
  if (demand.missing === 0) return null;
  return `${demand.missing} of ${demand.asked} gateways give no fresh count: taken as full before a scale-down, at their last count before a scale-up`;
}

/** Why more connections don't make more gateways; `null` when they would not, or do. */
export function noiseReason(spec: ChatClusterSpec, connections: number, steady: number, spread: Spread): string | null {
  if (neededFor(spec, connections, spread) <= neededFor(spec, steady, spread)) return null;
  return `only ${Math.round(steady)} of the connections count for a scale-up, the rest may be noise`;
}

/** What is expected, when it asks for more gateways than what there is; `null` when it doesn't. */
export function outlookReason(spec: ChatClusterSpec, outlook: Outlook | null, connections: number, spread: Spread): string | null {
  if (outlook === null || neededFor(spec, outlook.connections, spread) <= neededFor(spec, connections, spread)) return null;
  const { perSecond, inMs } = outlook;
  return `${Math.round(outlook.connections)} connections expected in ${rounded(inMs / 1_000)} s: ${rounded(perSecond)} more a second`;
}

/** What zones add, or would if they could; `null` when they don't. */
export function zoneReason(spec: ChatClusterSpec, connections: number, spread: Spread): string | null {
  if (!spec.scaling.standby.zoneFailure) return null;
  const { zones } = spread;
  const [largest, second] = zones;
  if (largest === undefined || second === undefined)
    return `gateways are in ${largest === undefined ? 'no known zone' : 'one zone'}: none is left when it goes away`;
  const enough = neededAtTarget(spec, connections);
  const { replicas, isHeldBack } = needForZones(spec, connections, spread, enough);
  const has = `${largest.name} has ${largest.gateways} of ${zones.reduce((sum, { gateways }) => sum + gateways, 0)}`;
  if (isHeldBack)
    return `the others do not suffice when the largest of ${zones.length} zones goes away: ${has}, and the newest found no place where there are fewer`;
  if (replicas <= enough) return null;
  const uneven = largest.gateways > (zones.at(-1)?.gateways ?? 0) + 1 ? `: ${has}` : '';
  return `${replicas} so that the others suffice when the largest of ${zones.length} zones goes away${uneven}`;
}

/** What panic does; `null` without it. */
export function panicReason(panic: ScalingMemory['panic'], connections: number, capacity: number, now: number): string | null {
  if (panic === null) return null;
  const what = `panic: no gateway is removed, scale-ups wait for no window`;
  const left = Math.ceil((panic.until - now) / 1_000);
  return `${what}; ${Math.round(connections)} connections now or soon, the ready gateways hold ${capacity}; over after ${left} s of calm`;
}

/** Why a recommendation waits for its stabilization window; `null` when it doesn't. */
export function windowReason(spec: ChatClusterSpec, wanted: number, replicas: number): string | null {
  if (replicas === wanted) return null;
  const down = replicas > wanted;
  const seconds = (down ? spec.scaling.scaleDown : spec.scaling.scaleUp).stabilizationMs / 1000;
  return down ? `${replicas} were needed within the last ${seconds} s` : `more than ${replicas} must be needed for ${seconds} s first`;
}

/** With one decimal when it is small. */
const rounded = (n: number): number => (n < 10 ? Math.round(n * 10) / 10 : Math.round(n));

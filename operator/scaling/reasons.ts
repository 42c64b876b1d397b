import type { ChatClusterSpec } from '../api/spec.ts';
import type { Demand } from './demand.ts';
import { connectionsPerReplica, neededFor, spareConnections } from './needed.ts';

/** "2000 connections / 400 per gateway", with the standby when there is any. */
export function loadReason(spec: ChatClusterSpec, connections: number): string {
  const spare = Math.ceil(spareConnections(spec, connections));
  const { gateways } = spec.scaling.standby;
  const load = spare > 0 ? `(${connections} connections + ${spare} spare)` : `${connections} connections`;
  const standby = gateways > 0 ? ` + ${gateways} standby` : '';
  return `${load} / ${Math.floor(connectionsPerReplica(spec))} per gateway${standby}`;
}

/** Why the number stays although the load alone would say another one; `null` when it wouldn't. */
export function toleranceReason(spec: ChatClusterSpec, connections: number, wanted: number): string | null {
  if (neededFor(spec, connections) === wanted) return null;
  return `within ${Math.round(spec.scaling.tolerance * 100)} % of the target`;
}

/** What is said of gateways that don't answer; `null` when all do. */
export function missingReason(demand: Demand): string | null {
  if (demand.missing === 0) return null;
  return `${demand.missing} of ${demand.asked} gateways give no fresh count: taken as full before a scale-down, at their last count before a scale-up`;
}

/** Why a recommendation waits for its stabilization window; `null` when it doesn't. */
export function windowReason(spec: ChatClusterSpec, wanted: number, replicas: number): string | null {
  if (replicas === wanted) return null;
  const down = replicas > wanted;
  const seconds = (down ? spec.scaling.scaleDown : spec.scaling.scaleUp).stabilizationMs / 1000;
  return down ? `${replicas} were needed within the last ${seconds} s` : `more than ${replicas} must be needed for ${seconds} s first`;
}

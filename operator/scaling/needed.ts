import type { ChatClusterSpec } from '../api/spec.ts';

/** Sums and quotients of fractions are a hair off: 0.57 × 100 must not make a gateway more of 57 connections. */
const ROUNDING = 1e-9;

/** Connections that one gateway should hold: its capacity × the target utilisation. */
export function connectionsPerReplica(spec: ChatClusterSpec): number {
  return spec.gateway.connectionsPerGateway * spec.scaling.targetUtilization;
}

/** Connections to be kept free for the unexpected, when there are `connections`. */
export function spareConnections(spec: ChatClusterSpec, connections: number): number {
  const spare = spec.scaling.standby.connections;
  return spare.kind === 'count' ? spare.count : spare.fraction * connections;
}

/** Gateways that hold `connections` and the standby at the target utilisation. Knows neither tolerance nor limits. */
export function neededFor(spec: ChatClusterSpec, connections: number): number {
  const load = connections + spareConnections(spec, connections);
  return Math.ceil(load / connectionsPerReplica(spec) - ROUNDING) + spec.scaling.standby.gateways;
}

/** As `neededFor`, but `current` when that is near enough: the load is within the tolerance of the target. */
export function neededWithin(spec: ChatClusterSpec, connections: number, current: number): number {
  const serving = current - spec.scaling.standby.gateways;
  if (serving > 0) {
    const ratio = (connections + spareConnections(spec, connections)) / (serving * connectionsPerReplica(spec));
    if (Math.abs(ratio - 1) <= spec.scaling.tolerance + ROUNDING) return current;
  }
  return neededFor(spec, connections);
}

import type { ChatClusterSpec } from '../api/spec.ts';
import { needForZones, type Spread } from './zones.ts';

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

/** Gateways that hold `connections` and the standby at the target utilisation, whatever their zones are. */
export function neededAtTarget(spec: ChatClusterSpec, connections: number): number {
  const load = connections + spareConnections(spec, connections);
  return Math.ceil(load / connectionsPerReplica(spec) - ROUNDING) + spec.scaling.standby.gateways;
}

/** The same, also without the largest zone if that is wanted. Knows neither tolerance nor limits. */
export function neededFor(spec: ChatClusterSpec, connections: number, spread: Spread): number {
  const atTarget = neededAtTarget(spec, connections);
  return Math.max(atTarget, needForZones(spec, connections, spread, atTarget).replicas);
}

/** As `neededFor`, but `current` when that is near enough: the load is within the tolerance of the target, above it or below it. */
export function neededWithin(spec: ChatClusterSpec, connections: number, current: number, spread: Spread): number {
  const serving = current - spec.scaling.standby.gateways;
  const ratio = (connections + spareConnections(spec, connections)) / (serving * connectionsPerReplica(spec));
  const isNear = serving > 0 && ratio - 1 <= toleranceUp(spec) + ROUNDING && 1 - ratio <= toleranceDown(spec) + ROUNDING;
  if (!isNear) return neededFor(spec, connections, spread);
  return Math.max(current, needForZones(spec, connections, spread, neededAtTarget(spec, connections)).replicas);
}

/** The share by which the load may be above the target before anything is added. */
export const toleranceUp = ({ scaling }: ChatClusterSpec): number => scaling.scaleUp.tolerance ?? scaling.tolerance;

/** The share by which it may be below before anything is removed. */
export const toleranceDown = ({ scaling }: ChatClusterSpec): number => scaling.scaleDown.tolerance ?? scaling.tolerance;

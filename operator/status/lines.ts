import type { Action, GatewayView } from '../fleet/fleet.ts';
import type { Snapshot } from '../snapshot.ts';
import type { ClusterStatus, Decision, DrainLine, GatewayLine } from './status.ts';

/** A gateway's state in one word: what matters most of its phase, its drain and its cordon. */
export function stateOf(gateway: GatewayView): GatewayLine['state'] {
  if (gateway.phase !== 'ready') return gateway.phase;
  if (gateway.drain !== null) return 'draining';
  return gateway.cordoned ? 'cordoned' : 'ready';
}

/** The gateways in the order of their names' numbers. */
export function gatewayLines(snapshot: Snapshot): GatewayLine[] {
  return [...snapshot.gateways]
    .sort((a, b) => a.ordinal - b.ordinal)
    .map((gateway) => ({
      name: gateway.name,
      state: stateOf(gateway),
      connections: gateway.connections,
      migrating: gateway.migrating,
      capacity: gateway.capacity,
      pid: gateway.pid,
      current: gateway.revision === snapshot.revision,
      zone: gateway.zone,
      createdAt: gateway.createdAt,
    }));
}

/** The drains under way, oldest first, each with the reason of the decision that began it. */
export function drainLines(input: {
  readonly snapshot: Snapshot;
  readonly actions: readonly Action[];
  readonly decisions: readonly Decision[];
  readonly previous: ClusterStatus | null;
}): DrainLine[] {
  const lines: DrainLine[] = [];
  for (const gateway of input.snapshot.gateways) {
    const { drain } = gateway;
    if (drain === null || gateway.phase === 'dead') continue;
    const remaining = gateway.connections ?? drain.initial;
    lines.push({
      gateway: gateway.name,
      reason: drainReason(gateway.name, input),
      initial: drain.initial,
      remaining,
      ratePerSecond: drain.ratePerSecond,
      startedAt: drain.startedAt,
      deadlineAt: drain.deadlineAt,
      etaMs: etaOf(remaining, drain.ratePerSecond),
    });
  }
  return lines.sort((a, b) => a.startedAt - b.startedAt);
}

/** How long `remaining` connections take at the rate, ms; `null` while it is paused. */
function etaOf(remaining: number, ratePerSecond: number): number | null {
  if (remaining === 0) return 0;
  return ratePerSecond > 0 ? Math.round((remaining / ratePerSecond) * 1000) : null;
}

function drainReason(gateway: string, input: Parameters<typeof drainLines>[0]): string {
  const action = input.actions.find((a) => a.kind === 'drain' && a.gateway === gateway);
  if (action !== undefined) return action.reason;
  const decision = input.decisions.find((d) => d.kind === 'drain' && d.gateway === gateway);
  return decision?.reasons[0] ?? input.previous?.drains.find((d) => d.gateway === gateway)?.reason ?? 'it drains itself';
}

import type { GatewayView } from '../fleet/fleet.ts';
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
      reason: drainReason(gateway, input),
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

/** That of the decision that began it: later ones pause it, or change its rate. */
function drainReason({ name, drain }: GatewayView, { decisions, previous }: Parameters<typeof drainLines>[0]): string {
  const startedAt = drain?.startedAt ?? 0;
  const known = previous?.drains.find((line) => line.gateway === name && line.startedAt === startedAt);
  if (known !== undefined && known.reason !== UNKNOWN) return known.reason;
  const begun = decisions.findLast(({ kind, gateway, at }) => kind === 'drain' && gateway === name && at > startedAt - BEFOREHAND_MS);
  return begun?.reasons[0] ?? UNKNOWN;
}

/** A gateway that nobody here told to drain was told to stop by somebody else. */
const UNKNOWN = 'it drains itself';
/** A drain is decided at most so long before its gateway says that it began, ms. */
const BEFOREHAND_MS = 10_000;

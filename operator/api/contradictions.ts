import { formatDuration } from './duration.ts';
import type { ChatClusterSpec } from './spec.ts';

/** A rule between fields that are right by themselves. */
interface Rule {
  /** Paths below `spec`; the first is the one that the error is shown at. The rule is left out when one of them is wrong by itself. */
  readonly fields: readonly [string, ...string[]];
  /** What is wrong and what to do; `null` when nothing is. */
  check(spec: ChatClusterSpec): string | null;
}

const RULES: readonly Rule[] = [
  {
    fields: ['scaling.minReplicas', 'scaling.maxReplicas'],
    check: ({ scaling: { minReplicas: min, maxReplicas: max } }) =>
      min <= max ? null : `${min} is above spec.scaling.maxReplicas ${max}; lower it to ${max} or raise maxReplicas to ${min}`,
  },
  {
    fields: ['scaling.targetUtilization', 'gateway.connectionsPerGateway'],
    check: ({ scaling, gateway }) => {
      const perGateway = scaling.targetUtilization * gateway.connectionsPerGateway;
      if (perGateway >= 1) return null;
      const least = Math.ceil(100 / gateway.connectionsPerGateway);
      return `${percent(scaling.targetUtilization)} of spec.gateway.connectionsPerGateway ${gateway.connectionsPerGateway} is less than one connection; raise it to at least ${least}`;
    },
  },
  {
    fields: ['scaling.targetUtilization', 'scaling.tolerance'],
    check: ({ scaling: { targetUtilization: target, tolerance } }) => {
      const fullest = target * (1 + tolerance);
      if (fullest <= 1 + 1e-9) return null;
      return `${percent(target)} with spec.scaling.tolerance ${percent(tolerance)} lets gateways fill to ${(fullest * 100).toFixed(1)} %, so connections are refused before any is added; lower it to at most ${Math.floor(100 / (1 + tolerance) + 1e-9)} or lower tolerance to at most ${Math.floor((1 / target - 1) * 100 + 1e-9)}`;
    },
  },
  {
    fields: ['scaling.standby.gateways', 'scaling.maxReplicas'],
    check: ({ scaling: { standby, maxReplicas } }) =>
      standby.gateways < maxReplicas
        ? null
        : `${standby.gateways} leave none of spec.scaling.maxReplicas ${maxReplicas} for the load; lower it to at most ${maxReplicas - 1} or raise maxReplicas to at least ${standby.gateways + 1}`,
  },
  {
    fields: [
      'scaling.standby.connections',
      'scaling.standby.gateways',
      'scaling.maxReplicas',
      'scaling.targetUtilization',
      'gateway.connectionsPerGateway',
    ],
    check: ({ scaling, gateway }) => {
      const { standby, maxReplicas } = scaling;
      const perGateway = scaling.targetUtilization * gateway.connectionsPerGateway;
      if (standby.connections.kind !== 'count' || standby.gateways >= maxReplicas || perGateway < 1) return null;
      const { count } = standby.connections;
      const room = Math.floor((maxReplicas - standby.gateways) * perGateway + 1e-9);
      if (count < room) return null;
      const needed = Math.floor(count / perGateway + 1e-9) + 1 + standby.gateways;
      return `${count} spare connections leave no room for any other in spec.scaling.maxReplicas ${maxReplicas}; lower it below ${room} or raise maxReplicas to at least ${needed}`;
    },
  },
  {
    fields: ['drain.timeout', 'drain.maxConnectionsPerSecond', 'gateway.connectionsPerGateway'],
    check: ({ drain, gateway }) => {
      const needed = (gateway.connectionsPerGateway / drain.maxConnectionsPerSecond) * 1_000;
      if (needed <= drain.timeoutMs) return null;
      const rate = Math.ceil((gateway.connectionsPerGateway / drain.timeoutMs) * 1_000);
      return `"${formatDuration(drain.timeoutMs)}" is too short to drain a full gateway: spec.gateway.connectionsPerGateway ${gateway.connectionsPerGateway} at spec.drain.maxConnectionsPerSecond ${drain.maxConnectionsPerSecond} takes ${roundedUp(needed)}; raise it to at least "${roundedUp(needed)}" or raise maxConnectionsPerSecond to at least ${rate}`;
    },
  },
  {
    fields: ['drain.timeout', 'gateway.acceptRatePerSecond', 'gateway.connectionsPerGateway'],
    check: ({ drain, gateway }) => {
      const needed = (gateway.connectionsPerGateway / gateway.acceptRatePerSecond) * 1_000;
      if (needed <= drain.timeoutMs) return null;
      const rate = Math.ceil((gateway.connectionsPerGateway / drain.timeoutMs) * 1_000);
      return `"${formatDuration(drain.timeoutMs)}" is too short to drain a full gateway into one other: it admits spec.gateway.acceptRatePerSecond ${gateway.acceptRatePerSecond}, so ${gateway.connectionsPerGateway} connections take ${roundedUp(needed)}; raise it to at least "${roundedUp(needed)}" or raise acceptRatePerSecond to at least ${rate}`;
    },
  },
  {
    fields: ['gateway.queueBytes', 'gateway.messageBytes'],
    check: ({ gateway: { queueBytes, messageBytes } }) =>
      queueBytes >= 2 * messageBytes
        ? null
        : `${queueBytes} can't hold two messages of spec.gateway.messageBytes ${messageBytes}, so a healthy reader is closed as too slow; raise it to at least ${2 * messageBytes} or lower messageBytes to at most ${Math.floor(queueBytes / 2)}`,
  },
  {
    fields: ['broker.durability', 'broker.url'],
    check: ({ broker: { durability, url } }) =>
      durability === 'acknowledged' || url !== null
        ? null
        : `"${durability}" needs a Redis, and spec.broker.url names none; write it there, or leave the file and run \`up\` with --redis URL --durability ${durability}`,
  },
];

/** What contradicts itself in a spec, leaving out the rules that touch `wrong` paths (below `spec`, or groups of such). */
export function contradictions(spec: ChatClusterSpec, wrong: readonly string[]): { readonly path: string; readonly message: string }[] {
  const found: { path: string; message: string }[] = [];
  for (const rule of RULES) {
    if (rule.fields.some((field) => wrong.some((path) => path === '' || field === path || field.startsWith(`${path}.`)))) continue;
    const message = rule.check(spec);
    if (message !== null) found.push({ path: `spec.${rule.fields[0]}`, message });
  }
  return found;
}

function percent(fraction: number): string {
  return `${Math.round(fraction * 100)} %`;
}

function roundedUp(ms: number): string {
  return formatDuration(Math.ceil(ms / 1_000) * 1_000);
}

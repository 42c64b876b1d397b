import type { Breakage } from './break/breaks.ts';
import { format, formatViolation } from './checker/format.ts';
import { KINDS } from './checker/verdict.ts';
import type { PlannedFault } from './nemesis/plan.ts';
import type { Plan } from './plan-run.ts';
import type { RunResult } from './run.ts';

/** A plan for people: its faults, and what the load amounts to. */
export function planText({ load, faults }: Plan): string {
  const kinds = new Map<string, number>();
  for (const { deed } of load.deeds) kinds.set(deed.kind, (kinds.get(deed.kind) ?? 0) + 1);
  const deeds = [...kinds].map(([kind, count]) => `${count} ${kind}`).join(', ');
  const people = `${load.persons.length} clients in ${load.channels.length} channels: ${deeds} (fingerprint ${load.fingerprint})`;
  return `${[...faults.map((fault) => faultLine(fault.at, fault, '')), people].join('\n')}\n`;
}

/** A fault at its time, ms since the run began; `target`: to what it happens, null when there was nothing. */
export function faultLine(at: number, { name, lastsMs }: PlannedFault, target: string | null): string {
  const lasts = lastsMs > 0 ? ` for ${(lastsMs / 1000).toFixed(1)} s` : '';
  const whom = target === null ? ': nothing to do it to' : target === '' ? '' : `: ${target}`;
  return `${(at / 1000).toFixed(1).padStart(7)} s  ${name}${whom}${target === null ? '' : lasts}`;
}

/** What a run has shown, for people. */
export function resultText({ verdict, figures, faults, gatewaysStarted, crashes, settledMs, unquiet, folder }: RunResult): string {
  const rows: (readonly [number | string, string])[] = [
    ...[...faults].sort(([a], [b]) => a.localeCompare(b)).map(([name, count]) => [count, name] as const),
    [gatewaysStarted, 'gateways started'],
    [figures.reconnects, 'reconnects'],
    [figures.migrations, 'migrations'],
    [figures.restarts, 'applications started anew from their positions'],
    [figures.degraded, 'times a client was told that Redis is away'],
    ...[...figures.failures].map(([reason, count]) => [count, `publishes that ended as ${reason}`] as const),
    [figures.retries, 'of them tried again by the application'],
    [figures.refusals.length, 'subscriptions refused for a moment'],
    [`${(figures.longestSilence.ms / 1000).toFixed(1)} s`, `longest silence (${figures.longestSilence.client || 'nobody'})`],
    [
      `${(settledMs / 1000).toFixed(1)} s`,
      unquiet === null ? 'from healing until all was quiet' : `after healing it was still not quiet: ${unquiet}`,
    ],
  ];
  const width = Math.max(...rows.map(([count]) => String(count).length));
  const lines = rows.map(([count, text]) => `  ${String(count).padStart(width)}  ${text}`);
  const crashed = crashes.map(({ gateway, output }) => `${gateway} ended by itself:\n${output}\n`);
  const kept = folder === null ? [] : [`The gateways' logs are in ${folder}.`];
  return [...lines, '', format(verdict), ...crashed, ...kept].join('\n');
}

/** What a run has shown in which a guarantee was broken on purpose: all that was found, and the smallest counterexample of what had to be. */
export function brokenText({ verdict }: RunResult, { kind }: Breakage): string {
  const expected = verdict.violations.filter((violation) => violation.kind === kind);
  const [smallest] = expected.sort((a, b) => a.events.length - b.events.length);
  const found = Object.entries(verdict.found).map(([name, count]) => `${count} ${name}`);
  if (smallest === undefined) return `Not found: no violation ${KINDS[kind].promise} ${kind}. ${found.join(', ')}`;
  return [`Found: ${found.join(', ')}. The smallest counterexample to ${KINDS[kind].promise}:`, '', formatViolation(smallest)].join('\n');
}

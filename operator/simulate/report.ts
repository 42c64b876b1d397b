import { grouped, span } from '../status/text.ts';
import type { Figures } from './meter.ts';
import { plot } from './plot.ts';
import type { Profile } from './profiles.ts';

/** A simulation that is over. */
export interface Simulated {
  readonly cluster: string;
  readonly profile: Profile;
  readonly clients: number;
  readonly durationMs: number;
  readonly seed: number;
  readonly figures: Figures;
}

const PLOT_ROWS = 12;

/** The result for people: a plot and the figures, each with what it means. */
export function reportText(result: Simulated): string {
  const { figures, profile } = result;
  const saved = figures.fixedGatewayHours > 0 ? 1 - figures.gatewayHours / figures.fixedGatewayHours : 0;
  const wait = figures.timeToCapacityMs;
  const rows: [string, string][] = [
    ['gateway-hours', `${hours(figures.gatewayHours)}, ${percent(saved)} less than ${grouped(figures.peakGateways)} gateways all the time`],
    ['connections', `${grouped(figures.peakConnections)} at most`],
    ['utilisation', `${percent(figures.meanUtilization)} on average, ${percent(figures.peakUtilization)} at most`],
    ['refused', `${grouped(figures.refusedConnections)} connections, which tried again`],
    ['offline', `${percent(figures.offline)} of the time that clients wanted to be online`],
    ['moved', `${grouped(figures.movedConnections)} connections, ${grouped(figures.peakMovedPerSecond)} a second at most`],
    ['closed by force', `${grouped(figures.forcedConnections)} connections, because their drain took too long`],
    ['time to capacity', wait === null ? 'never waited for' : `${span(wait.mean)} on average, ${span(wait.max)} at most`],
    ['changes', `${grouped(figures.changes)}, of which ${grouped(figures.flaps)} took back the one before within 10 minutes`],
    ['crashes', `${grouped(figures.crashes)}`],
  ];
  const title = `${result.cluster}: ${grouped(result.clients)} clients for ${span(result.durationMs)}, ${profile.name} (${profile.description})`;
  return [
    title,
    '',
    plot(figures.samples, PLOT_ROWS),
    '        connections █, capacity ─',
    '',
    ...rows.map(([name, text]) => `${name.padEnd(18)}${text}`),
  ].join('\n');
}

/** The result for programs: figures rounded, times in ms, shares as fractions. */
export function reportJson(result: Simulated): string {
  const { profile, figures, ...rest } = result;
  return JSON.stringify(
    { ...rest, profile: profile.name, ...figures },
    (_key, value) => (typeof value === 'number' ? rounded(value) : value),
    2,
  );
}

function rounded(n: number): number {
  return Number(n.toPrecision(10));
}

function hours(n: number): string {
  return n >= 100 ? grouped(n) : n.toFixed(1);
}

function percent(fraction: number): string {
  const value = fraction * 100;
  return `${value !== 0 && Math.abs(value) < 10 ? value.toPrecision(2) : Math.round(value)} %`;
}

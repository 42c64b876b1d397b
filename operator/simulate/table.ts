import { grouped, span } from '../status/text.ts';
import type { Delay } from './delays.ts';
import type { Figures } from './meter.ts';

/** A figure of a simulation, as people read it. */
export interface FigureRow {
  readonly name: string;
  readonly text: (figures: Figures) => string;
  /** What it counts, in a sentence without its end. */
  readonly meaning: string;
}

/** The figures in the order in which they are shown. */
export const FIGURES: readonly FigureRow[] = [
  {
    name: 'gateway-hours',
    text: ({ gatewayHours }) => hours(gatewayHours),
    meaning: 'hours that gateways ran, in any state: what is paid for',
  },
  {
    name: 'gateways at most',
    text: ({ peakGateways }) => grouped(peakGateways),
    meaning: 'gateways that ran at the same time, those that were going included',
  },
  {
    name: 'utilisation, mean',
    text: ({ meanUtilization }) => percent(meanUtilization),
    meaning: 'connections of the gateways that take new ones, as a share of what these can hold',
  },
  { name: 'utilisation, peak', text: ({ peakUtilization }) => percent(peakUtilization), meaning: 'the highest' },
  {
    name: 'refused',
    text: ({ refusedConnections }) => grouped(refusedConnections),
    meaning: 'connections for which there was no room; each try counts',
  },
  {
    name: 'moved',
    text: ({ movedConnections }) => grouped(movedConnections),
    meaning: 'connections whose client was asked to move: it opens the new one before it closes the old',
  },
  {
    name: 'moved a second',
    text: ({ peakMovedPerSecond }) => grouped(peakMovedPerSecond),
    meaning: 'the most of these in a second',
  },
  {
    name: 'dropped',
    text: ({ droppedConnections }) => grouped(droppedConnections),
    meaning: 'connections that ended with a gateway that was killed; those of crashes aside',
  },
  {
    name: 'closed by force',
    text: ({ forcedConnections }) => grouped(forcedConnections),
    meaning: 'connections whose drain took too long',
  },
  { name: 'offline', text: ({ offline }) => percent(offline), meaning: 'of the time that clients wanted to be online' },
  {
    name: 'time to decision',
    text: ({ timeToDecisionMs }) => longest(timeToDecisionMs),
    meaning: 'from the first second of a spike until more gateways are desired, at most',
  },
  {
    name: 'time to capacity',
    text: ({ timeToCapacityMs }) => longest(timeToCapacityMs),
    meaning: 'how long the clients were more than the ready gateways hold at 1.1 times the target, at most at a stretch',
  },
  { name: 'changes', text: ({ changes }) => grouped(changes), meaning: 'of the desired number' },
  { name: 'flaps', text: ({ flaps }) => grouped(flaps), meaning: 'changes that took back the one before within 10 minutes' },
  { name: 'crashes', text: ({ crashes }) => grouped(crashes), meaning: 'gateways that died by themselves' },
];

function longest(delay: Delay | null): string {
  return delay === null ? '-' : span(delay.max);
}

function hours(n: number): string {
  return n >= 100 ? grouped(n) : n.toFixed(1);
}

function percent(fraction: number): string {
  const value = fraction * 100;
  return `${value !== 0 && Math.abs(value) < 10 ? value.toPrecision(2) : Math.round(value)} %`;
}

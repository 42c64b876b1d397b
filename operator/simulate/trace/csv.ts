import { STAY_MS } from '../crowd.ts';
import { linesOf, refuse } from './lines.ts';
import type { Point } from './trace.ts';

type Column = 'connections' | 'arrivals';

const HEADER = 'seconds,connections (or seconds,arrivals)';

/**
 * Reads CSV. `seconds,connections`: so many clients want to be online then. `seconds,arrivals`: so many come in each second until the next line; they stay
 * half an hour on average, and before the first line as many came as then. Lines that begin with # are left out.
 */
export function csvTrace(text: string, name: string): readonly Point[] {
  const [head, ...lines] = linesOf(text).filter((line) => !line.text.startsWith('#'));
  if (head === undefined) throw new Error(`${name} is empty: begin with a line ${HEADER}, then one line for each instant`);
  const column = columnOf(head.text);
  if (column === null) throw new Error(`${name}:${head.number}: "${head.text}" is no header: the first line must be ${HEADER}`);
  const faults: string[] = [];
  const rows: { readonly at: number; readonly value: number }[] = [];
  for (const line of lines) {
    const bad = (what: string) => faults.push(`${name}:${line.number}: ${what}`);
    const cells = line.text.split(',').map((cell) => cell.trim());
    const [seconds, value] = cells.map(numberOf);
    const before = rows.at(-1);
    if (cells.length !== 2 || seconds === undefined || value === undefined)
      bad(`"${line.text}" has ${cells.length} columns; give two, seconds and ${column}`);
    else if (seconds === null || seconds < 0) bad(`"${cells[0]}" is no number of seconds; give one from 0 up, such as 60 or 0.5`);
    else if (value === null || value < 0) bad(`"${cells[1]}" is no number of ${column}; give one from 0 up`);
    else if (before !== undefined && seconds * 1_000 <= before.at)
      bad(`${cells[0]} s is not after the line before (${before.at / 1_000} s); sort the lines by their seconds`);
    else rows.push({ at: seconds * 1_000, value });
  }
  refuse(faults);
  const [first] = rows;
  if (first === undefined || rows.length < 2)
    throw new Error(`${name}: a trace needs at least two lines under its header, the first and the last instant`);
  const fromStart = rows.map(({ at, value }) => ({ at: at - first.at, value }));
  return column === 'arrivals' ? arriving(fromStart) : fromStart.map(({ at, value }) => ({ at, connections: value }));
}

function columnOf(header: string): Column | null {
  const [seconds, column, ...more] = header.split(',').map((cell) => cell.trim().toLowerCase());
  if (seconds !== 'seconds' || more.length > 0) return null;
  return column === 'connections' || column === 'arrivals' ? column : null;
}

/** Null for what is no number. */
function numberOf(text: string): number | null {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : null;
}

/** A bend in the curve is drawn by lines of at most this length, ms. */
const BEND_MS = 60_000;

/** Clients that come at a rate and stay on average STAY_MS, without a memory: n(t) approaches rate × stay, by a factor of e in each stay. */
function arriving(rows: readonly { readonly at: number; readonly value: number }[]): readonly Point[] {
  const restOf = (ms: number) => Math.exp(-ms / STAY_MS);
  let connections = ((rows[0]?.value ?? 0) * STAY_MS) / 1_000;
  const points: Point[] = [{ at: 0, connections }];
  for (let i = 0; i + 1 < rows.length; i++) {
    const [from, to] = [rows[i], rows[i + 1]];
    if (from === undefined || to === undefined) break;
    const goal = (from.value * STAY_MS) / 1_000;
    const pieces = Math.ceil((to.at - from.at) / BEND_MS);
    const pieceMs = (to.at - from.at) / pieces;
    for (let piece = 1; piece <= pieces; piece++) {
      connections = goal + (connections - goal) * restOf(pieceMs);
      points.push({ at: from.at + piece * pieceMs, connections });
    }
  }
  return points;
}

import type { ClusterStatus } from '../../operator/status/status.ts';

/** What the charts show of one status. */
export interface Sample {
  /** Wall clock, s since 1970. */
  readonly at: number;
  readonly connections: number;
  readonly capacity: number;
  readonly desired: number | null;
  /** Gateways that serve clients. */
  readonly actual: number;
  readonly moved: number;
  /** ms */
  readonly latency: number | null;
}

/** Columns as uPlot wants them: the times, then the values of each line. */
export interface Columns {
  readonly times: number[];
  readonly lines: (number | null)[][];
}

/** What the charts keep, in seconds. */
const WINDOW = 600;
/** After so many seconds without a status a line is broken rather than drawn across. */
const HOLE = 5;

/** Gateways that serve clients: not those that start, and not those that are gone. */
export function actualGateways(status: ClusterStatus): number {
  return status.gateways.filter(({ state }) => state === 'ready' || state === 'cordoned' || state === 'draining').length;
}

export function sampleOf(status: ClusterStatus): Sample {
  return {
    at: status.at / 1000,
    connections: status.connections,
    capacity: status.capacity,
    desired: status.desired,
    actual: actualGateways(status),
    moved: status.movedPerSecond,
    latency: status.deliveryLatencyMs,
  };
}

/** The samples of the last minutes, in the order of their times, each once. */
export class Series {
  readonly #samples: Sample[] = [];

  add(sample: Sample): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && sample.at <= last.at) return;
    this.#samples.push(sample);
    const old = this.#samples.findIndex(({ at }) => at > sample.at - WINDOW);
    if (old > 0) this.#samples.splice(0, old);
  }

  /** The columns of these values; where no status came for a while, an empty row breaks the lines. */
  columns(values: readonly (keyof Sample)[]): Columns {
    const columns: Columns = { times: [], lines: values.map(() => []) };
    const push = (time: number, row: (value: keyof Sample) => number | null) => {
      columns.times.push(time);
      for (const [i, value] of values.entries()) columns.lines[i]?.push(row(value));
    };
    let before = Number.POSITIVE_INFINITY;
    for (const sample of this.#samples) {
      if (sample.at - before > HOLE) push(before + 1, () => null);
      push(sample.at, (value) => sample[value]);
      before = sample.at;
    }
    return columns;
  }
}

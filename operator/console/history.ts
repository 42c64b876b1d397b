import type { ClusterStatus } from '../status/status.ts';

/** Statuses that are kept: a quarter of an hour at one a second. */
const KEPT = 900;

/** The statuses of the last minutes, oldest first, for charts: without drains, decisions and conditions. */
export class StatusHistory {
  readonly #statuses: ClusterStatus[] = [];

  /** A status that was added already is not added again. */
  add(status: ClusterStatus): void {
    if (status.at === this.#statuses.at(-1)?.at) return;
    this.#statuses.push({ ...status, drains: [], decisions: [], conditions: [] });
    if (this.#statuses.length > KEPT) this.#statuses.shift();
  }

  all(): readonly ClusterStatus[] {
    return this.#statuses;
  }
}

import type { DrainProgress, ShedProgress } from '../../protocol/admin.ts';
import type { Connection } from '../connection/connection.ts';
import type { ConnectionTable } from '../connection/table.ts';
import { Candidates } from './candidates.ts';
import { type Clock, systemClock } from './clock.ts';
import { portion, RATE_SHARE, SLOT_MS } from './pacing.ts';

/** How long a client that was asked to move may take, ms. Then it is closed with 1012. */
export const MOVE_MS = 10_000;

/** After a drain's deadline all that is left is closed within this time, ms. */
export const FORCE_MS = 10_000;

/** The share of FORCE_MS in which the last portion shall be reached, so that late timers leave nothing over. */
const FORCE_SHARE = 0.9;

type Task =
  | { readonly kind: 'idle' }
  | { readonly kind: 'shedding'; remaining: number }
  | { readonly kind: 'draining'; readonly initial: number; readonly startedAt: number; readonly deadlineAt: number }
  | { readonly kind: 'forcing'; readonly initial: number; readonly startedAt: number; readonly forceRate: number; readonly endsAt: number };

/**
 * Moves connections away, a small portion in each slot, and never more in a second than the rate allows. Its tasks:
 * - idle: nothing is to be moved; no timer runs. → shedding by `shed`, → draining by `drain`.
 * - shedding: asks so many clients to move as remain to be asked, then waits for those that were asked. → idle, when they are gone.
 * - draining: asks all, also those that come meanwhile, however long it takes. → forcing, when its deadline is over.
 * - forcing: asks nobody any more, but closes all with 1012, as evenly as FORCE_MS allows; what is left or comes after that is closed at once.
 * `undo` leads from each to idle; clients that were asked may go or stay then. `drain` ends a shed; a shed in a drain has nothing to add.
 *
 * A client that was asked and has not gone after MOVE_MS (it doesn't know `migrate`, or can't) is closed with 1012. That takes its place in a
 * portion, before anybody else is asked: it comes back elsewhere as well, so it counts. With a rate of 0 nothing moves, only the deadline comes nearer.
 */
export class Mover {
  /** Connections that were asked to move. */
  migratedTotal = 0;
  /** Connections closed because their time to move was over. */
  forcedTotal = 0;
  readonly #clock: Clock;
  readonly #table: ConnectionTable;
  readonly #candidates: Candidates;
  /** Until when each may take, in the order in which they were asked: so the first is overdue first. */
  readonly #asked = new Map<Connection, number>();
  /** Those that were closed here stay in the table until their client has answered. */
  readonly #closed = new WeakSet<Connection>();
  #task: Task = { kind: 'idle' };
  #ratePerSecond = 0;
  #credit = 0;
  #lastSlotAt = 0;
  #cancel: (() => void) | null = null;

  constructor(table: ConnectionTable, clock: Clock = systemClock) {
    this.#clock = clock;
    this.#table = table;
    this.#candidates = new Candidates(table);
    table.onRemoved((connection) => this.#asked.delete(connection));
  }

  get isDraining(): boolean {
    return this.#task.kind === 'draining' || this.#task.kind === 'forcing';
  }

  get drainProgress(): DrainProgress | null {
    const task = this.#task;
    if (task.kind !== 'draining' && task.kind !== 'forcing') return null;
    const now = this.#clock.now();
    return {
      ratePerSecond: this.#ratePerSecond,
      initial: task.initial,
      elapsedMs: Math.round(now - task.startedAt),
      remainingMs: task.kind === 'draining' ? Math.max(0, Math.ceil(task.deadlineAt - now)) : 0,
    };
  }

  get shedProgress(): ShedProgress | null {
    if (this.#task.kind !== 'shedding' || this.#task.remaining === 0) return null;
    return { ratePerSecond: this.#ratePerSecond, remaining: this.#task.remaining };
  }

  /** Starts to move all, or changes the rate of the drain that goes on: its deadline stays. */
  drain(ratePerSecond: number, timeoutMs: number): void {
    this.#ratePerSecond = ratePerSecond;
    if (this.isDraining) return;
    const now = this.#clock.now();
    this.#begin({ kind: 'draining', initial: this.#table.size, startedAt: now, deadlineAt: now + timeoutMs });
  }

  /** Sets how many are still to be asked; 0 asks nobody more. Does nothing in a drain. */
  shed(count: number, ratePerSecond: number): void {
    if (this.isDraining) return;
    this.#ratePerSecond = ratePerSecond;
    if (count > 0 || this.#task.kind === 'shedding') this.#begin({ kind: 'shedding', remaining: count });
  }

  /** Ends a drain and a shed. */
  undo(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#asked.clear();
    this.#task = { kind: 'idle' };
  }

  #begin(task: Task): void {
    this.#task = task;
    this.#candidates.restart();
    if (this.#cancel !== null) return;
    // The fraction from earlier stays, or else one who begins again and again would move more.
    this.#lastSlotAt = this.#clock.now();
    this.#arm();
  }

  #arm(): void {
    this.#cancel = this.#clock.after(SLOT_MS, () => this.#slot());
  }

  #slot(): void {
    const now = this.#clock.now();
    if (this.#task.kind === 'draining' && now >= this.#task.deadlineAt) this.#force(this.#task, now);
    const task = this.#task;
    const rate = task.kind === 'forcing' ? task.forceRate : this.#ratePerSecond;
    const { count, credit, spreadMs } = portion(this.#credit, rate, now - this.#lastSlotAt);
    this.#credit = credit;
    this.#lastSlotAt = now;
    if (task.kind === 'forcing') this.#closeAny(now >= task.endsAt ? Number.POSITIVE_INFINITY : count, now);
    else this.#ask(count - this.#closeOverdue(count, now), spreadMs, now);
    if (task.kind === 'shedding' && task.remaining === 0 && this.#asked.size === 0) this.undo();
    else this.#arm();
  }

  #force({ initial, startedAt }: Extract<Task, { kind: 'draining' }>, now: number): void {
    const seconds = (FORCE_MS * FORCE_SHARE * RATE_SHARE) / 1000;
    const forceRate = Math.max(this.#ratePerSecond, this.#table.size / seconds);
    this.#task = { kind: 'forcing', initial, startedAt, forceRate, endsAt: now + FORCE_MS };
    this.#asked.clear();
    this.#candidates.restart();
  }

  #closeAny(max: number, now: number): void {
    for (let left = max; left > 0; left--) {
      const connection = this.#candidates.next(now, (candidate) => !this.#closed.has(candidate));
      if (connection === null) return;
      this.#close(connection);
    }
  }

  /** Returns how many it closed. */
  #closeOverdue(max: number, now: number): number {
    let count = 0;
    for (const [connection, until] of this.#asked) {
      if (count >= max || until > now) break;
      this.#asked.delete(connection);
      this.#close(connection);
      count++;
    }
    return count;
  }

  #close(connection: Connection): void {
    this.#closed.add(connection);
    this.forcedTotal++;
    connection.close('serviceRestart');
  }

  #ask(max: number, spreadMs: number, now: number): void {
    const task = this.#task;
    const isShed = task.kind === 'shedding';
    const until = Math.min(now + MOVE_MS, task.kind === 'draining' ? task.deadlineAt : Number.POSITIVE_INFINITY);
    let left = isShed ? Math.min(max, task.remaining) : max;
    while (left > 0) {
      const connection = this.#candidates.next(now, (candidate) => this.#isToMove(candidate, isShed));
      if (connection === null) {
        // A whole pass found nobody more: those that come later are not meant by this shed.
        if (isShed) task.remaining = 0;
        return;
      }
      this.#asked.set(connection, until);
      // Whoever was asked before (by an undone drain, or because the gateway was cordoned) only has to go in time.
      if (connection.migrating) continue;
      left--;
      if (isShed) task.remaining--;
      this.migratedTotal++;
      connection.migrate({
        type: 'migrate',
        delayMs: spreadMs,
        deadlineMs: Math.ceil(Math.max(until - now, spreadMs)),
        reason: isShed ? 'shed' : 'drain',
      });
    }
  }

  #isToMove(connection: Connection, isShed: boolean): boolean {
    if (connection.migrating && isShed) return false;
    return !this.#asked.has(connection) && !this.#closed.has(connection);
  }
}

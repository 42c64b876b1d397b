import type { Connection } from '../../gateway/connection/connection.ts';
import type { ConnectionTable } from '../../gateway/connection/table.ts';
import type { Migrate } from '../../protocol/messages.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What a client does when it is asked to move. */
export type Habit = 'goes' | 'stays';

/** A connection whose client goes (after a part of its delay) when it is asked, or stays until it is closed. It knows when its client arrived elsewhere. */
export class MovableConnection implements Connection {
  readonly id: number;
  readonly transport = 'websocket';
  migrating = false;
  asked: Migrate | null = null;
  askedAt: number | null = null;
  closedWith: string | null = null;
  arrivedElsewhereAt: number | null = null;
  readonly #table: ConnectionTable;
  readonly #clock: VirtualClock;
  readonly #habit: Habit;
  readonly #eagerness: number;

  /** `eagerness`: the part of its delay that it waits. */
  constructor(id: number, table: ConnectionTable, clock: VirtualClock, habit: Habit = 'goes', eagerness = 0.5) {
    this.id = id;
    this.#table = table;
    this.#clock = clock;
    this.#habit = habit;
    this.#eagerness = eagerness;
    table.add(this);
  }

  migrate(message: Migrate): void {
    if (this.asked !== null) throw new Error('asked twice');
    this.migrating = true;
    this.asked = message;
    this.askedAt = this.#clock.now();
    if (this.#habit === 'stays') return;
    const delayMs = message.delayMs * this.#eagerness;
    this.arrivedElsewhereAt = this.#clock.now() + delayMs;
    this.#clock.after(delayMs, () => this.#go());
  }

  degraded(): void {}

  close(code: string): void {
    if (this.closedWith !== null) throw new Error('closed twice');
    this.migrating = true;
    this.closedWith = code;
    this.#go();
  }

  #go(): void {
    this.arrivedElsewhereAt ??= this.#clock.now();
    this.#table.remove(this);
  }
}

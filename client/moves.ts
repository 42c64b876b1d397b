import type { Migrate, MigrateReason } from '../protocol/messages.ts';
import { afterLoss, type Backoff, jittered, type LinkEnd } from './backoff.ts';
import type { Environment } from './environment.ts';
import type { Transport } from './link.ts';

/** Until long polling is first left for WebSocket again, ms; it doubles with each try that fails. */
const UPGRADE_MS = 30_000;
const LONGEST_UPGRADE_MS = 600_000;
/** Moves that follow each other faster than this are slowed by the back-off, ms: gateways that pass a client on and on. */
const CALM_MS = 10_000;

/** A move under way. */
export interface Move {
  readonly reason: MigrateReason | 'upgrade';
  readonly startedAt: number;
  /** The old connection ends by itself then; monotonic, ms. */
  readonly deadlineAt: number;
}

/**
 * Make before break: when to open a connection beside the current one. Another `migrate` changes nothing while a move is under way.
 *
 * none: no move is wanted.
 * delayed: a random wait, of the gateway's asking or after a try that failed. → opening
 * opening: the next connection is being opened. → none, when it takes over (`done`). → delayed, when it fails and the deadline allows
 *   another try. → none, when it does not, or the failure says that it is of no use: the old connection then serves as long as it is let.
 */
export class Moves {
  readonly #env: Environment;
  readonly #backoff: Backoff;
  readonly #open: (transport: Transport) => void;
  #move: Move | null = null;
  #opening = false;
  #attempt = 0;
  #timer: unknown = null;
  #upgradeTimer: unknown = null;
  #upgradeMs = UPGRADE_MS;
  #lastAt = Number.NEGATIVE_INFINITY;
  #inARow = 0;

  /** `open`: opens the next connection. */
  constructor(env: Environment, backoff: Backoff, open: (transport: Transport) => void) {
    this.#env = env;
    this.#backoff = backoff;
    this.#open = open;
  }

  /** The current connection, a WebSocket, was asked to move. */
  migrate({ delayMs, deadlineMs, reason }: Migrate): void {
    const now = this.#env.now();
    const going = this.#move;
    if (going !== null && going.reason !== 'upgrade') return;
    this.#move = { reason, startedAt: now, deadlineAt: now + deadlineMs };
    if (this.#opening) return;
    this.#inARow = now - this.#lastAt < CALM_MS ? this.#inARow + 1 : 0;
    const calm = this.#inARow < 2 ? 0 : jittered(this.#backoff, this.#inARow - 2, this.#env.random());
    this.#attempt = 0;
    this.#later(Math.max(this.#env.random() * delayMs, calm));
  }

  /** Long polling stands in for a WebSocket (or does so no more): tries that again, now and then. */
  watch(fallenBack: boolean): void {
    this.#env.clearTimeout(this.#upgradeTimer);
    if (!fallenBack) return;
    const ms = this.#upgradeMs * (0.5 + this.#env.random() / 2);
    this.#upgradeTimer = this.#env.setTimeout(() => this.#upgrade(), ms);
  }

  /** The next connection ended before it took over. */
  failed(end: LinkEnd): void {
    this.#opening = false;
    const move = this.#move;
    if (move === null) return;
    if (move.reason === 'upgrade') {
      this.#move = null;
      this.#upgradeMs = Math.min(LONGEST_UPGRADE_MS, this.#upgradeMs * 2);
      this.watch(true);
      return;
    }
    const decision = afterLoss({ end, attempt: this.#attempt++, spreadMs: null, triedMs: 0 }, this.#backoff, this.#env.random());
    if (decision.kind === 'give-up' || this.#env.now() + decision.delayMs >= move.deadlineAt) this.#move = null;
    else this.#later(decision.delayMs);
  }

  /** The next connection has taken over; returns the move that this ends. */
  done(): Move | null {
    const move = this.#move;
    this.cancel();
    this.#lastAt = this.#env.now();
    if (move?.reason === 'upgrade') this.#upgradeMs = UPGRADE_MS;
    return move;
  }

  cancel(): void {
    this.#env.clearTimeout(this.#timer);
    this.#env.clearTimeout(this.#upgradeTimer);
    this.#move = null;
    this.#opening = false;
  }

  #upgrade(): void {
    if (this.#move !== null) return;
    const now = this.#env.now();
    this.#move = { reason: 'upgrade', startedAt: now, deadlineAt: Number.POSITIVE_INFINITY };
    this.#go();
  }

  #later(ms: number): void {
    this.#env.clearTimeout(this.#timer);
    this.#timer = this.#env.setTimeout(() => this.#go(), ms);
  }

  #go(): void {
    this.#opening = true;
    this.#open('websocket');
  }
}

import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import type { ParentToChild } from '../../../protocol/child.ts';

/** A socket on its way to a gateway; `stopReading` ended the reading from it. */
export interface Passenger {
  readonly socket: Socket;
  /** What was read from it already. */
  readonly head: Buffer;
  /** What `Hash` hashes: the session, or else the client's address. */
  readonly key: string;
}

/**
 * Hands sockets to one child, one after the other: Node sends the next handle only when the child confirmed the one before, and would
 * keep those that wait open for ever if the child died. So they wait here, where they can be taken back.
 */
export class Handover {
  readonly #child: ChildProcess;
  readonly #waiting: Passenger[] = [];
  #sending: Passenger | null = null;
  #sent = 0;
  #ended = false;

  constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** How many were sent since the child started, or wait to be. */
  get handed(): number {
    return this.#sent + this.#waiting.length + (this.#sending === null ? 0 : 1);
  }

  hand(passenger: Passenger): void {
    this.#waiting.push(passenger);
    if (this.#sending === null) this.#next();
  }

  /** Those that were not sent yet, for another gateway. */
  takeBack(): Passenger[] {
    return this.#waiting.splice(0);
  }

  /** The child is gone: closes the socket that was on its way, and answers those that were not. */
  end(): Passenger[] {
    this.#ended = true;
    this.#sending?.socket.destroy();
    this.#sending = null;
    return this.takeBack();
  }

  #next(): void {
    let passenger = this.#waiting.shift();
    while (passenger?.socket.destroyed === true) passenger = this.#waiting.shift();
    if (passenger === undefined) return;
    const { socket } = passenger;
    this.#sending = passenger;
    const message: ParentToChild = { kind: 'connection', head: passenger.head.toString('base64') };
    this.#child.send(message, socket, (error) => {
      if (this.#ended) return;
      this.#sending = null;
      if (error === null) this.#sent++;
      else socket.destroy();
      this.#next();
    });
  }
}

import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import type { ParentToChild } from '../../../protocol/child.ts';
import { type NativeHandle, nativeHandle } from './native-handle.ts';

/** A paused socket on its way to a gateway. */
export interface Passenger {
  readonly socket: Socket;
  /** What was read from it already. */
  readonly head: Buffer;
  /** What `Hash` hashes: the session, or else the client's address. */
  readonly key: string;
}

/**
 * Hands sockets to one child, one after the other. Node sends the next handle only when the child confirmed the one before, and when the
 * child dies it keeps all that were not confirmed open for ever. So sockets wait here, where they can be taken back, and the last handle
 * sent is remembered, to be closed.
 */
export class Handover {
  readonly #child: ChildProcess;
  readonly #waiting: Passenger[] = [];
  #sending: Passenger | null = null;
  /** The child may not have confirmed it. */
  #lastSent: NativeHandle | null = null;
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
    nativeHandle(passenger.socket)?.readStop();
    this.#waiting.push(passenger);
    if (this.#sending === null) this.#next();
  }

  /** Those that were not sent yet, for another gateway. */
  takeBack(): Passenger[] {
    return this.#waiting.splice(0);
  }

  /** The child is gone: closes what was on its way to it, and answers those that were not. */
  end(): Passenger[] {
    this.#ended = true;
    this.#lastSent?.close();
    this.#sending?.socket.destroy();
    this.#sending = null;
    return this.takeBack();
  }

  #next(): void {
    let passenger = this.#waiting.shift();
    while (passenger?.socket.destroyed === true) passenger = this.#waiting.shift();
    if (passenger === undefined) return;
    const { socket } = passenger;
    const handle = nativeHandle(socket);
    this.#sending = passenger;
    const message: ParentToChild = { kind: 'connection', head: passenger.head.toString('base64') };
    this.#child.send(message, socket, (error) => {
      if (this.#ended) return;
      this.#sending = null;
      if (error === null) {
        this.#sent++;
        this.#lastSent = handle;
      } else {
        socket.destroy();
      }
      this.#next();
    });
  }
}

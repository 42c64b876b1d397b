import type { Socket } from 'node:net';
import type { ChildToParent, ParentToChild } from '../protocol/child.ts';

/** The variable by which the local fleet's parent tells a process that it is a child, and which value it has. */
const CHILD_VARIABLE = 'CHATCLUSTER_CHILD';
const CHILD_VALUE = '1';

/** What of a process the link uses. */
export interface ChildProcessLike {
  readonly env: Readonly<Record<string, string | undefined>>;
  send?: ((message: ChildToParent) => boolean) | undefined;
  on(event: 'message', listener: (message: unknown, handle: unknown) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
}

/** A gateway's link to the parent that hands it sockets. */
export interface ParentLink {
  /** The gateway can take connections; from now on they come to `adopt`, until the parent calls for `stop`. */
  ready(adminPort: number, adopt: (socket: Socket, head: Buffer) => void, stop: () => void): void;
  cordoned(cordoned: boolean): void;
}

/** The link to the parent; null when the process is no child of the local fleet. Calls `orphaned` when the parent is gone. */
export function linkToParent(process: ChildProcessLike, orphaned: () => void): ParentLink | null {
  if (process.send === undefined || process.env[CHILD_VARIABLE] !== CHILD_VALUE) return null;
  const send = process.send.bind(process);
  process.on('disconnect', orphaned);
  const closed = batched((count) => send({ kind: 'closed', count }));
  return {
    ready(adminPort, adopt, stop) {
      process.on('message', (received, handle) => {
        const message = received as ParentToChild;
        if (message.kind === 'stop') {
          stop();
          return;
        }
        if (message.kind !== 'connection') return;
        const socket = handle as Socket | undefined;
        // Closed on its way: the parent has counted it.
        if (socket === undefined || socket === null) {
          closed();
          return;
        }
        socket.once('close', closed);
        adopt(socket, Buffer.from(message.head, 'base64'));
      });
      send({ kind: 'ready', adminPort });
    },
    cordoned: (cordoned) => void send({ kind: 'cordoned', cordoned }),
  };
}

/** Calls `flush` with how often it was called, once a turn of the event loop. */
function batched(flush: (count: number) => void): () => void {
  let count = 0;
  return () => {
    if (count++ > 0) return;
    setImmediate(() => {
      const counted = count;
      count = 0;
      flush(counted);
    });
  };
}

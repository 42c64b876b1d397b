import type { Socket } from 'node:net';

/** What lies below a socket; Node has no public name for it. */
export interface NativeHandle {
  /** Ends reading. A pause alone lets the handle read on into the stream's buffer, and what is there when the handle goes to another process is lost. */
  readStop(): void;
  /** Closes it for this process; again, it does nothing. */
  close(): void;
}

/** `null` when the socket is closed or was sent away. */
export function nativeHandle(socket: Socket): NativeHandle | null {
  return (socket as unknown as { readonly _handle: NativeHandle | null })._handle;
}

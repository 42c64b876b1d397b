/**
 * Between the local fleet's parent, which listens on the public port, and a gateway that is its child process
 * (Node's IPC channel). The parent hands each accepted socket over with a `connection` message.
 */
export type ParentToChild =
  /** Comes with the socket's handle. `head`: the bytes that the parent has already read from it, base64. */
  | { readonly kind: 'connection'; readonly head: string }
  /** Close what is left (1001) and end. SIGTERM, which others may send as well, drains first. */
  | { readonly kind: 'stop' };

export type ChildToParent =
  /** The gateway can take connections; its admin API listens on this loopback port. */
  | { readonly kind: 'ready'; readonly adminPort: number }
  /** This many handed-over sockets have closed since the last such message. */
  | { readonly kind: 'closed'; readonly count: number }
  /** The gateway cordoned itself (SIGTERM) or was uncordoned: hand it no more sockets, or some again. */
  | { readonly kind: 'cordoned'; readonly cordoned: boolean };

/** What decides whether a request may change something. */
export interface Caller {
  /** The peer's address. */
  readonly address: string | undefined;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly contentType: string | undefined;
}

/**
 * Why this caller may not change anything; `null` when it may. Whoever sits at this machine may: the peer is local. That alone
 * lets any page that is open in a browser here speak for its user, so a page must be our own:
 * - the Host is local, for a foreign name may be made to point here (DNS rebinding);
 * - an Origin, which browsers always send with a POST, is the one that this console has;
 * - the content is JSON, which no form of another page can send.
 */
export function reasonToRefuse({ address, host, origin, contentType }: Caller): string | null {
  if (!isLoopbackAddress(address)) return 'Only this machine may change the cluster.';
  if (host === undefined || !isLoopbackHost(host))
    return `The host "${host ?? ''}" is not local: use http://127.0.0.1 or http://localhost.`;
  if (origin !== undefined && origin !== `http://${host}`) return `A page of "${origin}" may not change the cluster.`;
  if (!/^application\/json *(;|$)/i.test(contentType ?? '')) return 'Send Content-Type: application/json.';
  return null;
}

function isLoopbackAddress(address: string | undefined): boolean {
  return address !== undefined && /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(address);
}

function isLoopbackHost(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i.test(host);
}

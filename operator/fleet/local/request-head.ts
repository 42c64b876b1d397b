/** A request's head may have this many bytes: as many as Node's own server takes. */
export const MAX_HEAD_BYTES = 16_384;

/** What the first bytes of a connection say of its first request. */
export type Head =
  /** The head is not complete yet. */
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'request'; readonly path: string; readonly session: string | null }
  /** No HTTP/1 request, or its head is too long. */
  | { readonly kind: 'invalid' };

const END_OF_HEAD = '\r\n\r\n';
/** The target is a path, or behind a forward proxy a whole URL. */
const REQUEST_LINE = /^[A-Z]+ (?:https?:\/\/[^/?\s]*)?([^?\s]*)(?:\?(\S*))? HTTP\/1\.[01]\r\n/;

/**
 * Reads the path, and `session` of the query, of the request that these bytes begin with. The whole head is waited for, so that
 * whoever sends it slowly is dealt with before a gateway has to do with it. `checked`: so many bytes were looked at before.
 */
export function readHead(bytes: Buffer, checked = 0): Head {
  const end = bytes.indexOf(END_OF_HEAD, Math.max(0, checked - END_OF_HEAD.length + 1), 'latin1');
  if (end < 0) return { kind: bytes.length < MAX_HEAD_BYTES ? 'incomplete' : 'invalid' };
  if (end + END_OF_HEAD.length > MAX_HEAD_BYTES) return { kind: 'invalid' };
  const match = REQUEST_LINE.exec(bytes.toString('latin1', 0, end + END_OF_HEAD.length));
  if (match === null) return { kind: 'invalid' };
  const [, path = '', query = ''] = match;
  return { kind: 'request', path, session: new URLSearchParams(query).get('session') };
}

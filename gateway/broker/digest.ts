import { hash } from 'node:crypto';

/** The digest of a channel's position 0, before its first message. */
export const FIRST_DIGEST = '';

/** digest(n) from digest(n−1) and the id of message n: the first 12 hex digits of SHA-1, which a Redis script can compute as well. */
export function nextDigest(previous: string, id: string): string {
  return hash('sha1', previous + id).slice(0, 12);
}

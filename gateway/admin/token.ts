import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether an `Authorization` header carries the token; how long that takes tells nothing of it. An empty token lets nobody in. */
export function carriesToken(header: string | undefined, token: string): boolean {
  if (token === '' || header === undefined) return false;
  const [scheme = '', given = ''] = header.split(' ', 2);
  return timingSafeEqual(digest(given), digest(token)) && scheme.toLowerCase() === 'bearer';
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

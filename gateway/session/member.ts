import { hash } from 'node:crypto';

/** How others see a session: it tells sessions apart, and does not give the session's secret away. */
export function memberOf(session: string): string {
  return hash('sha256', session).slice(0, 16);
}

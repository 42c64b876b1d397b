import type { Books, Participant } from './books.ts';
import { at } from './evidence.ts';
import type { Report } from './verdict.ts';

/** Nothing comes of a channel before a client has subscribed to it, nor after it left (D1). */
export function checkStrays({ channel }: Books, { client, strays }: Participant, report: Report): void {
  for (const stray of strays) {
    const what = stray.kind === 'gap' ? `A gap from ${at(stray.from)} to ${at(stray.to)}` : `${stray.id} at ${at(stray.position)}`;
    report('not-subscribed', client, `${what} came while the client was not subscribed to ${channel}.`, [stray]);
  }
}

import { ChatError } from './errors.ts';

/** The longest name of a channel or an event, and the longest id of a message, in UTF-16 code units. */
export const MAX_NAME = 128;

/** Throws a ChatError when a gateway would not take it. `what` names it for people. */
export function checkName(what: string, name: string): void {
  if (typeof name === 'string' && name !== '' && name.length <= MAX_NAME) return;
  const shown = String(name).slice(0, 40);
  throw new ChatError('bad-data', `The ${what} ${JSON.stringify(shown)} has ${name?.length ?? 0} characters: give 1 to ${MAX_NAME}.`);
}

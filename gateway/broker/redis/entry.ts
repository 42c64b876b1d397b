import type { Member } from '../../../protocol/messages.ts';
import { asEpoch, asOffset, type Position } from '../../../protocol/position.ts';
import type { EphemeralEvent, NewMessage, StoredMessage } from '../broker.ts';

/** Makes any text one of ASCII without spaces; what is no well-formed Unicode is mended. */
export const encodeText = (text: string): string => (/^[\w.~-]*$/.test(text) ? text : encodeURIComponent(text.toWellFormed()));

/** What a message is to the script besides its id. */
export function restOf({ member, name, data }: NewMessage): string {
  return `${JSON.stringify(name === undefined ? [member] : [member, name])}\n${data}`;
}

/** A message as the script stored it at `offset`: digest (12), time (13), id, a space, and the rest. */
export function decodeMessage(epoch: string, offset: number, text: string): StoredMessage {
  const space = text.indexOf(' ', 25);
  const line = text.indexOf('\n', space);
  const [member, name] = JSON.parse(text.slice(space + 1, line)) as [string, string?];
  const id = text.slice(25, space);
  const message = {
    id: id.includes('%') ? decodeURIComponent(id) : id,
    member,
    data: text.slice(line + 1),
    position: positionOf(epoch, offset, text.slice(0, 12)),
    time: Number(text.slice(12, 25)),
  };
  return name === undefined ? message : { ...message, name };
}

/** A position as a script replies it. */
export const positionOf = (epoch: string, offset: number, digest: string): Position => ({
  epoch: asEpoch(epoch),
  offset: asOffset(offset),
  digest,
});

/** What comes on a channel's pub/sub. */
export type Notification =
  | { readonly kind: 'message'; readonly message: StoredMessage }
  | { readonly kind: 'event'; readonly event: EphemeralEvent }
  /** `ttlMs`: who joined expires then, unless it is prolonged. */
  | { readonly kind: 'join'; readonly member: Member; readonly version: string; readonly ttlMs: number }
  | { readonly kind: 'leave'; readonly member: Member; readonly version: string };

/** An event as it is sent. */
export const encodeEvent = (event: EphemeralEvent): string => `e${JSON.stringify(event)}`;

/** Reads a notification: its first character tells the kind. Null when it is none of ours: others may publish there too. */
export function decodeNotification(text: string): Notification | null {
  try {
    return readNotification(text);
  } catch {
    return null;
  }
}

function readNotification(text: string): Notification | null {
  switch (text[0]) {
    case 'm': {
      const [epoch, offset, at] = twoWords(text);
      return { kind: 'message', message: decodeMessage(epoch, Number(offset), text.slice(at)) };
    }
    case 'e':
      return { kind: 'event', event: JSON.parse(text.slice(1)) as EphemeralEvent };
    case 'j': {
      const [ttl, version, at] = twoWords(text);
      return { kind: 'join', member: JSON.parse(text.slice(at)) as Member, version, ttlMs: Number(ttl) };
    }
    case 'l': {
      const space = text.indexOf(' ');
      return { kind: 'leave', member: JSON.parse(text.slice(space + 1)) as Member, version: text.slice(1, space) };
    }
    default:
      return null;
  }
}

/** The two words after the first character, and where the rest begins. */
function twoWords(text: string): [string, string, number] {
  const first = text.indexOf(' ');
  const second = text.indexOf(' ', first + 1);
  return [text.slice(1, first), text.slice(first + 1, second), second + 1];
}

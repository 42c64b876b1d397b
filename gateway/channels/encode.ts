import type { Member } from '../../protocol/messages.ts';
import type { Position } from '../../protocol/position.ts';
import type { EphemeralEvent, StoredMessage } from '../broker/broker.ts';

/** JSON of a message as every subscriber gets it. `data` is taken over as it is, never parsed. */
export function messageText(channel: string, message: StoredMessage): string {
  const { position, id, member, name, time, data } = message;
  const named = name === undefined ? '' : `,"name":${JSON.stringify(name)}`;
  return `{"type":"message","channel":${JSON.stringify(channel)},"position":${positionText(position)},"id":${JSON.stringify(id)},"member":${JSON.stringify(member)}${named},"time":${time},"data":${data}}`;
}

/** JSON of an ephemeral event. */
export function eventText(channel: string, { name, member, data }: EphemeralEvent): string {
  const rest = data === undefined ? '' : `,"data":${data}`;
  return `{"type":"event","channel":${JSON.stringify(channel)},"name":${JSON.stringify(name)},"member":${JSON.stringify(member)}${rest}}`;
}

/** JSON of a join or a leave. */
export function presenceChangeText(channel: string, kind: 'join' | 'leave', { member, name }: Member, version: string): string {
  return JSON.stringify({ type: kind, channel, version, member, ...(name === undefined ? null : { name }) });
}

/** JSON of a gap. */
export function gapText(channel: string, from: Position, to: Position): string {
  return `{"type":"gap","channel":${JSON.stringify(channel)},"from":${positionText(from)},"to":${positionText(to)}}`;
}

function positionText({ epoch, offset, digest }: Position): string {
  return `{"epoch":${JSON.stringify(epoch)},"offset":${offset},"digest":${JSON.stringify(digest)}}`;
}

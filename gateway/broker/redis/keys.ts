import calculateSlot from 'cluster-key-slot';

/** A channel's keys: all lie in one slot. Listeners listen to `channel`. */
export interface Keys {
  readonly channel: string;
  readonly presence: string;
}

/** The keys of a channel. What stands between the braces decides the slot, so a closing brace of the name is escaped. */
export function keysOf(prefix: string, channel: string): Keys {
  const name = /[%}]/.test(channel) ? channel.replace(/[%}]/g, (char) => (char === '%' ? '%25' : '%7D')) : channel;
  const key = `${prefix}{${name}}`;
  return { channel: key, presence: `${key}:presence` };
}

/** The slot of a Cluster that a key lies in. */
export const slotOf = (key: string): number => calculateSlot(key);

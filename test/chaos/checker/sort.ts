import type { ClientEvent, Fault, History, LogEvent } from './log.ts';

/** What a log holds of one channel: its clients' events, each client's in its order, and the final history. */
export interface ChannelLog {
  readonly events: readonly ClientEvent[];
  readonly history: History;
}

/** A log by channels. */
export interface SortedLog {
  readonly channels: ReadonlyMap<string, ChannelLog>;
  readonly faults: readonly Fault[];
  readonly clients: number;
}

/** Sorts a log by channels; a client's end goes to all that it took part in. Throws when a channel has no final history, or two. */
export function sortByChannel(log: Iterable<LogEvent>): SortedLog {
  const events = new Map<string, ClientEvent[]>();
  const histories = new Map<string, History>();
  const channelsOf = new Map<string, Set<string>>();
  const faults: Fault[] = [];
  for (const event of log) {
    if (event.kind === 'fault') faults.push(event);
    else if (event.kind === 'history') {
      if (histories.has(event.channel))
        throw new Error(`The log has two final histories of the channel ${event.channel}: write its last one only.`);
      histories.set(event.channel, event);
    } else if (event.kind === 'stopped') for (const channel of channelsOf.get(event.client) ?? []) events.get(channel)?.push(event);
    else {
      const own = events.get(event.channel) ?? [];
      if (own.push(event) === 1) events.set(event.channel, own);
      const channels = channelsOf.get(event.client) ?? new Set();
      channelsOf.set(event.client, channels.add(event.channel));
    }
  }
  const channels = new Map<string, ChannelLog>();
  for (const channel of new Set([...events.keys(), ...histories.keys()])) {
    const history = histories.get(channel);
    if (history === undefined) {
      throw new Error(
        `The log has no final history of the channel ${channel}: read it from the broker when all is quiet, and write a "history" event.`,
      );
    }
    channels.set(channel, { events: events.get(channel) ?? [], history });
  }
  return { channels, faults, clients: channelsOf.size };
}

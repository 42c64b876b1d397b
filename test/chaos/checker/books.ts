import { drawLines, type Lines } from './lines.ts';
import type { Acknowledged, ClientEvent, Delivered, Failed, Gap, History, Publish, Stopped, Subscribed, Unsubscribed } from './log.ts';
import { type Message, type Place, Places } from './places.ts';

/** One subscription of one client: from where it started to where it left, and what came between. */
export interface Stream {
  readonly start: Subscribed;
  readonly steps: (Delivered | Gap)[];
  /** Null when the client was still subscribed at the end. */
  end: Unsubscribed | Stopped | null;
}

/** One client's part in a channel. */
export interface Participant {
  readonly client: string;
  /** What it published and how that ended, in its order. */
  readonly said: (Publish | Acknowledged | Failed)[];
  /** Its subscriptions, one after the other. */
  readonly streams: Stream[];
  /** What it was given while it was not subscribed. */
  readonly strays: (Delivered | Gap)[];
  /** The messages that it was delivered, each with the first time. */
  readonly had: Map<Message, Delivered>;
}

/** A message that was seen where another had been seen before. */
export interface Conflict {
  readonly place: Place;
  readonly message: Message;
  /** Who saw it; null: the final history. */
  readonly by: Delivered | null;
}

/** All that a log says about one channel, sorted for the checks. */
export interface Books {
  readonly channel: string;
  readonly history: History;
  readonly places: Places;
  readonly lines: Lines;
  readonly messages: ReadonlyMap<string, Message>;
  readonly participants: readonly Participant[];
  readonly conflicts: readonly Conflict[];
}

/** Sorts the events of one channel, `stopped` of its clients included, each client's in its order. */
export function openBooks(channel: string, events: readonly ClientEvent[], history: History): Books {
  const places = new Places();
  const messages = new Map<string, Message>();
  const participants = new Map<string, Participant>();
  const conflicts: Conflict[] = [];
  const acknowledgements: Acknowledged[] = [];

  const message = (id: string): Message => {
    const known = messages.get(id) ?? { id, publishes: [], acknowledgements: [], failures: [], places: [] };
    messages.set(id, known);
    return known;
  };
  const stands = (found: Message, place: Place, by: Delivered | null): void => {
    if (place.message === null) {
      place.message = found;
      found.places.push(place);
    }
    if (place.message !== found) conflicts.push({ place, message: found, by });
    else place.shown ??= by;
  };

  // What is stored counts for more than what was delivered, and that for more than what was only acknowledged: those may be forged.
  for (const { id, position } of history.messages) {
    const place = places.at(position);
    stands(message(id), place, null);
    place.stored = true;
  }

  for (const event of events) {
    const participant = participants.get(event.client) ?? newcomer(event.client);
    participants.set(event.client, participant);
    enter(participant, event);
    switch (event.kind) {
      case 'publish':
        message(event.id).publishes.push(event);
        break;
      case 'acknowledged':
        message(event.id).acknowledgements.push(event);
        acknowledgements.push(event);
        break;
      case 'failed':
        message(event.id).failures.push(event);
        break;
      case 'delivered': {
        const delivered = message(event.id);
        if (!participant.had.has(delivered)) participant.had.set(delivered, event);
        stands(delivered, places.at(event.position), event);
        break;
      }
      case 'subscribed':
        places.at(event.position);
        break;
      case 'gap':
        places.at(event.from);
        places.at(event.to);
        break;
    }
  }
  for (const event of acknowledgements) {
    const place = places.at(event.position);
    if (place.message !== null) continue;
    place.message = message(event.id);
    place.shown = event;
    place.message.places.push(place);
  }
  return { channel, history, places, lines: drawLines(places, history), messages, participants: [...participants.values()], conflicts };
}

function newcomer(client: string): Participant {
  return { client, said: [], streams: [], strays: [], had: new Map() };
}

function enter({ said, streams, strays }: Participant, event: ClientEvent): void {
  const last = streams.at(-1);
  const open = last?.end === null ? last : null;
  switch (event.kind) {
    case 'publish':
    case 'acknowledged':
    case 'failed':
      said.push(event);
      break;
    case 'subscribed':
      if (open === null) streams.push({ start: event, steps: [], end: null });
      break;
    case 'delivered':
    case 'gap':
      (open?.steps ?? strays).push(event);
      break;
    case 'unsubscribed':
    case 'stopped':
      if (open !== null) open.end = event;
      break;
  }
}

import type { Position } from '../../protocol/position.ts';
import type { Broker, ChannelListener } from './broker.ts';
import type { Reply } from './wire.ts';

/** One that is told what its channels' listeners are to hear, as JSON text. */
export interface Told {
  tell(json: string): void;
}

interface Subscribed {
  readonly links: Set<Told>;
  /** Resolves when the broker delivers live. */
  readonly ready: Promise<Position>;
}

/** Subscribes the broker once to each channel that any link wants, and tells all of them: each notification is encoded once. */
export class ChannelFanout {
  readonly #broker: Broker;
  readonly #channels = new Map<string, Subscribed>();

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  /** Resolves to the channel's head at a moment after `link` has begun to be told. */
  subscribe(channel: string, link: Told): Promise<Position> {
    const subscribed = this.#channels.get(channel);
    if (subscribed !== undefined) {
      subscribed.links.add(link);
      return subscribed.ready.then(() => this.#broker.head(channel));
    }
    const links = new Set([link]);
    const ready = this.#broker.subscribe(channel, listenerFor(channel, links)).catch((error: unknown) => {
      if (this.#channels.get(channel)?.links === links) this.#channels.delete(channel);
      throw error;
    });
    this.#channels.set(channel, { links, ready });
    return ready;
  }

  /** `link` is told nothing more once this returned. */
  async unsubscribe(channel: string, link: Told): Promise<void> {
    const links = this.#channels.get(channel)?.links;
    if (links === undefined || !links.delete(link) || links.size > 0) return;
    this.#channels.delete(channel);
    await this.#broker.unsubscribe(channel);
  }
}

function listenerFor(channel: string, links: Set<Told>): ChannelListener {
  const tell = (reply: Reply): void => {
    const json = JSON.stringify(reply);
    for (const link of links) link.tell(json);
  };
  return {
    message: (message) => tell({ kind: 'message', channel, message }),
    event: (event) => tell({ kind: 'event', channel, event }),
    presence: (change) => tell({ kind: 'change', channel, change }),
  };
}

import type { Connect } from '../protocol/messages.ts';
import type { Connection } from './connection.ts';
import type { Link, LinkListener, Transport } from './link.ts';
import { LongPollLink } from './longpoll-link.ts';
import type { Settings } from './options.ts';
import { WebSocketLink } from './websocket-link.ts';

/** What the gateways' logs and metrics say of who connects. */
const CLIENT = { name: 'chatcluster-js', version: '0.1.0' };

/** Opens links to the gateways. */
export class Dialer {
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  link(transport: Transport, listener: LinkListener): Link {
    const { environment: env, webSocketUrl, pollUrl } = this.#settings;
    if (transport === 'websocket' && env.WebSocket !== null) return new WebSocketLink(env, env.WebSocket, webSocketUrl, listener);
    if (env.fetch !== null) return new LongPollLink(env, env.fetch, pollUrl, listener);
    throw new TypeError(`The transport ${transport} can't be used here.`);
  }

  /** Starts it, once there is a token. Rejects when there is none to be had, or the address may not be opened; does nothing when it is not wanted any more. */
  async start(connection: Connection, wanted: () => boolean): Promise<void> {
    const { token } = this.#settings;
    if (typeof token === 'function') connection.token = await token();
    else connection.token = token;
    if (wanted()) connection.link.start();
  }

  connectText({ cause, token }: Connection): string {
    const { session, name } = this.#settings;
    const message: Connect = {
      type: 'connect',
      session,
      ...(token === undefined ? {} : { token }),
      ...(name === undefined ? {} : { name }),
      client: CLIENT,
      ...(cause === 'new' ? {} : { cause }),
      features: ['migrate'],
    };
    return JSON.stringify(message);
  }
}

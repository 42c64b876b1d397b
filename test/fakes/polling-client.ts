import type { ClientMessage, Message, ServerMessage } from '../../protocol/messages.ts';
import type { Position } from '../../protocol/position.ts';

/** What a poll was answered. */
export interface PollAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly messages: readonly ServerMessage[];
}

/** Sends one request as it stands. */
export async function post(url: string, body: unknown, signal?: AbortSignal): Promise<PollAnswer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(url, { method: 'POST', body: text, ...(signal === undefined ? null : { signal }) });
  return { status: response.status, headers: response.headers, messages: (await response.json()) as ServerMessage[] };
}

/** A long-polling client that keeps its positions and what it was delivered, and polls when it is told to, any gateway. */
export class PollingClient {
  readonly session = crypto.randomUUID();
  readonly positions = new Map<string, Position | undefined>();
  readonly delivered: Message[] = [];

  constructor(...channels: string[]) {
    for (const channel of channels) this.positions.set(channel, undefined);
  }

  /** Says these, without naming channels. */
  say(url: string, ...messages: readonly ClientMessage[]): Promise<PollAnswer> {
    return post(url, { messages: [this.#connect(), ...messages], wait: 0 });
  }

  /** Polls with its positions. `lost`: the answer never reaches it. */
  async poll(
    url: string,
    wait: number,
    options: { signal?: AbortSignal; lost?: boolean; more?: readonly ClientMessage[] } = {},
  ): Promise<PollAnswer> {
    const subscribes = [...this.positions].map(([channel, position]) => ({ type: 'subscribe', channel, ...(position && { position }) }));
    const body = { messages: [this.#connect(), ...subscribes, ...(options.more ?? [])], wait };
    const answer = await post(url, body, options.signal);
    if (options.lost !== true) for (const message of answer.messages) this.#hear(message);
    return answer;
  }

  #connect(): ClientMessage {
    return { type: 'connect', session: this.session, features: ['migrate'] };
  }

  #hear(message: ServerMessage): void {
    if (message.type === 'subscribed' || message.type === 'message') this.positions.set(message.channel, message.position);
    if (message.type === 'gap') this.positions.set(message.channel, message.to);
    if (message.type === 'message') this.delivered.push(message);
  }
}

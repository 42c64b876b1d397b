import type { Batch } from '../../gateway/channels/batch.ts';
import type { Hub } from '../../gateway/channels/hub.ts';
import type { Outlet, Subscriber, Subscription } from '../../gateway/channels/subscription.ts';
import { payloadOf } from '../../gateway/connection/frames.ts';
import type { ServerMessage } from '../../protocol/messages.ts';
import type { Position } from '../../protocol/position.ts';

/** A subscriber of a hub that keeps what it was told and delivered, in order. */
export class RecordingSubscriber implements Outlet, Subscriber {
  congested = false;
  /** What a client would have heard. */
  readonly heard: ServerMessage[] = [];
  /** Each delivery's buffer. */
  readonly buffers: Buffer[] = [];
  readonly asked: Position | null;
  failures = 0;
  isLive = false;
  subscription: Subscription | null = null;

  constructor(asked: Position | null = null) {
    this.asked = asked;
  }

  subscribeTo(hub: Hub, channel: string): this {
    this.subscription = hub.subscribe(channel, this, this, false, this.asked);
    return this;
  }

  leave(hub: Hub): void {
    if (this.subscription !== null) hub.unsubscribe(this.subscription);
    this.subscription = null;
  }

  get ids(): string[] {
    return this.heard.flatMap((message) => (message.type === 'message' ? [message.id] : []));
  }

  get types(): string[] {
    return this.heard.map(({ type }) => type);
  }

  deliver(batch: Batch): void {
    this.buffers.push(batch.bytes);
    for (const frame of batch.frames) this.heard.push(JSON.parse(payloadOf(frame).toString()) as ServerMessage);
  }

  subscribed({ channel }: Subscription, position: Position, recovered: boolean): void {
    this.heard.push({ type: 'subscribed', channel: channel.name, position, recovered });
  }

  gap({ channel }: Subscription, from: Position, to: Position): void {
    this.heard.push({ type: 'gap', channel: channel.name, from, to });
  }

  live(): void {
    this.isLive = true;
  }

  failed(): void {
    this.failures++;
    this.subscription = null;
  }
}

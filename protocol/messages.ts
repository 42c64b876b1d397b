import type { Position } from './position.ts';

/**
 * What a client says. Over WebSocket each text frame is one message; over long polling a request's body is
 * `{"messages": [...]}` whose first message is `connect`. `docs/protocol.md` explains each with examples.
 */
export type ClientMessage = Connect | Subscribe | Unsubscribe | Publish | SendEvent | ReadHistory | ReadPresence | Ping;

/** First message of a connection. `session` is made by the client (≥ 128 random bits), kept secret, and kept across reconnects. */
export interface Connect {
  readonly type: 'connect';
  readonly session: string;
  readonly token?: string;
  /** Shown to others in presence. */
  readonly name?: string;
  /** What the client is, for logs and metrics: `{"name": "chatcluster-js", "version": "0.1.0"}`. */
  readonly client?: { readonly name: string; readonly version: string };
  /** Why the client connects: a metric tells reconnect storms from newcomers. Absent: `new`. */
  readonly cause?: ConnectCause;
  /** What the client can do beyond the least. A client without `migrate` is closed with 1012 instead, at the deadline. */
  readonly features?: readonly 'migrate'[];
}

export type ConnectCause = 'new' | 'reconnect' | 'migrate';

/** Without `position` the stream starts at the channel's head: new messages only. With it, right after that position. */
export interface Subscribe {
  readonly type: 'subscribe';
  readonly channel: string;
  readonly position?: Position;
  /** Take part in the channel's presence: be seen, and see who is there. */
  readonly presence?: boolean;
  /** The presence version that the client knows; the member list is not sent again while it is current. */
  readonly presenceVersion?: string;
}

export interface Unsubscribe {
  readonly type: 'unsubscribe';
  readonly channel: string;
}

/** `id` is the client's own, unique in the channel: sent again after a lost acknowledgement it is stored once. */
export interface Publish {
  readonly type: 'publish';
  readonly channel: string;
  readonly id: string;
  readonly data: unknown;
}

/** An ephemeral event (typing …): to those connected now, not stored, at most once. */
export interface SendEvent {
  readonly type: 'event';
  readonly channel: string;
  readonly name: string;
  readonly data?: unknown;
}

/** Asks for a page of at most `limit` stored messages with offsets below `before` (default: the newest). */
export interface ReadHistory {
  readonly type: 'history';
  /** The request's id, repeated in the answer. */
  readonly id: string;
  readonly channel: string;
  readonly before?: number;
  readonly limit?: number;
}

export interface ReadPresence {
  readonly type: 'presence';
  readonly id: string;
  readonly channel: string;
}

export interface Ping {
  readonly type: 'ping';
}

/** What a gateway says. Over long polling a response's body is a JSON array of these. */
export type ServerMessage =
  | Connected
  | Subscribed
  | Unsubscribed
  | Message
  | Published
  | Event
  | HistoryPage
  | Presence
  | Join
  | Leave
  | Gap
  | Migrate
  | Degraded
  | ErrorMessage
  | Pong;

export interface Connected {
  readonly type: 'connected';
  /** The gateway's name, for people who look for a fault. */
  readonly gateway: string;
  /** How others see this session in presence and as a message's sender; it doesn't give the session away. */
  readonly member: string;
  /** The gateway pings (WebSocket ping frame) this often; a client that hears nothing for twice as long takes the connection for dead. */
  readonly heartbeatMs: number;
  /** After a loss without a word, the first reconnect waits a random time below this, so that a gateway's clients don't come back all at once. */
  readonly reconnectSpreadMs: number;
  readonly limits: {
    /** Bytes of one client message. */
    readonly messageBytes: number;
    readonly channels: number;
    readonly messagesPerSecond: number;
  };
}

/**
 * The stream of the channel's messages starts right after `position`. `recovered`: it goes on exactly from the position
 * that the client gave (true also when it gave none). When false a `gap` follows at once.
 */
export interface Subscribed {
  readonly type: 'subscribed';
  readonly channel: string;
  readonly position: Position;
  readonly recovered: boolean;
}

export interface Unsubscribed {
  readonly type: 'unsubscribed';
  readonly channel: string;
}

/** A stored message. The same bytes go to every subscriber of the channel. */
export interface Message {
  readonly type: 'message';
  readonly channel: string;
  readonly position: Position;
  /** The publisher's id of the message. */
  readonly id: string;
  /** The publisher, as presence names it. */
  readonly member: string;
  readonly name?: string;
  /** Wall clock of the broker when it was stored, ms since 1970. */
  readonly time: number;
  readonly data: unknown;
}

/** The message is stored, at this position; `duplicate` when it already had been. */
export interface Published {
  readonly type: 'published';
  readonly channel: string;
  readonly id: string;
  readonly position: Position;
  readonly duplicate?: true;
}

export interface Event {
  readonly type: 'event';
  readonly channel: string;
  readonly name: string;
  readonly member: string;
  readonly data?: unknown;
}

export interface HistoryPage {
  readonly type: 'history';
  readonly id: string;
  readonly channel: string;
  /** Ascending by offset. */
  readonly messages: readonly Message[];
  /** Older messages are stored. */
  readonly more: boolean;
}

export interface Member {
  readonly member: string;
  readonly name?: string;
}

/** Who is there. With `id` it answers a request; without, it belongs to a subscription with `presence`. */
export interface Presence {
  readonly type: 'presence';
  readonly id?: string;
  readonly channel: string;
  readonly version: string;
  readonly members: readonly Member[];
}

export interface Join extends Member {
  readonly type: 'join';
  readonly channel: string;
  readonly version: string;
}

export interface Leave extends Member {
  readonly type: 'leave';
  readonly channel: string;
  readonly version: string;
}

/** What lies after `from` up to `to` can't be delivered (trimmed, lost, or on a lost fork); the stream goes on after `to`. */
export interface Gap {
  readonly type: 'gap';
  readonly channel: string;
  readonly from: Position;
  readonly to: Position;
}

/** Open another connection after a random wait below `delayMs`, resume there, then close this one; it ends by itself after `deadlineMs`. */
export interface Migrate {
  readonly type: 'migrate';
  readonly delayMs: number;
  readonly deadlineMs: number;
  readonly reason: MigrateReason;
}

export type MigrateReason = 'drain' | 'shed' | 'cordoned';

/**
 * The gateway has not reached what keeps the messages for a while (`active`), or does so again. The connection stays: publishes wait or are
 * refused for now, and what is missed follows when it is over. A new connection is not degraded unless it is told so after `connected`.
 */
export interface Degraded {
  readonly type: 'degraded';
  readonly active: boolean;
}

/** A message was refused. `id` and `channel` name it when it had them. */
export interface ErrorMessage {
  readonly type: 'error';
  readonly code: ErrorCode;
  /** For people: names the field, the value and the remedy. */
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  readonly channel?: string;
  readonly id?: string;
}

export type ErrorCode =
  | 'bad-message'
  | 'not-connected'
  | 'unauthorized'
  | 'too-many-channels'
  | 'rate-limited'
  | 'unavailable'
  | 'internal';

export interface Pong {
  readonly type: 'pong';
}

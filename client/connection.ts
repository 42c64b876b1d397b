import type { ConnectCause, Connected, Migrate, ServerMessage } from '../protocol/messages.ts';
import type { LinkEnd } from './backoff.ts';
import type { Link, LinkListener } from './link.ts';
import type { PresenceMessage } from './presence.ts';
import type { Stream } from './stream.ts';

/**
 * current: says and hears everything.
 * next: it is being opened beside the current one, to take over once every channel's stream is live on it.
 * retiring: another took over; it is closed when its last answers have come, or soon.
 */
export type Role = 'current' | 'next' | 'retiring';

/** Who is told what happens on a connection. */
export interface ConnectionOwner {
  connectText(connection: Connection): string;
  subscribeTexts(connection: Connection): string[];
  opened(connection: Connection): void;
  heard(connection: Connection, message: ServerMessage): void;
  ended(connection: Connection, end: LinkEnd): void;
}

/** One link, and what was asked and answered on it. */
export class Connection implements LinkListener {
  readonly cause: ConnectCause;
  readonly link: Link;
  readonly #owner: ConnectionOwner;
  role: Role;
  token: string | undefined;
  /** It can be sent to. */
  open = false;
  connected: Connected | null = null;
  /** Monotonic, ms. */
  beganAt = 0;
  connectedAt = 0;
  /** Ends the time limit for `connected`. */
  inTime: () => void = () => {};
  /** It is connected, and every channel's stream is live. */
  ready = false;
  readonly streams = new Map<string, Stream>();
  /** Channels whose stream on this connection the application was told of. */
  readonly announced = new Set<string>();
  /** What it said about presence while it was `next`. */
  readonly presenceLog: PresenceMessage[] = [];
  /** Subscribes sent again because a stream didn't follow on our position, since one did. */
  askedAgain = 0;
  /** Its gateway has said that it is degraded, and not that this is over. */
  degraded = false;
  /** It was asked to move while it was not yet current. */
  migrateAsked: Migrate | null = null;

  constructor(role: Role, cause: ConnectCause, owner: ConnectionOwner, link: (listener: LinkListener) => Link) {
    this.role = role;
    this.cause = cause;
    this.#owner = owner;
    this.link = link(this);
  }

  connectText(): string {
    return this.#owner.connectText(this);
  }

  subscribeTexts(): string[] {
    return this.#owner.subscribeTexts(this);
  }

  opened(): void {
    this.open = true;
    this.#owner.opened(this);
  }

  heard(message: ServerMessage): void {
    this.#owner.heard(this, message);
  }

  ended(end: LinkEnd): void {
    this.#owner.ended(this, end);
  }
}

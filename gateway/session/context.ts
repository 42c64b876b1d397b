import type { Connect } from '../../protocol/messages.ts';
import type { Broker } from '../broker/broker.ts';
import type { BrokerWatch } from '../broker-watch.ts';
import type { Hub } from '../channels/hub.ts';
import type { Admission } from '../connection/admission.ts';
import type { Counters } from '../counters.ts';
import type { Latency } from '../latency.ts';
import type { Logger } from '../logger.ts';
import type { PresenceKeeper } from './presence-keeper.ts';

/** The limits of what clients may do. */
export interface DataPlaneSettings {
  /** Bytes of one client message. */
  readonly messageBytes: number;
  /** Of one connection, in the long run. */
  readonly messagesPerSecond: number;
  readonly channelsPerConnection: number;
  /** A connection that has more than this to be written is too slow. */
  readonly queueBytes: number;
  readonly heartbeatMs: number;
  /** The longest that a poll is held. */
  readonly pollTimeoutMs: number;
}

/** Whether a client is who it says. `name`, when given, is shown in place of the one that the client chose. */
export type AuthResult = { readonly kind: 'ok'; readonly name?: string } | { readonly kind: 'refused'; readonly message: string };

/** Checks a client's token. Answers at once when it can: then connecting costs no turn of the event loop. */
export type Authenticate = (token: string | undefined, connect: Connect) => AuthResult | Promise<AuthResult>;

/** What all sessions of a gateway share. */
export interface SessionContext {
  /** The gateway's. */
  readonly name: string;
  readonly hub: Hub;
  readonly broker: Broker;
  readonly watch: Pick<BrokerWatch, 'degraded' | 'awayMs'>;
  readonly presence: PresenceKeeper;
  readonly admission: Pick<Admission, 'reconnectSpreadMs'>;
  readonly settings: DataPlaneSettings;
  readonly authenticate: Authenticate;
  readonly counters: Counters;
  /** From asking the broker to store a message to its answer. */
  readonly publishLatency: Pick<Latency, 'record'>;
  readonly log: Logger;
  /** Monotonic, ms. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
}

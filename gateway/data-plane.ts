import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Broker } from './broker/broker.ts';
import { BrokerWatch } from './broker-watch.ts';
import { Flusher } from './channels/flusher.ts';
import { Hub } from './channels/hub.ts';
import { TailBudget } from './channels/tail.ts';
import type { Admission } from './connection/admission.ts';
import { DegradedNotice } from './connection/degraded-notice.ts';
import { LongPollTransport } from './connection/longpoll/transport.ts';
import type { ConnectionTable } from './connection/table.ts';
import { WebSocketTransport } from './connection/websocket/transport.ts';
import type { Counters } from './counters.ts';
import { Latency } from './latency.ts';
import type { Logger } from './logger.ts';
import type { Authenticate, DataPlaneSettings, SessionContext } from './session/context.ts';
import { PRESENCE_DEFAULTS, PresenceKeeper } from './session/presence-keeper.ts';

/** What a data plane is made of. */
export interface DataPlaneDeps {
  /** The gateway's name. */
  readonly name: string;
  readonly broker: Broker;
  readonly table: ConnectionTable;
  readonly admission: Admission;
  readonly settings: DataPlaneSettings;
  readonly authenticate: Authenticate;
  readonly counters: Counters;
  readonly log: Logger;
  /** Monotonic, ms. */
  readonly now?: () => number;
  /** Wall clock, ms since 1970. */
  readonly wallClock?: () => number;
  /** From 0 up to 1. */
  readonly random?: () => number;
}

/** All that clients meet: WebSocket and long polling, sessions, and the channels. */
export interface DataPlane {
  /** Takes over an HTTP upgrade, whatever its path: those that are no WebSocket of ours are refused. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Answers a request to the poll path, by and by. */
  poll(req: IncomingMessage, res: ServerResponse): void;
  /** From a message's storing to its writing to sockets. */
  readonly deliveryLatency: Latency;
  /** From asking the broker to store a message to its answer. */
  readonly publishLatency: Latency;
  readonly watch: BrokerWatch;
  /** Channels held now. */
  readonly channels: number;
  /** Starts the timers: heartbeats, sweeps. */
  start(): void;
  /** Says goodbye (1001) to all, and resolves when they are gone. The broker stays open. */
  close(): Promise<void>;
}

/** Encoded messages kept for resumes: a channel, and all channels together. */
const TAIL = { maxMessages: 512, maxBytes: 262_144 } as const;
const TAIL_BUDGET_BYTES = 67_108_864;
const PAGE_MESSAGES = 200;
/** The longest that a busy channel's message waits for others, ms. */
const MAX_FLUSH_DELAY_MS = 25;
/** How long clients may take to answer the goodbye. */
const CLOSE_GRACE_MS = 1_000;

/** Makes a data plane; nothing runs before `start`. */
export function createDataPlane(deps: DataPlaneDeps): DataPlane {
  const { name, broker, table, admission, settings, authenticate, counters, log } = deps;
  const now = deps.now ?? (() => performance.now());
  const wallClock = deps.wallClock ?? (() => Date.now());
  const random = deps.random ?? Math.random;
  const flusher = new Flusher({ now, maxDelayMs: MAX_FLUSH_DELAY_MS });
  const latency = new Latency();
  const publishLatency = new Latency();
  const watch = new BrokerWatch({ broker, log, now });
  const budget = new TailBudget(TAIL_BUDGET_BYTES);
  const hub = new Hub({ broker, counters, flusher, latency, log, tail: TAIL, budget, pageMessages: PAGE_MESSAGES, now, wallClock, random });
  const presence = new PresenceKeeper({ broker, log, now, random, ...PRESENCE_DEFAULTS });
  const session: SessionContext = {
    name,
    hub,
    broker,
    watch,
    presence,
    admission,
    settings,
    authenticate,
    counters,
    publishLatency,
    log,
    now,
    random,
  };
  // A gateway that is started again under its name must not pass for the one before.
  const idPrefix = `${name}.${randomBytes(6).toString('base64url')}`;
  let lastId = 0;
  const nextId = () => ++lastId;
  const websocket = new WebSocketTransport({ session, flusher, admission, table, nextId, idPrefix });
  const longpoll = new LongPollTransport({ session, admission, table, nextId, idPrefix });
  const notice = new DegradedNotice(table);
  watch.listen({
    away: () => hub.brokerAway(),
    returned: () => hub.brokerReturned(),
    degraded: (degraded) => notice.tell(degraded),
  });

  return {
    upgrade: (req, socket, head) => websocket.upgrade(req, socket, head),
    poll: (req, res) => longpoll.poll(req, res),
    deliveryLatency: latency,
    publishLatency,
    watch,
    get channels() {
      return hub.channels;
    },
    start() {
      watch.start();
      hub.start();
      presence.start();
      websocket.start();
      longpoll.start();
    },
    async close() {
      watch.close();
      notice.close();
      longpoll.close();
      await websocket.close(CLOSE_GRACE_MS);
      presence.close();
      hub.close();
    },
  };
}

export type { Latency } from './latency.ts';
export type { Authenticate, AuthResult, DataPlaneSettings } from './session/context.ts';

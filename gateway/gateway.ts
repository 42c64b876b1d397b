import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { DrainRequest, GatewayStatus, ShedRequest } from '../protocol/admin.ts';
import { POLL_PATH } from '../protocol/paths.ts';
import { createAdminServer } from './admin/server.ts';
import { letEverybodyIn } from './auth.ts';
import type { Broker } from './broker/broker.ts';
import { type BrokerTelemetry, newBrokerTelemetry } from './broker/telemetry.ts';
import { AdmissionControl } from './connection/admission-control.ts';
import { ConnectionTable } from './connection/table.ts';
import { GatewayControl } from './control.ts';
import { newCounters } from './counters.ts';
import { createDataPlane } from './data-plane.ts';
import { Mover } from './drain/mover.ts';
import { rateToEmpty } from './drain/own-drain.ts';
import { monitorEventLoop } from './event-loop.ts';
import type { Logger } from './logger.ts';
import { createMetrics } from './metrics.ts';
import type { Authenticate } from './session/context.ts';
import type { GatewaySettings } from './settings.ts';

/** What a gateway needs besides its settings. */
export interface GatewayDeps {
  /** Stays open when the gateway closes. */
  readonly broker: Broker;
  /** What the broker's client counts, for the metrics. */
  readonly telemetry?: BrokerTelemetry;
  readonly log: Logger;
  /** Without it everybody is let in. */
  readonly authenticate?: Authenticate;
  /**
   * A parent listens on the public port and hands the sockets over: the gateway doesn't listen there itself, and a request that is not its own
   * is sent back to the parent on a new connection.
   */
  readonly adopted?: boolean;
  /** It began to be cordoned, or ceased to. */
  readonly cordonChanged?: (cordoned: boolean) => void;
  /** Its admin port was told to stop it, and it closes all its connections. `emptied` resolves when none is left: then the process shall end. */
  readonly stop?: (emptied: Promise<void>) => void;
}

/** One gateway: holds connections, serves its admin port. Nothing runs before `start`. */
export interface Gateway {
  /** Resolves when it listens, to the ports it listens on; `port` is null when it is adopted. Rejects with the system's error (EADDRINUSE …). */
  start(): Promise<{ readonly port: number | null; readonly adminPort: number }>;
  /** Resolves when it is ready for clients: it is started, and the broker could be reached. It stays so when the broker is away later. */
  readonly ready: Promise<void>;
  /** Takes a socket that somebody else accepted, with what was read from it already. */
  adopt(socket: Socket, head: Buffer): void;
  status(): GatewayStatus;
  cordon(): void;
  uncordon(): void;
  drain(request: DrainRequest): void;
  shed(request: ShedRequest): void;
  /** Drains itself for good within `timeoutMs`, or what is left of a drain that goes on, and resolves when no connection is left: soon after the timeout at the latest. */
  drainItself(timeoutMs: number): Promise<void>;
  /** Says goodbye to all and ends all. */
  close(): Promise<void>;
}

/** A client has so long for a request's head, and for the whole request: a slow one shall not hold a socket for ever. */
const TIMEOUTS = { headersTimeout: 10_000, requestTimeout: 60_000, connectionsCheckingInterval: 5_000 } as const;

/** Makes a gateway. */
export function createGateway(settings: GatewaySettings, deps: GatewayDeps): Gateway {
  const { broker, log, authenticate = letEverybodyIn, adopted = false, telemetry = newBrokerTelemetry() } = deps;
  const table = new ConnectionTable();
  const counters = newCounters();
  const now = () => performance.now();
  const admission = new AdmissionControl({
    table,
    capacity: settings.maxConnections,
    ratePerSecond: settings.acceptRatePerSecond,
    now,
    random: Math.random,
  });
  const mover = new Mover(table);
  // Started together they wake up together.
  const eventLoop = { operator: monitorEventLoop(), metrics: monitorEventLoop() };
  const plane = createDataPlane({ name: settings.name, broker, table, admission, settings, authenticate, counters, log });
  const front = createServer(TIMEOUTS, (req, res) => route(req, res));
  front.on('upgrade', (req, socket, head) => plane.upgrade(req, socket, head));

  let readyAfterMs = 0;
  let stopping = false;
  let toldToStop = false;
  let tellReady: () => void = () => {};
  const ready = new Promise<void>((resolve) => {
    tellReady = resolve;
  });
  const becomeReady = () => {
    readyAfterMs = Math.max(1, Math.round(process.uptime() * 1000));
    tellReady();
  };
  const control = new GatewayControl({
    settings,
    table,
    admission,
    mover,
    counters,
    eventLoop,
    deliveryLatency: { operator: plane.deliveryLatency, metrics: plane.deliveryLatency.reader() },
    startupMs: () => readyAfterMs,
    now,
    stopping: () => stopping,
    watch: plane.watch,
    stop() {
      if (toldToStop) return;
      toldToStop = true;
      const emptied = leave(0);
      deps.stop?.(emptied);
    },
    cordonChanged(cordoned) {
      log.info({ cordoned }, cordoned ? 'cordoned' : 'uncordoned');
      // Kept connections stay: to close one just when a request comes would break that. Each answer from now on ends its connection.
      deps.cordonChanged?.(cordoned);
    },
  });
  const admin = createAdminServer({
    control,
    token: settings.adminToken,
    notReady: () => (readyAfterMs === 0 ? 'starting' : control.state === 'accepting' ? null : control.state),
    metrics: createMetrics({
      status: () => control.status('metrics'),
      counters,
      channels: () => plane.channels,
      heldPolls: () => table.polls.held,
      publishLatency: plane.publishLatency,
      telemetry,
    }),
    log,
  });

  /** Moves all away within `timeoutMs`; with 0 it closes all, paced as at any drain's end. Resolves when no connection is left. */
  function leave(timeoutMs: number): Promise<void> {
    stopping = true;
    const present = mover.drainProgress;
    const withinMs = Math.min(timeoutMs, present?.remainingMs ?? timeoutMs);
    // Those whose time is over are being closed already.
    if (present?.remainingMs !== 0) {
      // A drain that goes on keeps its deadline when that comes earlier, and its rate when that is faster.
      const least = withinMs === 0 ? 0 : rateToEmpty(table.size, withinMs);
      mover.undo();
      control.drain({ ratePerSecond: Math.max(present?.ratePerSecond ?? 0, least), timeoutMs: withinMs });
    }
    return emptied(table);
  }

  function route(req: IncomingMessage, res: ServerResponse): void {
    const [path] = (req.url ?? '').split('?', 1);
    if (path === POLL_PATH) plane.poll(req, res);
    else if (path === '/healthz') res.writeHead(200, { 'Content-Type': 'text/plain' }).end('ok\n');
    else if (adopted) res.writeHead(307, { Location: sameUrl(req), Connection: 'close', 'Cache-Control': 'no-store' }).end();
    else res.writeHead(404, { 'Content-Type': 'text/plain' }).end('There is nothing here but the chat protocol.\n');
  }

  return {
    ready,
    async start() {
      plane.start();
      for (const each of Object.values(eventLoop)) each.start();
      // The limits of time are only looked after once the server listens, which one that adopts its sockets never does.
      if (adopted) front.emit('listening');
      const [port, adminPort] = await Promise.all([
        adopted ? null : listen(front, settings.port, settings.host),
        listen(admin, settings.adminPort, settings.adminHost),
      ]);
      if (plane.watch.isReached) becomeReady();
      else void plane.watch.reached.then(becomeReady);
      return { port, adminPort };
    },
    adopt(socket, head) {
      if (head.length > 0) socket.unshift(head);
      front.emit('connection', socket);
    },
    status: () => control.status(),
    cordon: () => control.cordon(),
    uncordon: () => control.uncordon(),
    drain: (request) => control.drain(request),
    shed: (request) => control.shed(request),
    drainItself: leave,
    async close() {
      mover.undo();
      for (const each of Object.values(eventLoop)) each.stop();
      await plane.close();
      await Promise.all([end(front), end(admin)]);
    },
  };
}

/** The URL of the request, to be asked for on a new connection. */
function sameUrl(req: IncomingMessage): string {
  const url = req.url ?? '/';
  // "//host/path" would lead elsewhere.
  return url.startsWith('/') ? `/${url.replace(/^\/+/, '')}` : '/';
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: 2048 }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function end(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // The error: it doesn't listen.
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function emptied(table: ConnectionTable): Promise<void> {
  return new Promise((resolve) => {
    if (table.size === 0) resolve();
    table.onRemoved(() => {
      if (table.size === 0) resolve();
    });
  });
}

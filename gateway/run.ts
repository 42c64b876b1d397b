import { constants } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pino } from 'pino';
import { GATEWAY_ENV } from '../protocol/gateway-env.ts';
import { showUrl } from '../protocol/redis-url.ts';
import { openAuthentication } from './auth.ts';
import { startBroker } from './broker/open.ts';
import { newBrokerTelemetry } from './broker/telemetry.ts';
import { linkToParent } from './child.ts';
import { FORCE_MS } from './drain/mover.ts';
import { createGateway } from './gateway.ts';
import type { GatewaySettings } from './settings.ts';
import { onStopSignals } from './signals.ts';

/** After the deadline and the closing of what was left, the slowest goodbyes are waited for so long, ms. */
const GOODBYE_MS = 6_000;

/**
 * Runs a gateway as this process: until SIGTERM or SIGINT, which drains it within `drainTimeoutMs` and ends the process with 0; a second one ends it
 * at once. As a child of the local fleet it takes its sockets from the parent and ends with it. Rejects with one line for people when it can't start.
 */
export async function runGateway(settings: GatewaySettings): Promise<void> {
  // Clients matter more than a reader of the log that is gone. (Not pino's own destination: at exit it tries for ever to write to such a one.)
  process.stdout.removeAllListeners('error').on('error', () => {});
  const log = pino({ level: settings.logLevel, base: { gateway: settings.name, pid: process.pid } }, process.stdout);
  const fail = (error: unknown) => {
    log.fatal({ err: error }, 'an error that nobody expected');
    process.exit(1);
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  const link = linkToParent(process, () => {
    log.warn('the parent is gone');
    process.exit(1);
  });
  const telemetry = newBrokerTelemetry();
  const history = { maxMessages: settings.historyMessages, maxAgeMs: settings.historyAgeMs };
  const [broker, authenticate] = await Promise.all([
    startBroker(settings.broker, { history, log, telemetry, redis: settings }, (reason) => {
      log.fatal(reason);
      process.exit(1);
    }),
    openAuthentication(settings.jwtSecretFile),
  ]);
  const gateway = createGateway(settings, {
    broker,
    telemetry,
    log,
    authenticate,
    adopted: link !== null,
    cordonChanged: (cordoned) => link?.cordoned(cordoned),
    stop(emptied) {
      log.info({ connections: gateway.status().connections }, 'told to stop: closing all');
      // A turn later at the earliest, so that whoever told it gets the answer.
      limited(emptied, 0).then(nextTurn).then(end).catch(fail);
    },
  });
  let ending: Promise<void> | null = null;
  const end = () => {
    ending ??= gateway
      .close()
      .then(() => broker.close())
      .then(() => {
        log.info('stopped');
        process.exit(0);
      });
    return ending;
  };
  onStopSignals(process, () => performance.now(), {
    first(signal) {
      log.info({ signal, connections: gateway.status().connections, drainTimeoutMs: settings.drainTimeoutMs }, 'draining, then stopping');
      limited(gateway.drainItself(settings.drainTimeoutMs), settings.drainTimeoutMs).then(end).catch(fail);
    },
    again(signal) {
      log.warn({ signal }, 'stopped at once');
      process.exit(128 + constants.signals[signal]);
    },
  });
  const { port, adminPort } = await gateway.start().catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' ? new Error(portTaken(settings, error)) : error;
  });
  await gateway.ready;
  link?.ready(
    adminPort,
    (socket, head) => gateway.adopt(socket, head),
    () => void end().catch(fail),
  );
  const { startupMs } = gateway.status();
  log.info({ port, adminPort, startupMs, revision: settings.revision, broker: showUrl(settings.broker) }, 'ready');
}

/** Resolves when the gateway is `emptied`, or when the time of a drain that takes `timeoutMs` is over by all means. */
async function limited(emptied: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs + FORCE_MS + GOODBYE_MS);
  });
  await Promise.race([emptied, overdue]);
  clearTimeout(timer);
}

function portTaken(settings: GatewaySettings, error: NodeJS.ErrnoException & { readonly port?: number }): string {
  const key = error.port === settings.adminPort ? 'adminPort' : 'port';
  return `${GATEWAY_ENV[key]} is ${error.port}, a port that is taken; choose another, or 0 for any.`;
}

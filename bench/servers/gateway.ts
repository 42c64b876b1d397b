import { pino } from 'pino';
import { openBroker } from '../../gateway/broker/open.ts';
import { newBrokerTelemetry } from '../../gateway/broker/telemetry.ts';
import { createGateway } from '../../gateway/gateway.ts';
import { GATEWAY_DEFAULTS } from '../../gateway/settings.ts';
import { measured } from './measured.ts';

/** Our gateway. All is as by default, the history too, but for the limits that a load from one machine runs into. */
const settings = {
  ...GATEWAY_DEFAULTS,
  host: '127.0.0.1',
  port: 0,
  adminHost: '127.0.0.1',
  adminPort: 0,
  maxConnections: 20_000,
  acceptRatePerSecond: 20_000,
  messagesPerSecond: 100_000,
};

let metricsUrl = '';

/** `url`: its broker; null: the in-process memory engine. */
async function listen(url: string | null): Promise<number> {
  const log = pino({ level: 'warn' });
  const telemetry = newBrokerTelemetry();
  const history = { maxMessages: settings.historyMessages, maxAgeMs: settings.historyAgeMs };
  const broker = await openBroker(url ?? settings.broker, { history, log, telemetry });
  const gateway = createGateway(settings, { broker, telemetry, log });
  const { port, adminPort } = await gateway.start();
  if (port === null) throw new Error('The gateway does not listen.');
  metricsUrl = `http://127.0.0.1:${adminPort}/metrics`;
  await gateway.ready;
  return port;
}

/** A value of its metrics, by the name without `chatcluster_gateway_` before it. */
async function metric(name: string): Promise<number> {
  const text = await (await fetch(metricsUrl)).text();
  const value = new RegExp(`^chatcluster_gateway_${name} (.*)$`, 'm').exec(text)?.[1];
  if (value === undefined) throw new Error(`The gateway has no metric ${name}.`);
  return Number(value);
}

measured(listen, { metric });

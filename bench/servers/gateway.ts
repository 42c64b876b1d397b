import { pino } from 'pino';
import { openBroker } from '../../gateway/broker/open.ts';
import { createGateway } from '../../gateway/gateway.ts';
import { GATEWAY_DEFAULTS } from '../../gateway/settings.ts';
import { measured } from './measured.ts';

/** Our gateway with the in-process memory engine. All is as by default, the history too, but for the limits that a load from one machine runs into. */
const settings = {
  ...GATEWAY_DEFAULTS,
  host: '127.0.0.1',
  port: 0,
  adminPort: 0,
  maxConnections: 20_000,
  acceptRatePerSecond: 20_000,
  messagesPerSecond: 100_000,
};

measured(async () => {
  const history = { maxMessages: settings.historyMessages, maxAgeMs: settings.historyAgeMs };
  const gateway = createGateway(settings, { broker: await openBroker(settings.broker, { history }), log: pino({ level: 'warn' }) });
  const { port } = await gateway.start();
  if (port === null) throw new Error('The gateway does not listen.');
  return port;
});

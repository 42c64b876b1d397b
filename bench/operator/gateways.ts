import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GatewayStatus } from '../../protocol/admin.ts';

/** Answers for all gateways: each holds half of what it may, and nothing happens. Prints its port. */
const STATUS: Omit<GatewayStatus, 'name'> = {
  revision: 'r1',
  pid: 1,
  state: 'accepting',
  broker: 'ok',
  stopping: false,
  connections: 400,
  migrating: 0,
  capacity: 1_000,
  acceptedTotal: 400,
  refusedTotal: 0,
  migratedTotal: 0,
  forcedTotal: 0,
  publishedTotal: 0,
  deliveredTotal: 0,
  resumesTotal: 0,
  resumeGapsTotal: 0,
  acceptRatePerSecond: 500,
  cpuMs: 0,
  eventLoopDelayMs: 0,
  deliveryLatencyMs: null,
  startupMs: 100,
  uptimeMs: 60_000,
  drain: null,
  shed: null,
};

const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
  const body = JSON.stringify({ ...STATUS, name: request.headers.host ?? '' } satisfies GatewayStatus);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));

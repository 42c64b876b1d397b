import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GatewayStatus } from '../../protocol/admin.ts';
import { statusWith } from '../../test/fakes/gateway-status.ts';

/** Answers for all gateways: each holds four tenths of what it may, and nothing happens. Prints its port. */
const STATUS = statusWith({ connections: 400, capacity: 1_000, acceptedTotal: 400, acceptRatePerSecond: 500, uptimeMs: 60_000 });

const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
  const body = JSON.stringify({ ...STATUS, name: request.headers.host ?? '' } satisfies GatewayStatus);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));

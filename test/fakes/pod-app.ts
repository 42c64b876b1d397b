import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

/**
 * What Pods of the tests run: tells over HTTP (port 8080) what it was given, and ends on SIGTERM after `END_MS`. `/sick` makes `/healthz` fail,
 * `/slow` answers only when it is about to end.
 */
const { HOST, NAME = '', SECRET = '', FILE = '', END_MS = '0' } = process.env;
let healthy = true;
const slow = Promise.withResolvers<void>();

const server = createServer(async (request, response) => {
  if (request.url === '/sick') healthy = false;
  if (request.url === '/slow') await slow.promise;
  if (request.url === '/healthz') response.statusCode = healthy ? 200 : 500;
  response.end(
    JSON.stringify({ name: NAME, secret: SECRET, file: FILE === '' ? '' : readFileSync(FILE, 'utf8'), test: process.env.VITEST }),
  );
});

process.on('SIGTERM', () => {
  console.log('asked to end');
  if (END_MS === 'never') return;
  setTimeout(() => {
    slow.resolve();
    server.close(() => console.log('ended by itself'));
    server.closeIdleConnections();
  }, Number(END_MS));
});

server.listen(8080, HOST, () => console.log(`${NAME} listens`));

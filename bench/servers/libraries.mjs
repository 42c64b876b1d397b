// What a gateway can't start faster than: a Node process that imports the libraries a gateway has loaded by the time it is ready, and listens.
import { createServer } from 'node:http';
import { pino } from 'pino';
import { WebSocketServer } from 'ws';

pino({ level: 'warn' });
const http = createServer();
new WebSocketServer({ noServer: true });
http.listen(0, '127.0.0.1', () => process.send({ kind: 'ready' }));

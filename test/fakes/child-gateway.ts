import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ChildToParent, ParentToChild } from '../../protocol/child.ts';
import { GATEWAY_ENV } from '../../protocol/gateway-env.ts';

/**
 * The least that is a gateway to the local fleet: it takes sockets, answers any request with its name and the length of the body, and
 * answers its admin port. `FAKE_GATEWAY` makes it misbehave: `never-ready`, `deaf` (doesn't stop), `crash` (ends at once).
 */
const { env } = process;
const name = env[GATEWAY_ENV.name] ?? '';
const misbehaviour = env.FAKE_GATEWAY ?? '';
const say = (message: ChildToParent) => process.send?.(message);

if (misbehaviour === 'crash') {
  console.error('fake gateway: this is the end');
  process.exit(3);
}
process.on('disconnect', () => process.exit(0));

const sockets = new Set<Socket>();
let state: 'accepting' | 'cordoned' | 'draining' = 'accepting';
let drain: { ratePerSecond: number; timeoutMs: number; initial: number; startedAt: number } | null = null;
let shed: { remaining: number; ratePerSecond: number } | null = null;

const front = createServer((req, res) => {
  let bytes = 0;
  req.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  req.on('end', () => res.end(JSON.stringify({ gateway: name, path: req.url, bytes })));
});

process.on('message', (message: ParentToChild, socket: Socket | undefined) => {
  if (message.kind === 'stop') {
    if (misbehaviour !== 'deaf') process.exit(0);
    return;
  }
  if (socket === undefined) {
    say({ kind: 'closed', count: 1 });
    return;
  }
  sockets.add(socket);
  socket.on('close', () => {
    sockets.delete(socket);
    say({ kind: 'closed', count: 1 });
  });
  socket.unshift(Buffer.from(message.head, 'base64'));
  front.emit('connection', socket);
});

const admin = createServer(async (req, res) => {
  const body = await bodyOf(req);
  if (req.headers.authorization !== `Bearer ${env[GATEWAY_ENV.adminToken]}`) return void res.writeHead(401).end();
  switch (req.url) {
    case '/cordon':
      if (state === 'accepting') state = 'cordoned';
      break;
    case '/uncordon':
      state = 'accepting';
      drain = null;
      shed = null;
      break;
    case '/drain':
      state = 'draining';
      drain = { initial: sockets.size, startedAt: performance.now(), ...drain, ...(JSON.parse(body) as DrainBody) };
      break;
    case '/shed': {
      const { count, ratePerSecond } = JSON.parse(body) as { count: number; ratePerSecond: number };
      shed = count > 0 ? { remaining: count, ratePerSecond } : null;
      break;
    }
  }
  answer(res);
});

interface DrainBody {
  readonly ratePerSecond: number;
  readonly timeoutMs: number;
}

function answer(res: ServerResponse): void {
  const elapsedMs = drain === null ? 0 : performance.now() - drain.startedAt;
  const body = Buffer.from(
    JSON.stringify({
      name,
      revision: env[GATEWAY_ENV.revision],
      pid: process.pid,
      state,
      connections: sockets.size,
      migrating: 0,
      capacity: Number(env[GATEWAY_ENV.maxConnections]),
      drain:
        drain === null
          ? null
          : {
              ratePerSecond: drain.ratePerSecond,
              initial: drain.initial,
              elapsedMs,
              remainingMs: Math.max(0, drain.timeoutMs - elapsedMs),
            },
      shed,
    }),
  );
  res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length }).end(body);
}

async function bodyOf(req: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of req) text += chunk;
  return text;
}

if (misbehaviour !== 'never-ready')
  admin.listen(0, '127.0.0.1', () => say({ kind: 'ready', adminPort: (admin.address() as AddressInfo).port }));

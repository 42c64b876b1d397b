import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ADMIN_PATHS } from '../../protocol/admin.ts';
import { GATEWAY_ENV } from '../../protocol/gateway-env.ts';
import type { Logger } from '../logger.ts';
import type { Control } from './control.ts';
import { type Parsed, parseDrainRequest, parseShedRequest } from './requests.ts';
import { carriesToken } from './token.ts';

/** What the admin port serves. */
export interface AdminOptions {
  readonly control: Control;
  /** Empty: status and commands are refused. */
  readonly token: string;
  /** Why it takes no connections now; null when it does. */
  readonly notReady: () => string | null;
  /** The text of `/metrics`, and its content type. */
  readonly metrics: () => Promise<{ readonly type: string; readonly text: string }>;
  readonly log: Logger;
}

const MAX_BODY_BYTES = 4_096;
/** Longer than the pause between two scrapes, so that their connection is kept. */
const KEEP_ALIVE_MS = 75_000;

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Route {
  readonly method: 'GET' | 'POST';
  readonly open?: true;
  /** `body` is empty for GET. */
  answer(options: AdminOptions, body: string): Answer | Promise<Answer>;
}

const ROUTES: Readonly<Record<string, Route>> = {
  // It is answered as long as the event loop turns: nothing else can be cured by a restart of this process.
  '/healthz': { method: 'GET', open: true, answer: () => plain(200, 'ok') },
  '/readyz': {
    method: 'GET',
    open: true,
    answer({ notReady }) {
      const why = notReady();
      return why === null ? plain(200, 'ok') : plain(503, why);
    },
  },
  '/metrics': {
    method: 'GET',
    open: true,
    async answer({ metrics }) {
      const { type, text } = await metrics();
      return { status: 200, type, body: text };
    },
  },
  [ADMIN_PATHS.status]: { method: 'GET', answer: ({ control }) => status(control) },
  [ADMIN_PATHS.cordon]: { method: 'POST', answer: ({ control }) => status(control, () => control.cordon()) },
  [ADMIN_PATHS.uncordon]: { method: 'POST', answer: ({ control }) => status(control, () => control.uncordon()) },
  [ADMIN_PATHS.drain]: {
    method: 'POST',
    answer: ({ control }, body) => command(control, parseDrainRequest(body), (request) => control.drain(request)),
  },
  [ADMIN_PATHS.shed]: {
    method: 'POST',
    answer: ({ control }, body) => command(control, parseShedRequest(body), (request) => control.shed(request)),
  },
  [ADMIN_PATHS.stop]: { method: 'POST', answer: ({ control }) => status(control, () => control.stop()) },
};

const PATHS = Object.keys(ROUTES).join(', ');

/** The admin port's HTTP server (`protocol/admin.ts`); it doesn't listen yet. */
export function createAdminServer(options: AdminOptions): Server {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (req, res) => {
    respond(options, req).then(
      (answer) => send(res, answer),
      (error: unknown) => {
        options.log.error({ err: error, path: req.url }, 'a request to the admin port failed');
        send(res, problem(500, 'It failed; the log says why.'));
      },
    );
  });
  return server;
}

async function respond(options: AdminOptions, req: IncomingMessage): Promise<Answer> {
  const [path = ''] = (req.url ?? '').split('?', 1);
  const route = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined;
  if (route === undefined) return problem(404, `There is nothing at ${path}; there are ${PATHS}.`);
  if (req.method !== route.method) {
    return { ...problem(405, `The method is ${req.method}; use ${route.method} ${path}.`), headers: { Allow: route.method } };
  }
  if (route.open !== true && !carriesToken(req.headers.authorization, options.token)) return unauthorized(options.token);
  const body = await bodyOf(req);
  if (body === null) return problem(413, `The body is longer than ${MAX_BODY_BYTES} bytes; send the fields that are asked for, no more.`);
  return route.answer(options, body);
}

function unauthorized(token: string): Answer {
  const remedy = token === '' ? `set ${GATEWAY_ENV.adminToken} and start it anew` : `it is what ${GATEWAY_ENV.adminToken} is set to`;
  return { ...problem(401, `This needs Authorization: Bearer <admin token>; ${remedy}.`), headers: { 'WWW-Authenticate': 'Bearer' } };
}

function command<T>(control: Control, parsed: Parsed<T>, act: (request: T) => void): Answer {
  return parsed.kind === 'invalid' ? problem(400, parsed.problem) : status(control, () => act(parsed.request));
}

function status(control: Control, act?: () => void): Answer {
  act?.();
  return { status: 200, type: 'application/json', body: JSON.stringify(control.status()) };
}

function plain(code: number, text: string): Answer {
  return { status: code, body: `${text}\n` };
}

function problem(code: number, error: string): Answer {
  return { status: code, type: 'application/json', body: JSON.stringify({ error }) };
}

/** Null when it is too long; the rest is read and dropped then, so that the answer can be read. */
async function bodyOf(req: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return bytes <= MAX_BODY_BYTES ? Buffer.concat(chunks).toString() : null;
}

function send(res: ServerResponse, { status, type = 'text/plain; charset=utf-8', body, headers }: Answer): void {
  if (res.destroyed) return;
  res.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body), 'Cache-Control': 'no-store', ...headers });
  res.end(body);
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** What the operator's port serves. */
export interface Answers {
  /** What only a restart of the process can cure; `null`: nothing. */
  readonly unhealthy: () => string | null;
  /** What keeps it from its work now; `null`: nothing. */
  readonly notReady: () => string | null;
  /** The text of `/metrics`, and its content type. */
  readonly metrics: () => Promise<{ readonly type: string; readonly text: string }>;
}

/** Longer than the pause between two scrapes, so that their connection is kept. */
const KEEP_ALIVE_MS = 75_000;
const TEXT = 'text/plain; charset=utf-8';

/** The server for probes and metrics; it doesn't listen yet. */
export function createOperatorServer(answers: Answers): Server {
  return createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    respond(answers, request, response).catch(() => send(response, 500, TEXT, 'It failed.'));
  });
}

async function respond(answers: Answers, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, TEXT, 'GET only.');
  switch (request.url?.split('?')[0]) {
    case '/healthz':
      return probe(response, answers.unhealthy());
    case '/readyz':
      return probe(response, answers.notReady());
    case '/metrics': {
      const { type, text } = await answers.metrics();
      return send(response, 200, type, text);
    }
    default:
      return send(response, 404, TEXT, 'There are /healthz, /readyz and /metrics.');
  }
}

function probe(response: ServerResponse, why: string | null): void {
  send(response, why === null ? 200 : 503, TEXT, why ?? 'ok');
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) }).end(text);
}

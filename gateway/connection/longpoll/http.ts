import type { IncomingMessage, ServerResponse } from 'node:http';

/** Any page may poll: no cookies are used, the token is in the body. */
const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'Retry-After',
} as const;

/** Answers what a browser asks before it lets a page of another origin poll. */
export function answerPreflight(res: ServerResponse): void {
  res.writeHead(204, {
    ...CORS,
    'Access-Control-Allow-Methods': 'POST, OPTIONS',
    'Access-Control-Allow-Headers': 'Content-Type',
    'Access-Control-Max-Age': '86400',
  });
  res.end();
}

/** What an answer has beside its body. */
export interface AnswerOptions {
  /** Ends the TCP connection too, so that a balancer sends the client's next request elsewhere. */
  readonly leave?: boolean;
  readonly retryAfterMs?: number | undefined;
  readonly allow?: string;
}

/** Answers with a JSON array of server messages, each JSON text or its bytes. */
export function answer(res: ServerResponse, status: number, messages: readonly (string | Buffer)[], options: AnswerOptions = {}): void {
  if (res.headersSent || res.destroyed) return;
  const body = jsonArray(messages);
  res.writeHead(status, {
    ...CORS,
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    'Cache-Control': 'no-store',
    ...(options.leave === true ? { Connection: 'close' } : null),
    ...(options.retryAfterMs === undefined ? null : { 'Retry-After': String(Math.ceil(options.retryAfterMs / 1000)) }),
    ...(options.allow === undefined ? null : { Allow: options.allow }),
  });
  res.end(body);
}

function jsonArray(messages: readonly (string | Buffer)[]): Buffer {
  const parts: Buffer[] = [OPEN];
  for (const message of messages) {
    if (parts.length > 1) parts.push(COMMA);
    parts.push(typeof message === 'string' ? Buffer.from(message) : message);
  }
  parts.push(CLOSE);
  return Buffer.concat(parts);
}

const OPEN = Buffer.from('[');
const COMMA = Buffer.from(',');
const CLOSE = Buffer.from(']');

/** Reads a request's body, calls back once: with its text, or with null when it is larger than `maxBytes`. Not at all when the client breaks it off. */
export function readBody(req: IncomingMessage, maxBytes: number, done: (text: string | null) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const tooLarge = () => {
    req.removeAllListeners('data').removeAllListeners('end');
    // The rest is read and dropped, so that the client gets to read the answer.
    req.resume();
    done(null);
  };
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) {
    tooLarge();
    return;
  }
  req.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) tooLarge();
    else chunks.push(chunk);
  });
  req.on('end', () => done(Buffer.concat(chunks).toString()));
  req.on('error', () => req.destroy());
}

import type { IncomingMessage } from 'node:http';

const MAX_BODY_BYTES = 16_384;
const BODY_TIMEOUT_MS = 10_000;

/** Reads a request's JSON body. Rejects with a line for people when it is none, is too long, or takes too long. */
export async function readJson(req: IncomingMessage): Promise<unknown> {
  const timer = setTimeout(() => req.destroy(new Error('The body took too long.')), BODY_TIMEOUT_MS);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of req as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_BODY_BYTES) throw new Error(`The body is longer than ${MAX_BODY_BYTES} bytes.`);
      chunks.push(chunk);
    }
  } finally {
    clearTimeout(timer);
  }
  const text = Buffer.concat(chunks).toString();
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    throw new Error('The body is no JSON.');
  }
}

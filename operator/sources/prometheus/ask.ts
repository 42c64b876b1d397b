import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { PrometheusSpec } from '../../api/spec.ts';
import type { ReadSecret } from '../secrets.ts';

/** Longer answers are refused, bytes: one number needs a few hundred. */
const MOST_BYTES = 262_144;

/** Kept for all queries: several may go to one server, and each is asked again and again. */
const AGENTS = {
  http: new http.Agent({ keepAlive: true, maxFreeSockets: 4 }),
  https: new https.Agent({ keepAlive: true, maxFreeSockets: 4 }),
};

/** A whole answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** Sends an instant query. Rejects when there is no whole answer before the signal, or a Secret is missing. */
export async function ask(spec: PrometheusSpec, readSecret: ReadSecret, signal: AbortSignal): Promise<HttpAnswer> {
  const [authorization, ca] = await Promise.all([
    authorizationOf(spec, readSecret),
    spec.caSecret === null ? undefined : readSecret(spec.caSecret.name, spec.caSecret.key),
  ]);
  signal.throwIfAborted();
  const url = new URL(`${spec.serverAddress}/api/v1/query`);
  url.searchParams.set('query', spec.query);
  // Else samples of up to 5 minutes ago are taken for present ones, as they are by Prometheus before 2.43, which doesn't know it.
  url.searchParams.set('lookback_delta', `${spec.maxSampleAgeMs}ms`);
  url.searchParams.set('timeout', `${spec.timeoutMs}ms`);
  const secure = url.protocol === 'https:';
  const options = {
    headers: { accept: 'application/json', 'user-agent': 'chatcluster', ...(authorization !== null && { authorization }) },
    agent: AGENTS[secure ? 'https' : 'http'],
    signal,
    ...(ca !== undefined && { ca }),
    ...(spec.insecureSkipVerify && { rejectUnauthorized: false }),
  };
  return sent(secure ? https : http, url, options);
}

/** Once more when the server had just closed the connection that was kept for it. */
async function sent(by: typeof http | typeof https, url: URL, options: https.RequestOptions): Promise<HttpAnswer> {
  for (let again = false; ; again = true) {
    const request = by.get(url, options);
    try {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        request.once('response', resolve);
        request.on('error', reject);
      });
      return { status: response.statusCode ?? 0, body: await bodyOf(response) };
    } catch (error) {
      if (again || !request.reusedSocket || options.signal?.aborted === true) throw error;
    }
  }
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_BYTES) throw new Error(`the answer is longer than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function authorizationOf({ login }: PrometheusSpec, readSecret: ReadSecret): Promise<string | null> {
  switch (login.kind) {
    case 'none':
      return null;
    case 'bearer':
      return `Bearer ${(await readSecret(login.secret.name, login.secret.key)).trim()}`;
    case 'basic': {
      const [username, password] = await Promise.all([readSecret(login.secret, 'username'), readSecret(login.secret, 'password')]);
      return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    }
  }
}

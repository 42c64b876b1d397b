import { Agent, request } from 'node:http';
import { ADMIN_PATHS, type DrainRequest, type GatewayStatus, type ShedRequest } from '../../../protocol/admin.ts';

/** Asks and commands one gateway over its admin port, by kept-alive connections. Each call rejects when it isn't answered well within the time limit (ms). */
export class AdminClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 });
  readonly #port: number;
  readonly #token: string;
  readonly #timeoutMs: number;

  constructor(port: number, token: string, timeoutMs: number) {
    this.#port = port;
    this.#token = token;
    this.#timeoutMs = timeoutMs;
  }

  status(): Promise<GatewayStatus> {
    return this.#call('GET', ADMIN_PATHS.status);
  }

  cordon(): Promise<GatewayStatus> {
    return this.#call('POST', ADMIN_PATHS.cordon);
  }

  uncordon(): Promise<GatewayStatus> {
    return this.#call('POST', ADMIN_PATHS.uncordon);
  }

  drain(drain: DrainRequest): Promise<GatewayStatus> {
    return this.#call('POST', ADMIN_PATHS.drain, drain);
  }

  shed(shed: ShedRequest): Promise<GatewayStatus> {
    return this.#call('POST', ADMIN_PATHS.shed, shed);
  }

  close(): void {
    this.#agent.destroy();
  }

  #call(method: 'GET' | 'POST', path: string, body?: DrainRequest | ShedRequest): Promise<GatewayStatus> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => reject(new Error(`${method} ${path} on the gateway's admin port: ${error.message}`));
      const req = request(
        {
          host: '127.0.0.1',
          port: this.#port,
          method,
          path,
          agent: this.#agent,
          headers: { Authorization: `Bearer ${this.#token}`, 'Content-Type': 'application/json' },
          signal: AbortSignal.timeout(this.#timeoutMs),
        },
        (res) => {
          const chunks: Buffer[] = [];
          res.on('data', (chunk: Buffer) => chunks.push(chunk));
          res.on('error', fail);
          res.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            const status = res.statusCode === 200 ? parseStatus(text) : null;
            if (status === null) fail(new Error(`answered ${res.statusCode} ${text.slice(0, 200)}`));
            else resolve(status);
          });
        },
      );
      req.on('error', fail);
      req.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

/** `null` when it isn't a status. The gateway is ours and has our token: what counts in decisions is checked, the rest is taken. */
function parseStatus(text: string): GatewayStatus | null {
  try {
    const status = JSON.parse(text) as GatewayStatus | null;
    return typeof status?.connections === 'number' && typeof status.state === 'string' ? status : null;
  } catch {
    return null;
  }
}

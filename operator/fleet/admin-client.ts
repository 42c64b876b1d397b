import { Agent, request } from 'node:http';
import { ADMIN_PATHS, type DrainRequest, type GatewayStatus, type ShedRequest } from '../../protocol/admin.ts';

/** Where a gateway's admin port is, and what it asks for. */
export interface AdminAddress {
  readonly host: string;
  readonly port: number;
  /** Asked for with each call, for it may change. */
  readonly token: () => string;
  /** Until a call must have been answered, ms. */
  readonly timeoutMs: number;
}

/** Asks and commands one gateway over its admin port, by kept-alive connections. Each call rejects when it isn't answered well within the time limit. */
export class AdminClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 4 });
  readonly #address: AdminAddress;

  constructor(address: AdminAddress) {
    this.#address = address;
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

  stop(): Promise<GatewayStatus> {
    return this.#call('POST', ADMIN_PATHS.stop);
  }

  close(): void {
    this.#agent.destroy();
  }

  #call(method: 'GET' | 'POST', path: string, body?: DrainRequest | ShedRequest): Promise<GatewayStatus> {
    const { host, port, token, timeoutMs } = this.#address;
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => reject(new Error(`${method} ${path} on the gateway's admin port: ${error.message}`));
      const req = request(
        {
          host,
          port,
          method,
          path,
          agent: this.#agent,
          headers: { Authorization: `Bearer ${token()}`, 'Content-Type': 'application/json' },
          signal: AbortSignal.timeout(timeoutMs),
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

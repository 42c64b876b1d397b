import { ADMIN_PATHS, type DrainRequest, type GatewayStatus, type ShedRequest } from '../../protocol/admin.ts';
import { KeptHttp } from './kept-http.ts';

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
  readonly #address: AdminAddress;
  readonly #http: KeptHttp;

  constructor(address: AdminAddress) {
    this.#address = address;
    this.#http = new KeptHttp(address.host, address.port);
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
    this.#http.close();
  }

  async #call(method: 'GET' | 'POST', path: string, request?: DrainRequest | ShedRequest): Promise<GatewayStatus> {
    const { token, timeoutMs } = this.#address;
    const headers = { Authorization: `Bearer ${token()}`, 'Content-Type': 'application/json' };
    const body = request === undefined ? '' : JSON.stringify(request);
    try {
      const answer = await this.#http.ask({ method, path, headers, body, timeoutMs });
      const status = answer.status === 200 ? parseStatus(answer.body) : null;
      if (status === null) throw new Error(`answered ${answer.status} ${answer.body.slice(0, 200)}`);
      return status;
    } catch (error) {
      throw new Error(`${method} ${path} on the gateway's admin port: ${error instanceof Error ? error.message : String(error)}`);
    }
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

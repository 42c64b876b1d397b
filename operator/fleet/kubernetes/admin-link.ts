import { GATEWAY_PORTS } from '../../api/names.ts';
import { AdminClient } from '../admin-client.ts';
import type { Pod } from './pod.ts';
import { processOf } from './pod-facts.ts';

export interface AdminLinkOptions {
  /** `null` while it isn't known. */
  readonly adminToken: () => string | null;
  /** Where a Pod's IP is reached. */
  readonly addressOf: (podIP: string) => string;
  /** Until a gateway must have answered, ms. */
  readonly adminTimeoutMs: number;
}

/** The way to the admin port of one Pod, wherever that is now. */
export class AdminLink {
  readonly #options: AdminLinkOptions;
  #host: string | null = null;
  #client: AdminClient | null = null;

  constructor(options: AdminLinkOptions) {
    this.#options = options;
  }

  /** `null` while there is no process to reach. */
  to(pod: Pod): AdminClient | null {
    const podIP = pod.status?.podIP;
    if (podIP === undefined || processOf(pod) === null) return null;
    const { addressOf, adminToken, adminTimeoutMs } = this.#options;
    const host = addressOf(podIP);
    if (host !== this.#host) {
      this.close();
      this.#host = host;
      this.#client = new AdminClient({ host, port: GATEWAY_PORTS.admin, token: () => adminToken() ?? '', timeoutMs: adminTimeoutMs });
    }
    return this.#client;
  }

  close(): void {
    this.#client?.close();
    this.#client = null;
    this.#host = null;
  }
}

import type { DrainRequest, GatewayStatus, ShedRequest } from '../../protocol/admin.ts';

/** What the admin port commands. Each is idempotent. */
export interface Control {
  status(): GatewayStatus;
  cordon(): void;
  /** Ends a cordon, a drain and a shed. */
  uncordon(): void;
  drain(request: DrainRequest): void;
  shed(request: ShedRequest): void;
  /** Closes all, then ends the process. */
  stop(): void;
}

import type { ChatCluster } from '../../operator/api/spec.ts';
import type { Decision } from '../../operator/status/status.ts';

/** What is known when the cluster has started. */
export interface Started {
  readonly cluster: ChatCluster;
  /** Its path, as it was given. */
  readonly file: string;
  readonly url: string;
  /** Where the gateways meet, in a few words. */
  readonly broker: string;
}

/** What `up` tells whoever watches it. */
export interface Journal {
  started(started: Started): void;
  decided(decision: Decision): void;
  /** An edit of the file was applied. */
  applied(text: string): void;
  /** The operator, a gateway, or an edit has a problem; the cluster runs on. */
  problem(text: string): void;
  /** A line that a gateway wrote. */
  wrote(gateway: string, line: string): void;
  stopping(text: string): void;
  stopped(): void;
}

import type { OutgoingHttpHeaders } from 'node:http';
import type { Agent, RequestOptions } from 'node:https';

/** Who we are to an API server: what a request needs beside its path. */
export interface Identity {
  readonly headers: OutgoingHttpHeaders;
  /** Certificates and what belongs to TLS. */
  readonly tls: Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'servername'>;
  /** Goes through a proxy; `null` when the server is reached directly. */
  readonly proxy: Agent | null;
}

/** How to reach an API server, as it was read at one moment: from a kubeconfig, or in a Pod from its service account. */
export interface Configuration {
  readonly server: URL;
  /** Of the context, or of the Pod; else "default". */
  readonly namespace: string;
  /** Who we are now: asks plugins, and reads what is rotated anew. Rejects when that can't be had. */
  identity(): Promise<Identity>;
}

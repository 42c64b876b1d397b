import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Resolves when the server listens. Rejects with one line for people when it can't. */
export async function listen(
  server: Server,
  { httpHost, httpPort }: { readonly httpHost: string; readonly httpPort: number },
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'EADDRINUSE' ? new Error(taken(httpPort)) : error));
    server.listen(httpPort, httpHost, resolve);
  });
}

/** The port that it got. */
export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

const taken = (port: number) => `CHATCLUSTER_HTTP_PORT is ${port}, a port that is taken; choose another, or 0 for any.`;

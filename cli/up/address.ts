import { isIPv6 } from 'node:net';
import { Failure } from '../failure.ts';

/** Where a browser on this machine finds what listens on `host`. */
export function urlOf(host: string, port: number): string {
  const all = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return `http://${isIPv6(all) ? `[${all}]` : all}:${port}`;
}

/** The system's error when the public port can't be opened, as one line that says what to do. */
export function whyItCannotListen(error: NodeJS.ErrnoException, host: string, port: number): Failure {
  switch (error.code) {
    case 'EADDRINUSE':
      return new Failure(`Port ${port} on ${host} is taken by another process; stop that one, or choose another port with --port.`);
    case 'EACCES':
      return new Failure(`Port ${port} needs more rights than this user has; choose one from 1024 on with --port.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new Failure(`--host ${host} is no address of this machine; use 127.0.0.1, or 0.0.0.0 for all it has.`, 2);
    default:
      return new Failure(`Can't listen on ${host}, port ${port}: ${error.message}`);
  }
}

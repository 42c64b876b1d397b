import { Socket } from 'node:net';
import { podAddress } from './addresses.ts';

/**
 * For `node --import`: connections to a Pod's address go to where its process listens. All of Node's clients (net, tls, http, undici's fetch)
 * connect by this one method.
 */
const connect = Socket.prototype.connect as (this: Socket, ...args: unknown[]) => Socket;

Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
  return connect.apply(this, args.map(toLoopback));
} as Socket['connect'];

/** `net.connect` hands its options over as the first of an array that it marks, so the array stays the same. */
function toLoopback(argument: unknown): unknown {
  if (typeof argument === 'string') return podAddress(argument);
  if (Array.isArray(argument)) {
    argument[0] = toLoopback(argument[0]);
    return argument;
  }
  if (typeof argument !== 'object' || argument === null || !('host' in argument) || typeof argument.host !== 'string') return argument;
  return { ...argument, host: podAddress(argument.host) };
}

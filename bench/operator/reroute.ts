import { Socket } from 'node:net';

/** For `node --import`: connections to Pods (10.…) go to the one process that answers for all of them, which knows by the Host header whom is meant. */
const port = Number(process.env.BENCH_GATEWAYS_PORT);
const connect = Socket.prototype.connect as (this: Socket, ...args: unknown[]) => Socket;

Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
  return connect.apply(this, args.map(rerouted));
} as Socket['connect'];

/** `net.connect` hands its options over as the first of an array that it marks, so the array stays the same. */
function rerouted(argument: unknown): unknown {
  if (Array.isArray(argument)) {
    argument[0] = rerouted(argument[0]);
    return argument;
  }
  if (typeof argument !== 'object' || argument === null || !('host' in argument)) return argument;
  return String(argument.host).startsWith('10.') ? { ...argument, host: '127.0.0.1', port } : argument;
}

import { get } from 'node:http';
import { connect } from 'node:net';
import type { Container, Probe } from './pod.ts';

/** Asks once. Answers why it failed, `null` when it did not. */
export async function ask(probe: Probe, container: Container, host: string): Promise<string | null> {
  const { httpGet, tcpSocket, timeoutSeconds = 1 } = probe;
  const target = httpGet ?? tcpSocket;
  if (target === undefined) return 'this node knows only httpGet and tcpSocket probes';
  const port = portOf(container, target.port);
  if (port === undefined) return `there is no port "${target.port}"`;
  const signal = AbortSignal.timeout(timeoutSeconds * 1_000);
  return httpGet === undefined ? askTcp(host, port, signal) : askHttp(host, port, httpGet.path ?? '/', signal);
}

function portOf({ ports = [] }: Container, port: number | string): number | undefined {
  return typeof port === 'number' ? port : ports.find(({ name }) => name === port)?.containerPort;
}

function askHttp(host: string, port: number, path: string, signal: AbortSignal): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const asking = get({ host, port, path, signal, agent: false }, (response) => {
    const { statusCode = 0 } = response;
    response.resume();
    response.on('error', () => {});
    resolve(statusCode >= 200 && statusCode < 400 ? null : `HTTP probe failed with statuscode: ${statusCode}`);
  });
  asking.on('error', (error) => resolve(error.message));
  return promise;
}

function askTcp(host: string, port: number, signal: AbortSignal): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const socket = connect({ host, port, signal });
  socket.on('connect', () => {
    socket.destroy();
    resolve(null);
  });
  socket.on('error', (error) => resolve(error.message));
  return promise;
}

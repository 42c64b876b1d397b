import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Broker } from '../../gateway/broker/broker.ts';
import type { Admission, AdmissionResult } from '../../gateway/connection/admission.ts';
import { ConnectionTable } from '../../gateway/connection/table.ts';
import { type Counters, newCounters } from '../../gateway/counters.ts';
import { createDataPlane, type DataPlane, type DataPlaneDeps } from '../../gateway/data-plane.ts';
import { POLL_PATH, WEBSOCKET_PATH } from '../../protocol/paths.ts';
import { silentLog } from './silent-log.ts';

/** A data plane behind a real HTTP server on a free port of loopback. */
export interface DataPlaneServer {
  readonly plane: DataPlane;
  readonly table: ConnectionTable;
  readonly counters: Counters;
  readonly websocketUrl: string;
  readonly pollUrl: string;
  /** What admission says from now on. */
  admit(result: AdmissionResult): void;
  close(): Promise<void>;
}

export const SETTINGS = {
  messageBytes: 32_768,
  messagesPerSecond: 1_000,
  channelsPerConnection: 20,
  queueBytes: 1_048_576,
  heartbeatMs: 25_000,
  pollTimeoutMs: 25_000,
} as const;

/** Starts one; `close` ends all of it but the broker. */
export async function startDataPlane(broker: Broker, over: Partial<DataPlaneDeps> = {}): Promise<DataPlaneServer> {
  let admission: AdmissionResult = { kind: 'accept' };
  const admit: Admission = { admit: () => admission, reconnectSpreadMs: () => 500 };
  const table = over.table ?? new ConnectionTable();
  const counters = over.counters ?? newCounters();
  const plane = createDataPlane({
    name: 'gateway-1',
    broker,
    admission: admit,
    settings: SETTINGS,
    authenticate: () => ({ kind: 'ok' }),
    log: silentLog,
    ...over,
    table,
    counters,
  });
  const server = createServer((req, res) => plane.poll(req, res));
  server.on('upgrade', (req, socket, head) => plane.upgrade(req, socket, head));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  plane.start();
  return {
    plane,
    table,
    counters,
    websocketUrl: `ws://127.0.0.1:${port}${WEBSOCKET_PATH}`,
    pollUrl: `http://127.0.0.1:${port}${POLL_PATH}`,
    admit(result) {
      admission = result;
    },
    async close() {
      await plane.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

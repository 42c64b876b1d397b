import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { SlowReader } from '../../load/slow-reader.ts';
import { SUBPROTOCOL } from '../../protocol/paths.ts';
import { OneGateway } from '../fakes/one-gateway.ts';

let gateway: OneGateway;
let url: string;
beforeEach(async () => {
  gateway = new OneGateway();
  url = await gateway.start();
});
afterEach(() => gateway.stop());

it('stops reading after a while, and reads on once it is stopped itself', async () => {
  const reader = new SlowReader(() => 0);
  const socket = new reader.webSocket(url.replace('http', 'ws'), [SUBPROTOCOL]) as unknown as WebSocket;
  await vi.waitFor(() => expect(socket.isPaused).toBe(true), { timeout: 5000 });
  reader.stop();
  await vi.waitFor(() => expect(socket.isPaused).toBe(false));
  socket.terminate();
});

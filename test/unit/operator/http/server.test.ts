import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { unhealthy } from '../../../../operator/http/health.ts';
import { createOperatorServer } from '../../../../operator/http/server.ts';

describe("the operator's port", () => {
  let why: string | null = null;
  const server = createOperatorServer({
    unhealthy: () => why,
    notReady: () => why,
    metrics: async () => {
      if (why !== null) throw new Error(why);
      return { type: 'text/plain; version=0.0.4', text: 'up 1\n' };
    },
  });
  const ask = async (path: string, method = 'GET'): Promise<string> => {
    if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, { method });
    return `${answer.status} ${(await answer.text()).trim()}`;
  };
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('answers probes, metrics, and what it does not have', async () => {
    why = null;
    expect(await ask('/healthz')).toBe('200 ok');
    expect(await ask('/readyz?verbose')).toBe('200 ok');
    expect(await ask('/metrics')).toBe('200 up 1');
    expect(await ask('/else')).toBe('404 There are /healthz, /readyz and /metrics.');
    expect(await ask('/metrics', 'POST')).toBe('405 GET only.');
    why = 'no';
    expect(await ask('/healthz')).toBe('503 no');
    expect(await ask('/readyz')).toBe('503 no');
    expect(await ask('/metrics')).toBe('500 It failed.');
  });
});

describe('health', () => {
  it('needs a restart when an informer or a loop has ended without a word, and says which', () => {
    const quiet = { staleMs: { pods: 60_000 }, silentMs: { 'default/chat': 300_000 } };
    expect(unhealthy(quiet)).toBeNull();
    expect(unhealthy({ ...quiet, staleMs: { pods: 901_000, chatclusters: 0 } })).toBe('the informer of pods has heard nothing for 901 s');
    expect(unhealthy({ ...quiet, silentMs: { 'default/chat': 601_000 } })).toBe('the loop of default/chat has begun no round for 601 s');
  });
});

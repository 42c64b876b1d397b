import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BrokerUnavailable } from '../../../../gateway/broker/broker.ts';
import { MemoryEngine } from '../../../../gateway/broker/memory/engine.ts';
import { openBroker } from '../../../../gateway/broker/open.ts';
import { serveBroker } from '../../../../gateway/broker/server.ts';

describe('openBroker', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'broker-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('memory: keeps as much history as it is told', async () => {
    const broker = await openBroker('memory:', { history: { maxMessages: 1, maxAgeMs: 60_000 } });
    for (const id of ['m1', 'm2']) await broker.publish('room', { id, member: 'ann', data: '1' });
    expect((await broker.page('room', null, 10)).messages.map(({ id }) => id)).toEqual(['m2']);
    await broker.close();
  });

  it('unix: reaches the broker that is served there', async () => {
    const path = join(folder, 'a socket: with spaces');
    const served = new MemoryEngine().connect();
    const server = await serveBroker(served, path);
    const broker = await openBroker(`unix:${path}`);
    await broker.publish('room', { id: 'm1', member: 'ann', data: '1' });
    expect((await served.head('room')).offset).toBe(1);
    await broker.close();
    await server.close();
    await served.close();
  });

  it('unix: says that nothing answers there', async () => {
    await expect(openBroker(`unix:${folder}/none`)).rejects.toThrow(BrokerUnavailable);
    await expect(openBroker(`unix:${folder}/none`)).rejects.toThrow(`No broker answers at ${folder}/none`);
  });

  it.each(['', 'memory', 'memory:x', 'unix:relative', 'kafka://somewhere', 'unix'])(
    'refuses "%s" and says what is possible',
    async (url) => {
      await expect(openBroker(url)).rejects.toThrow(`Unknown broker "${url}": use "memory:"`);
    },
  );
});

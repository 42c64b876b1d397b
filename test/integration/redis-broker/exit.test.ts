import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RedisServer } from '../../servers/redis/server.ts';

const OPEN = new URL('../../../gateway/broker/redis/open.ts', import.meta.url);
const TELEMETRY = new URL('../../../gateway/broker/telemetry.ts', import.meta.url);

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.start();
});
afterAll(() => server.stop());
afterEach(() => server.resume());

/** Opens a broker and uses it; closes it when it is told to, and then has nothing more to do. */
const program = (port: number) => `
  import { once } from 'node:events';
  import { openRedis } from ${JSON.stringify(OPEN.href)};
  import { newBrokerTelemetry } from ${JSON.stringify(TELEMETRY.href)};
  const ignore = () => {};
  const broker = await openRedis({
    place: { kind: 'server', address: { host: '127.0.0.1', port: ${port} } },
    access: { database: 0, tls: null },
    keyPrefix: 'exit:',
    durability: 'acknowledged',
    history: { maxMessages: 10, maxAgeMs: 60_000 },
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    telemetry: newBrokerTelemetry(),
  });
  await broker.subscribe('room', { message: ignore, event: ignore, presence: ignore });
  await broker.publish('room', { id: 'm1', member: 'ann', data: '1' });
  await broker.join('room', { member: 'ann', connection: 'c1' }, 60_000);
  console.log('open');
  await once(process.stdin, 'data');
  process.stdin.destroy();
  const pending = [broker.publish('room', { id: 'm2', member: 'ann', data: '1' }), broker.head('room')];
  await broker.close();
  console.log((await Promise.allSettled(pending)).map(({ status, reason }) => status + ' ' + reason?.name).join(', '));
`;

/** Runs it to its end; resolves to its last line and how it ended, how long after it was told to close, ms. */
async function run(
  beforeClose: () => Promise<unknown>,
): Promise<{ readonly lines: string[]; readonly code: number | null; readonly took: number }> {
  const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '--eval', program(server.port)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const lines: string[] = [];
    const output = createInterface({ input: child.stdout });
    const isOpen = once(output, 'line');
    output.on('line', (line) => lines.push(line));
    await isOpen;
    await beforeClose();
    const before = performance.now();
    child.stdin.write('close\n');
    const [code] = (await once(child, 'exit')) as [number | null];
    return { lines, code, took: performance.now() - before };
  } finally {
    child.kill('SIGKILL');
  }
}

describe('a process whose broker is closed', () => {
  it.each([
    { name: 'is there', beforeClose: async () => {} },
    { name: 'stands still', beforeClose: async () => server.pause() },
    { name: 'is gone', beforeClose: () => server.kill9() },
  ])('ends soon when Redis $name', async ({ beforeClose }) => {
    if (!server.running) await server.restart();
    const { lines, code, took } = await run(beforeClose);
    expect(lines).toEqual(['open', 'rejected BrokerUnavailable, rejected BrokerUnavailable']);
    expect(code).toBe(0);
    expect(took).toBeLessThan(1_500);
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OneGateway } from '../fakes/one-gateway.ts';

const COMMAND = fileURLToPath(new URL('../../bin/chatcluster.js', import.meta.url));

let gateway: OneGateway;
let url: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  gateway = new OneGateway();
  url = await gateway.start();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await gateway.stop();
});

function load(...args: string[]) {
  const child = spawn(process.execPath, [COMMAND, 'load', '--url', url, '--clients', '4', '--channels', '2', '--rate', '50', ...args]);
  children.push(child);
  let output = '';
  let errors = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  child.stderr.on('data', (data) => {
    errors += data;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, output, errors }));
  return { child, ended };
}

describe('chatcluster load', () => {
  it('prints a verdict as JSON with the keys that scripts rely on, and exits with 0', async () => {
    const { code, output } = await load('--duration', '1s', '--output', 'json').ended;
    const verdict = JSON.parse(output);
    expect(verdict).toMatchObject({
      sent: expect.any(Number),
      acknowledged: expect.any(Number),
      delivered: expect.any(Number),
      lost: 0,
      duplicated: 0,
      reordered: 0,
      neverCameBack: 0,
      latencyMs: { p50: expect.any(Number), p99: expect.any(Number), max: expect.any(Number) },
      longestSilenceMs: { p99: expect.any(Number), max: expect.any(Number) },
      reconnects: 0,
      migrations: 0,
      peakReconnectsPerSecond: 0,
    });
    expect(verdict.sent).toBeGreaterThan(0);
    expect(code).toBe(0);
  });

  it('exits with 1 when something was lost, and says so', async () => {
    gateway.fault = ({ position, ...message }) => (position.offset > 3 ? [] : [{ ...message, position }]);
    const { code, output } = await load('--duration', '1s', '--settle', '100ms').ended;
    expect(output).toMatch(/lost +[1-9]/);
    expect(output).toMatch(/The promises were not kept/);
    expect(code).toBe(1);
  });

  it('exits with 2 on a wrong argument, with a line for each', async () => {
    const { code, output, errors } = await load('--clients', '0', '--duration', 'long').ended;
    expect(errors).toBe(
      '--clients is "0": give a whole number from 1 to 100000\n--duration is "long": give a time such as 500ms, 60s, 5m or 1h\n',
    );
    expect([code, output]).toEqual([2, '']);
  });

  it('ends early at Ctrl-C, with the verdict so far', async () => {
    const { child, ended } = load('--duration', '10m', '--output', 'json');
    await expect.poll(() => gateway.stored, { timeout: 10_000 }).toBeGreaterThan(5);
    child.kill('SIGINT');
    const { code, output } = await ended;
    expect(JSON.parse(output)).toMatchObject({ lost: 0, neverCameBack: 0, clients: 4 });
    expect(code).toBe(0);
  });
});

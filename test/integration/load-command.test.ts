import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CliProcess } from '../fakes/cli-process.ts';
import { OneGateway } from '../fakes/one-gateway.ts';

let gateway: OneGateway;
let url: string;
const running: CliProcess[] = [];

beforeEach(async () => {
  gateway = new OneGateway();
  url = await gateway.start();
});
afterEach(async () => {
  for (const cli of running.splice(0)) {
    cli.kill('SIGKILL');
    await cli.ended;
  }
  await gateway.stop();
});

function load(...args: readonly string[]): CliProcess {
  const cli = new CliProcess(['load', '--url', url, '--clients', '4', '--channels', '2', '--rate', '50', ...args]);
  running.push(cli);
  return cli;
}

describe('chatcluster load', () => {
  it('prints a verdict as JSON with the keys that scripts rely on, and exits with 0', async () => {
    const { code, stdout } = await load('--duration', '1s', '--output', 'json').ended;
    const verdict = JSON.parse(stdout);
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
    const { code, stdout } = await load('--duration', '1s', '--settle', '100ms').ended;
    expect(stdout).toMatch(/lost +[1-9]/);
    expect(stdout).toMatch(/The promises were not kept/);
    expect(code).toBe(1);
  });

  it('exits with 2 on a wrong argument, with a line for each', async () => {
    const { code, stdout, stderr } = await load('--clients', '0', '--duration', 'long').ended;
    expect(stderr).toBe(
      '--clients is "0": give a whole number from 1 to 100000\n--duration is "long": give a time such as 500ms, 60s, 5m or 1h\n',
    );
    expect([code, stdout]).toEqual([2, '']);
  });

  it('ends early at Ctrl-C, with the verdict so far', async () => {
    const cli = load('--duration', '10m', '--output', 'json');
    await expect.poll(() => gateway.stored, { timeout: 10_000 }).toBeGreaterThan(5);
    cli.kill('SIGINT');
    const { code, stdout } = await cli.ended;
    expect(JSON.parse(stdout)).toMatchObject({ lost: 0, neverCameBack: 0, clients: 4 });
    expect(code).toBe(0);
  });
});

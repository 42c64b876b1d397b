import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Benchmark } from '../benchmark.ts';

const root = new URL('../../', import.meta.url);
const CLIENTS = 1_000_000;

/** CPU seconds of `chatcluster simulate`, its start included. */
async function simulateDay(duration: string): Promise<number> {
  const args = ['simulate', '-f', 'examples/million.yaml', '--profile', 'diurnal', '--clients', String(CLIENTS), '--duration', duration];
  const child = spawn(
    process.execPath,
    ['--import', new URL('bench/report-cpu.mjs', root).href, 'bin/chatcluster.js', ...args, '--output', 'json'],
    {
      cwd: fileURLToPath(root),
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    },
  );
  const exited = once(child, 'exit');
  const [errors, cpu] = await Promise.all([text(child.stderr as Readable), text(child.stdio[3] as Readable)]);
  const [code] = await exited;
  if (code !== 0) throw new Error(`chatcluster ${args.join(' ')} ended with ${code}: ${errors}`);
  return Number(cpu);
}

export const simulate: Benchmark = {
  name: 'simulate',
  title: 'simulating 24 h of a million-client day with a tick a second',
  run: async ({ quick, progress }) => {
    const runs: number[] = [];
    for (let run = 1; run <= (quick ? 1 : 3); run++) {
      progress(`run ${run}`);
      runs.push(await simulateDay(quick ? '1h' : '24h'));
    }
    return {
      unit: 'CPU s',
      subjects: [{ name: 'simulate', runs }],
      bounds: [{ subject: 'simulate', kind: 'at most', value: 60 }],
      notes: quick ? ['With --quick: 1 h only.'] : [],
    };
  },
};

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Benchmark } from '../benchmark.ts';

const root = new URL('../../', import.meta.url);
const CLIENTS = 1_000_000;

/** CPU seconds of `chatcluster simulate`, its start included. */
async function simulateDay(duration: string, more: readonly string[]): Promise<number> {
  const day = ['--profile', 'diurnal', '--clients', String(CLIENTS), '--duration', duration];
  const args = ['simulate', '-f', 'examples/million.yaml', ...day, ...more];
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
    const alone: number[] = [];
    const compared: number[] = [];
    const duration = quick ? '1h' : '24h';
    for (let run = 1; run <= (quick ? 1 : 3); run++) {
      progress(`run ${run}`);
      alone.push(await simulateDay(duration, []));
      compared.push(await simulateDay(duration, ['--against', 'hpa,keda,knative']));
    }
    return {
      unit: 'CPU s',
      subjects: [
        { name: 'simulate', runs: alone },
        { name: 'simulate, HPA, KEDA and Knative too', runs: compared },
      ],
      bounds: [{ subject: 'simulate, HPA, KEDA and Knative too', kind: 'at most', value: 60 }],
      notes: quick ? ['With --quick: 1 h only.'] : [],
    };
  },
};

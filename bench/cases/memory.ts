import type { Benchmark, Subject } from '../benchmark.ts';
import { BenchProcess } from '../processes.ts';
import { type ServerName, startServer } from '../servers/servers.ts';

const COMPARED: readonly ServerName[] = ['plain', 'gateway'];
/** Connected and gone again before the first measurement, so that code and pools are there. */
const WARM_UP = 500;

/** Resident KiB an idle connection. */
async function residentPerConnection(name: ServerName, subscribers: number): Promise<number> {
  await using server = await startServer(name, ['--expose-gc']);
  await using client = BenchProcess.start('./client/main.ts');
  const open = (count: number): Promise<void> =>
    client.ask('open', { name, crowd: { ports: [server.port], subscribers: count, channels: 1_000, publishers: 0 } });
  await open(WARM_UP);
  await client.ask('close', name);
  const before = await server.process.ask<number>('memory');
  await open(subscribers);
  const after = await server.process.ask<number>('memory');
  await client.ask('close', name);
  return (after - before) / subscribers / 1_024;
}

export const memory: Benchmark = {
  name: 'memory',
  title: 'resident memory an idle connection, 10,000 of them, each subscribed to one of 1,000 channels',
  run: async ({ quick, progress }) => {
    const subjects: Subject[] = [];
    const runs = new Map(COMPARED.map((name) => [name, [] as number[]]));
    for (let round = 1; round <= (quick ? 1 : 3); round++) {
      for (const name of COMPARED) {
        progress(`${name}, run ${round}`);
        runs.get(name)?.push(await residentPerConnection(name, quick ? 2_000 : 10_000));
      }
    }
    for (const [name, values] of runs) subjects.push({ name, runs: values });
    return {
      unit: 'KiB',
      subjects,
      bounds: [{ subject: 'gateway', kind: 'at most', value: 1.4, times: 'plain' }],
      notes: quick ? ['With --quick: 2,000 connections.'] : [],
    };
  },
};

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { GATEWAY_ENV } from '../../protocol/gateway-env.ts';
import type { Benchmark } from '../benchmark.ts';
import { buildGateway } from '../gateway-build.ts';

const environment = {
  [GATEWAY_ENV.port]: '0',
  [GATEWAY_ENV.adminPort]: '0',
  [GATEWAY_ENV.logLevel]: 'warn',
  // As a child of the local fleet, it tells its parent when it is ready.
  CHATCLUSTER_CHILD: '1',
};

/** From the process' start until it says that it is ready, ms. */
async function readyAfter(entry: string): Promise<number> {
  const start = performance.now();
  const child = fork(entry, { env: { ...process.env, ...environment }, execArgv: [] });
  const exited = once(child, 'exit');
  try {
    const first = await Promise.race([once(child, 'message'), exited]);
    const ready = performance.now() - start;
    if ((first[0] as { kind?: string } | null)?.kind !== 'ready') throw new Error(`${entry} ended with ${first[0]} before it was ready.`);
    return ready;
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
}

export const startup: Benchmark = {
  name: 'startup',
  title: 'from the start of a process until it is ready',
  run: async ({ quick, progress }) => {
    progress('the gateway is compiled');
    const entries = { libraries: fileURLToPath(new URL('../servers/libraries.mjs', import.meta.url)), gateway: buildGateway() };
    const runs = { libraries: [] as number[], gateway: [] as number[] };
    // The first ones fill the caches of the disk and of the compiler.
    for (let run = 0; run <= (quick ? 3 : 15); run++) {
      progress(`run ${run}`);
      for (const name of ['libraries', 'gateway'] as const) {
        const ms = await readyAfter(entries[name]);
        if (run > 0) runs[name].push(ms);
      }
    }
    return {
      unit: 'ms',
      subjects: [
        { name: 'libraries', runs: runs.libraries },
        { name: 'gateway', runs: runs.gateway },
      ],
      bounds: [{ subject: 'gateway', kind: 'at most', value: 1.5, times: 'libraries' }],
      notes: [
        'libraries: a bare process that imports the same libraries and listens. gateway: as it is published, compiled to JavaScript.',
      ],
    };
  },
};

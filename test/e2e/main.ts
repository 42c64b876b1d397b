import { parseArgs } from 'node:util';
import { kept, type Verdict } from '../../load/verdict.ts';
import { chartTools, kubeBinaries } from '../kube/binaries.ts';
import { importImages } from './image.ts';
import { CLIENTS, SCENARIOS, type Scenario } from './scenarios.ts';
import { LAB } from './tools.ts';
import { World } from './world.ts';

const USAGE = `Usage: node test/e2e/main.ts [--image REPOSITORY:TAG] [--valkey-image REPOSITORY:TAG] [--only A,B]
Runs scenarios against the cluster that kubectl reaches, which must have the image, also under the tag "next".
With CHATCLUSTER_KUBE_SH, the script of a cluster on this machine, images are made and imported unless they are named.
Scenarios: ${SCENARIOS.map(({ name }) => name).join(', ')}`;

const { values } = parseArgs({
  options: {
    image: { type: 'string' },
    'valkey-image': { type: 'string' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(USAGE);
else process.exitCode = await main();

async function main(): Promise<number> {
  const own = LAB === undefined || values.image !== undefined ? null : await importImages();
  const world = new World({
    image: own?.image ?? values.image ?? 'chatcluster:e2e',
    valkeyImage: own?.valkeyImage ?? values['valkey-image'] ?? null,
    ...(LAB === undefined
      ? { helm: 'helm', kubectl: 'kubectl' }
      : { helm: (await chartTools()).helm, kubectl: (await kubeBinaries()).kubectl }),
  });
  const chosen = values.only?.split(',') ?? SCENARIOS.map(({ name }) => name);
  let failed = 0;
  for (const scenario of SCENARIOS.filter(({ name }) => chosen.includes(name))) {
    const fine = await runOne(world, scenario);
    if (!fine) failed += 1;
    // Nothing that follows would mean anything.
    if (!fine && scenario.name === 'install') break;
  }
  console.log(failed === 0 ? 'All as it should be.' : `${failed} failed.`);
  return failed === 0 ? 0 : 1;
}

/** Whether it went as it should. Prints one line, or why not. */
async function runOne(world: World, scenario: Scenario): Promise<boolean> {
  const { name, needs, during, alone } = scenario;
  const missing = (needs === 'the lab' && LAB === undefined) || (needs !== undefined && (await world.otherNodes()).length === 0);
  if (missing) {
    console.log(`skipped  ${name}: needs ${needs}`);
    return true;
  }
  const start = performance.now();
  const took = () => `${((performance.now() - start) / 1_000).toFixed(0)} s`;
  try {
    await alone?.(world);
    const verdict = during === undefined ? null : await world.underLoad(CLIENTS, () => during(world));
    const fine = verdict === null || kept(verdict);
    console.log(`${fine ? 'ok     ' : 'FAILED '}  ${name}: ${took()}${verdict === null ? '' : `; ${told(verdict)}`}`);
    return fine;
  } catch (error) {
    console.log(`FAILED   ${name}: ${took()}; ${error instanceof Error ? error.message : error}`);
    return false;
  }
}

function told(verdict: Verdict): string {
  const { lost, duplicated, reordered, neverCameBack, gaps, migrations, reconnects, longestSilenceMs, peakReconnectsPerSecond } = verdict;
  return `${lost} lost, ${duplicated} duplicated, ${reordered} reordered, ${neverCameBack} never came back, ${gaps} gaps, ${migrations} migrations, ${reconnects} reconnects, longest silence ${longestSilenceMs.max} ms, at most ${peakReconnectsPerSecond} reconnects/s`;
}

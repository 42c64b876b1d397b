import { parseArgs } from 'node:util';
import { holdsPromises } from './load-faults.ts';
import { killOperators } from './operator-kills.ts';
import { OperatorWorld } from './operator-world.ts';

/** `node test/kube/kill-operators.ts [--kills 50] [--seed 1] [--clients 60]`: exits with 1 unless all was as if no operator had been killed. */
const { values } = parseArgs({
  options: { kills: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' }, clients: { type: 'string', default: '60' } },
});
const began = performance.now();
const say = (line: string) => console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${line}`);
const world = await OperatorWorld.open();
try {
  const options = { kills: Number(values.kills), seed: Number(values.seed), clients: Number(values.clients), say };
  const { verdict, steps, longestTakeoverMs } = await killOperators(world, await world.subject(), options);
  say(`${options.kills} kills in ${steps} steps; the longest time without an operator: ${Math.round(longestTakeoverMs)} ms`);
  console.log(JSON.stringify(verdict, null, 2));
  process.exitCode = holdsPromises(verdict) ? 0 : 1;
} finally {
  await world.stop();
}

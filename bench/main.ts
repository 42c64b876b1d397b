import { Command, Option } from 'commander';
import { type Benchmark, keeps } from './benchmark.ts';
import { ceiling } from './cases/ceiling.ts';
import { manyChannels, oneChannel } from './cases/fan-out.ts';
import { memory } from './cases/memory.ts';
import { operator } from './cases/operator.ts';
import { redisFanOut } from './cases/redis-fan-out.ts';
import { redisMemory } from './cases/redis-memory.ts';
import { redisPublish } from './cases/redis-publish.ts';
import { redisResume } from './cases/redis-resume.ts';
import { redisRoundTrips } from './cases/redis-round-trips.ts';
import { simulate } from './cases/simulate.ts';
import { startup } from './cases/startup.ts';
import { jsonResult, table } from './table.ts';

const BENCHMARKS: readonly Benchmark[] = [
  oneChannel,
  manyChannels,
  ceiling,
  memory,
  startup,
  simulate,
  operator,
  redisRoundTrips,
  redisPublish,
  redisFanOut,
  redisResume,
  redisMemory,
];

interface Options {
  readonly list?: true;
  readonly quick?: true;
  readonly output: 'text' | 'json';
}

const command = new Command('bench')
  .description('Measures ChatCluster beside its floors. Exit code 1: a bound was missed, or a benchmark failed.')
  .argument('[name...]', 'the benchmarks to run (default: all)')
  .option('--list', 'list the benchmarks and end')
  .option('--quick', 'one short run of each instead of three: shows that it works, the figures are rough')
  .addOption(new Option('--output <form>', 'how to print the results').choices(['text', 'json']).default('text'))
  .action(main);

async function main(names: string[], options: Options): Promise<void> {
  if (options.list === true) {
    for (const { name, title } of BENCHMARKS) console.log(`${name.padEnd(18)} ${title}`);
    return;
  }
  const unknown = names.filter((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));
  if (unknown.length > 0)
    command.error(`Unknown benchmark ${unknown.join(', ')}: \`npm run bench -- --list\` lists them.`, { exitCode: 2 });
  const results: unknown[] = [];
  for (const benchmark of BENCHMARKS) {
    if (names.length > 0 && !names.includes(benchmark.name)) continue;
    try {
      const result = await benchmark.run({ quick: options.quick === true, progress: (text) => progress(`${benchmark.name}: ${text}`) });
      progress('');
      if (!result.bounds.every((bound) => keeps(result, bound))) process.exitCode = 1;
      if (options.output === 'text') console.log(`${table(benchmark, result)}\n`);
      results.push(jsonResult(benchmark, result));
    } catch (error) {
      progress('');
      process.exitCode = 1;
      console.error(`${benchmark.name} failed: ${error instanceof Error ? error.stack : error}\n`);
      results.push({ name: benchmark.name, error: String(error) });
    }
  }
  if (options.output === 'json') console.log(JSON.stringify({ node: process.version, results }, null, 2));
}

/** One line that is written over, and only where somebody sees it. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

await command.parseAsync();

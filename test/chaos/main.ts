import { Command, Option } from 'commander';
import { onInterrupt } from '../../cli/up/interrupts.ts';
import { BREAKAGES } from './break/breaks.ts';
import { applyPatches } from './break/patch.ts';
import { BREAKS, CHAOS_DEFAULTS, type ChaosArguments, type ChaosOptions, chaosOptions, commandLine, REDIS_KINDS } from './options.ts';
import { planRun } from './plan-run.ts';
import { brokenText, faultLine, planText, resultText } from './report.ts';

type Words = ChaosArguments & { readonly plan?: true };

const command = new Command('chaos')
  .description(
    'Runs gateways and clients against a real Redis while a nemesis does its worst, and checks that D1–D4 held. The seed repeats the schedule.',
  )
  .option('--seed <n>', 'what decides the faults and the load', CHAOS_DEFAULTS.seed)
  .option('--duration <time>', 'how long there are load and faults (30s, 10m)', CHAOS_DEFAULTS.duration)
  .option('--redis <kind>', `the Redis: ${REDIS_KINDS.join(', ')}`, CHAOS_DEFAULTS.redis)
  .option('--durability <level>', 'acknowledged or replicated', CHAOS_DEFAULTS.durability)
  .option('--clients <n>', 'clients', CHAOS_DEFAULTS.clients)
  .option('--channels <n>', 'channels', CHAOS_DEFAULTS.channels)
  .option('--rate <n>', 'messages a second, in all', CHAOS_DEFAULTS.rate)
  .option('--gateways <n>', 'gateways at the start', CHAOS_DEFAULTS.gateways)
  .option('--history <n>', 'messages that a channel keeps', CHAOS_DEFAULTS.history)
  .option('--faults <parts>', 'only faults whose names contain one of these, with commas between', CHAOS_DEFAULTS.faults)
  .option('--settle <time>', 'how long the end may take until every client has everything', CHAOS_DEFAULTS.settle)
  .option('--log <file>', 'write down what the clients saw, a JSON line an event')
  .option('--plan', 'print what would happen, and end')
  .addOption(new Option('--break <what>', `break a guarantee on purpose, and see that it is found: ${BREAKS.join(', ')}`))
  .addHelpText(
    'after',
    '\nExit codes: 0 no violation (with --break: it was found), 1 the opposite, 2 a wrong option, 3 the run itself failed, 130 it was stopped.',
  )
  .action(main);

async function main(words: Words): Promise<void> {
  const options = readOptions(words);
  if (words.plan === true) {
    process.stdout.write(planText(planRun(options)));
    return;
  }
  const stopping = new AbortController();
  const off = onInterrupt(
    () => {
      console.error('Stopping everything; once more to end at once.');
      stopping.abort();
    },
    () => process.exit(130),
  );
  try {
    await judge(options, words, stopping.signal);
  } catch (error) {
    if (!stopping.signal.aborted) console.error(error instanceof Error ? error.stack : error);
    process.exitCode = stopping.signal.aborted ? 130 : 3;
  } finally {
    off();
  }
}

async function judge(options: ChaosOptions, words: Words, signal: AbortSignal): Promise<void> {
  const broken = options.break === null ? null : BREAKAGES[options.break];
  if (broken !== null) {
    console.log(`Broken on purpose: ${broken.what}.`);
    applyPatches(broken.client);
  }
  // Only now, since it loads the SDK, which may have been patched.
  const { isWhole, runChaos } = await import('./run.ts');
  const result = await runChaos(
    options,
    {
      phase: (text) => console.log(`         — ${text}`),
      fault: (at, fault, target) => console.log(faultLine(at, fault, target)),
    },
    signal,
  );
  const isAsExpected = broken === null ? isWhole(result) : result.verdict.found[broken.kind] !== undefined;
  console.log(broken === null ? resultText(result) : brokenText(result, broken));
  if (!isAsExpected) {
    console.log(`The same run: ${commandLine(words)}`);
    process.exitCode = 1;
  }
}

function readOptions(words: Words): ChaosOptions {
  try {
    return chaosOptions(words);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return command.error(`error: ${error.message}`, { exitCode: 2 });
  }
}

await command.parseAsync();
// All is stopped; Node's own teardown sometimes never ends when sockets of the clients were cut in mid-course.
process.exit();

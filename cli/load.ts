import { Command, Option } from 'commander';
import { LOAD_DEFAULTS, type LoadArguments, type LoadOptions, loadOptions } from '../load/options.ts';
import { progressLine, verdictText } from '../load/report.ts';
import { runLoad } from '../load/run.ts';
import { kept } from '../load/verdict.ts';
import { Failure } from './failure.ts';
import { ProgressLine } from './progress-line.ts';
import { onInterrupt } from './up/interrupts.ts';

/** `chatcluster load`: clients against a cluster, then a verdict. Exits with 1 unless the promises were kept. */
export function loadCommand(): Command {
  return new Command('load')
    .description('Run clients against a cluster, and judge what they saw: nothing lost, duplicated or reordered, and all came back.')
    .option('--url <url>', 'the cluster', LOAD_DEFAULTS.url)
    .option('--clients <n>', 'clients', LOAD_DEFAULTS.clients)
    .option('--channels <n>', 'channels; client i is in channel i modulo n', LOAD_DEFAULTS.channels)
    .option('--rate <n>', 'messages per second, in all', LOAD_DEFAULTS.rate)
    .option('--duration <time>', 'how long to publish (500ms, 60s, 5m, 1h)', LOAD_DEFAULTS.duration)
    .option('--transport <name>', 'websocket or longpoll', LOAD_DEFAULTS.transport)
    .option('--slow-clients <n>', 'how many of the clients read slowly', LOAD_DEFAULTS.slowClients)
    .option('--size <bytes>', "size of a message's data", LOAD_DEFAULTS.size)
    .option('--connect-rate <n>', 'clients that connect per second at the beginning', LOAD_DEFAULTS.connectRate)
    .option('--seed <n>', 'repeats who publishes when', LOAD_DEFAULTS.seed)
    .option('--settle <time>', 'the longest wait at the end for what is under way', LOAD_DEFAULTS.settle)
    .addOption(new Option('--output <format>', 'of the verdict').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      '\nExit codes: 0 the promises were kept, 1 they were not, or the run failed, 2 a wrong argument.\nCtrl-C ends the run early, with the verdict so far; a second one ends it at once.',
    )
    .action(async (words: LoadArguments & { readonly output: 'text' | 'json' }) => {
      process.exitCode = await load(words);
    });
}

async function load(words: LoadArguments & { readonly output: 'text' | 'json' }): Promise<number> {
  const options = optionsOf(words);
  const interrupted = new AbortController();
  const stopListening = onInterrupt(
    () => interrupted.abort(),
    () => process.exit(1),
  );
  const line = new ProgressLine(process.stderr);
  try {
    const verdict = await runLoad(options, interrupted.signal, (progress) => line.show(progressLine(progress), progress.elapsedMs));
    line.clear();
    process.stdout.write(words.output === 'json' ? `${JSON.stringify(verdict, null, 2)}\n` : verdictText(verdict));
    return kept(verdict) ? 0 : 1;
  } finally {
    line.clear();
    stopListening();
  }
}

function optionsOf(words: LoadArguments): LoadOptions {
  try {
    return loadOptions(words);
  } catch (error) {
    throw new Failure(error instanceof Error ? error.message : String(error), 2);
  }
}

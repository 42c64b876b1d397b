import { Command, Option } from 'commander';
import { type SimulationWords, simulationOptions } from '../operator/simulate/options.ts';
import { PROFILE_NAMES, PROFILES } from '../operator/simulate/profiles.ts';
import { reportJson, reportText } from '../operator/simulate/report.ts';
import { runSimulation } from '../operator/simulate/run.ts';
import { Failure } from './failure.ts';
import { ResourceFile } from './up/resource-file.ts';

interface SimulateOptions extends SimulationWords {
  readonly file: string;
  readonly output: 'text' | 'json';
}

const PROFILE_LINES = PROFILE_NAMES.map((name) => `  ${name.padEnd(14)}${PROFILES[name].description}`).join('\n');

/** `chatcluster simulate`: a ChatCluster with modelled clients in virtual time, decided by the very same code as a real one. */
export function simulateCommand(): Command {
  return new Command('simulate')
    .description('Run a ChatCluster with modelled clients in virtual time, and show what it costs and what its clients would notice.')
    .requiredOption('-f, --file <path>', 'the ChatCluster, such as examples/million.yaml')
    .addOption(new Option('--profile <name>', 'what the clients do').choices([...PROFILE_NAMES]).default('office-hours'))
    .option('--duration <time>', 'how long, from midnight (90s, 30m, 24h)', '24h')
    .option('--clients <n>', 'clients in all (default: four fifths of what maxReplicas hold at the target)')
    .option('--startup <time>', 'until a new gateway is ready', '10s')
    .option('--seed <n>', 'the same seed gives the same run', '1')
    .addOption(new Option('-o, --output <format>', 'of the result').choices(['text', 'json']).default('text'))
    .addHelpText('after', `\nProfiles:\n${PROFILE_LINES}\n\nExit codes: 0 simulated, 2 a wrong argument or file.`)
    .action(simulate);
}

async function simulate(words: SimulateOptions): Promise<void> {
  const parsed = await new ResourceFile(words.file).read();
  if (parsed.kind === 'invalid') throw new Failure(parsed.errors.map((error) => error.message).join('\n'), 2);
  const options = optionsOf(parsed.cluster, words);
  const progress = new PercentOnTerminal(process.stderr);
  const result = await runSimulation(options, (share) => progress.show(share));
  progress.clear();
  process.stdout.write(`${words.output === 'json' ? reportJson(result) : reportText(result)}\n`);
}

function optionsOf(...args: Parameters<typeof simulationOptions>): ReturnType<typeof simulationOptions> {
  try {
    return simulationOptions(...args);
  } catch (error) {
    throw new Failure(error instanceof Error ? error.message : String(error), 2);
  }
}

/** How far it is, on one line that changes; nothing where nobody watches. */
class PercentOnTerminal {
  readonly #stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(share: number): void {
    if (this.#stream.isTTY) this.#stream.write(`\r\x1b[2K${Math.floor(share * 100)} %`);
  }

  clear(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\x1b[2K');
  }
}

import { access, constants, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Command, Option } from 'commander';
import { type SimulationWords, simulationOptions } from '../operator/simulate/options.ts';
import { reportPage } from '../operator/simulate/page/page.ts';
import { PEER_NAMES } from '../operator/simulate/peers/peer.ts';
import { PROFILE_NAMES, PROFILES } from '../operator/simulate/profiles.ts';
import { reportJson, reportText } from '../operator/simulate/report.ts';
import { runSimulation } from '../operator/simulate/run.ts';
import { parseTrace, type Trace } from '../operator/simulate/trace/trace.ts';
import { Failure } from './failure.ts';
import { ResourceFile } from './up/resource-file.ts';

interface SimulateOptions extends SimulationWords {
  readonly file: string;
  readonly trace?: string;
  readonly html?: string;
  readonly output: 'text' | 'json';
}

const PROFILE_LINES = PROFILE_NAMES.map((name) => `  ${name.padEnd(14)}${PROFILES[name].description}`).join('\n');

const MORE = `
Profiles:
${PROFILE_LINES}

Traces: a CSV file that begins with the line "seconds,connections" (clients that want to be online then) or "seconds,arrivals" (clients that come
in each second from then on), or what "chatcluster record" wrote.

Others, by their published rules and with the same clients and gateways: hpa (HorizontalPodAutoscaler), keda (its Prometheus scaler), knative
(its Pod autoscaler). What the model takes for granted is printed with the result; docs/simulate.md explains it.

Exit codes: 0 simulated, 1 the page could not be written, 2 a wrong argument or file.`;

/** `chatcluster simulate`: a ChatCluster with modelled clients in virtual time, decided by the very same code as a real one; others beside it. */
export function simulateCommand(): Command {
  return new Command('simulate')
    .description('Run a ChatCluster with modelled clients in virtual time, and show what it costs and what its clients would notice.')
    .requiredOption('-f, --file <path>', 'the ChatCluster, such as examples/million.yaml')
    .option('--profile <name>', 'what the clients do (default: office-hours)')
    .option('--trace <path>', 'what the clients did: a CSV file, or a recording')
    .option('--against <names>', `compare with others: ${PEER_NAMES.join(', ')}, or several with commas`)
    .option('--duration <time>', 'how long, from midnight (90s, 30m); default 24h, or the length of the trace')
    .option('--start <day>', 'the day of that midnight (UTC), for schedules (default: 2026-01-01, a Thursday)')
    .option('--clients <n>', 'clients in all (default: four fifths of what maxReplicas hold at the target)')
    .option('--startup <time>', 'until a new gateway is ready', '10s')
    .option('--messages <n>', 'messages a second that a connection takes and writes, for metrics of MessageRate')
    .option('--seed <n>', 'the same seed gives the same run', '1')
    .option('--html <path>', 'write a page with plots and figures there, too')
    .addOption(new Option('-o, --output <format>', 'of the result').choices(['text', 'json']).default('text'))
    .addHelpText('after', MORE)
    .action(simulate);
}

async function simulate(words: SimulateOptions): Promise<void> {
  const parsed = await new ResourceFile(words.file).read();
  if (parsed.kind === 'invalid') throw new Failure(parsed.errors.map((error) => error.message).join('\n'), 2);
  const trace = words.trace === undefined ? null : await readTrace(words.trace);
  const options = wrongWords(() => simulationOptions(parsed.cluster, words, trace));
  if (words.html !== undefined) await mustBeWritable(words.html);
  const progress = new PercentOnTerminal(process.stderr);
  const result = await runSimulation(options, (share) => progress.show(share));
  progress.clear();
  if (words.html !== undefined) await writePage(words.html, reportPage(result));
  process.stdout.write(`${words.output === 'json' ? reportJson(result) : reportText(result)}\n`);
}

async function readTrace(path: string): Promise<Trace> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new Failure(`--trace ${path}: there is no such file.`, 2);
    if (code === 'EISDIR') throw new Failure(`--trace ${path} is a folder; name a CSV file or a recording.`, 2);
    throw new Failure(`--trace ${path} can't be read: ${message}`, 2);
  }
  return wrongWords(() => parseTrace(text, path));
}

/** Nobody waits for a simulation whose page then can't be written. */
async function mustBeWritable(path: string): Promise<void> {
  if (
    await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    )
  )
    throw new Failure(`--html ${path} is a folder; name a file in it, such as ${join(path, 'simulation.html')}.`, 2);
  try {
    await access(dirname(path), constants.W_OK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Failure(`--html ${path}: ${code === 'ENOENT' ? `there is no folder ${dirname(path)}; make it first.` : message}`, 2);
  }
}

async function writePage(path: string, page: string): Promise<void> {
  try {
    await writeFile(path, page);
  } catch (error) {
    throw new Failure(`--html ${path} can't be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What the words or the trace have wrong ends the command with exit code 2. */
function wrongWords<T>(read: () => T): T {
  try {
    return read();
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

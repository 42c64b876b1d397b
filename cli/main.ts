import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { COMMANDS } from './commands.ts';
import { Failure } from './failure.ts';

const EXIT_CODES = `
Exit codes: 0 done, 1 it failed or a promise was not kept, 2 a wrong argument or file.
CHATCLUSTER_DEBUG=1 shows where an error comes from.`;

/** Runs `chatcluster` with these arguments (without the program's name); resolves to the exit code. Prints errors as one line. */
export async function main(args: readonly string[]): Promise<number> {
  // Whoever read the output (a pager, `head`) has seen enough.
  process.stdout.on('error', () => process.exit(0));
  try {
    const program = await programFor(args[0] === 'help' ? args[1] : args[0]);
    await program.parseAsync([...args], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return exitCodeOf(error);
  }
}

/** The program with the one command that is called; of the others only names and summaries, so that help comes at once. */
async function programFor(called: string | undefined): Promise<Command> {
  const program = new Command('chatcluster')
    .description('Autoscaling for live chat that no user notices.')
    .version(version(), '-V, --version')
    .addHelpText('after', EXIT_CODES)
    .exitOverride();
  const wanted = COMMANDS.find(({ name }) => name === called);
  if (wanted !== undefined) program.addCommand((await wanted.load()).copyInheritedSettings(program));
  for (const { name, summary } of COMMANDS) if (name !== called) program.command(name).summary(summary).description(summary);
  return program;
}

function exitCodeOf(error: unknown): number {
  // Commander has printed what it had to say; asking for help or the version is no error.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const debug = (process.env.CHATCLUSTER_DEBUG ?? '') !== '';
  const message = error instanceof Error ? (debug ? error.stack : error.message) : String(error);
  process.stderr.write(`${message}\n`);
  return error instanceof Failure ? error.exitCode : 1;
}

function version(): string {
  // In a checkout the package's root is one folder up, in the build two.
  for (const path of ['../package.json', '../../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { version: string }).version;
    } catch {}
  }
  return 'unknown';
}

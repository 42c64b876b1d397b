import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { COMMANDS } from './commands.ts';
import { Failure } from './failure.ts';
import { commandFirst, headingOf, inOrder, type Program } from './program.ts';

const EXIT_CODES = `
Exit codes: 0 done, 1 it failed or a promise was not kept, 2 a wrong argument or file.
CHATCLUSTER_DEBUG=1 shows where an error comes from.`;

/** Runs the CLI, called by this name, with these arguments; resolves to the exit code. Prints errors as one line. */
export async function main(words: readonly string[], called: Program): Promise<number> {
  const args = commandFirst(words);
  // Whoever read the output (a pager, `head`) has seen enough.
  process.stdout.on('error', () => process.exit(0));
  try {
    const program = await programFor(called, args[0] === 'help' ? args[1] : args[0]);
    await program.parseAsync([...args], { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return exitCodeOf(error);
  }
}

/** The program with the one command that is called; of the others only names and summaries, so that help comes at once. */
async function programFor(called: Program, command: string | undefined): Promise<Command> {
  const program = new Command(called)
    .description('Autoscaling for live chat that no user notices.')
    .version(version(), '-V, --version')
    .addHelpText('after', EXIT_CODES)
    .exitOverride();
  for (const { name, summary, home, load } of inOrder(COMMANDS, called)) {
    const added = name === command ? (await load(called)).copyInheritedSettings(program) : new Command(name).description(summary);
    program.addCommand(added.summary(summary).helpGroup(headingOf(home, called)));
  }
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

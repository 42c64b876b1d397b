import { Command } from 'commander';
import { kubeTargetOf, type TargetOptions, withTarget } from './kube/target.ts';
import type { Program } from './program.ts';

interface PauseOptions extends TargetOptions {
  readonly up?: true;
  readonly down?: true;
}

const EXIT_CODES = '\nExit codes: 0 done, 1 it could not be, 2 a wrong argument.';

/** `pause [NAME]`: no scaling, in one direction or both. */
export function pauseCommand(program: Program): Command {
  const command = new Command('pause')
    .description(
      'Stop scaling until "resume": the number of gateways stays as it is. minReplicas and maxReplicas hold all the same, and gateways that die are replaced; rollouts, rebalancing and drains that somebody asks for go on.',
    )
    .option('--up', 'no gateway more, however the load rises')
    .option('--down', 'no gateway less, however the load falls');
  return withName(command, program, 'pause');
}

/** `resume [NAME]`: scaling again, in one direction or both. */
export function resumeCommand(program: Program): Command {
  const command = new Command('resume')
    .description('Let scaling go on after "pause".')
    .option('--up', 'only upwards')
    .option('--down', 'only downwards');
  return withName(command, program, 'resume');
}

function withName(command: Command, program: Program, verb: 'pause' | 'resume'): Command {
  command
    .argument('[name]', 'the ChatCluster; may be left out where its namespace has only one')
    .action(async (name: string | undefined, options: PauseOptions) => {
      const choice = kubeTargetOf(options, program, verb);
      const { up = false, down = false } = options;
      const directions = up === down ? { up: true, down: true } : { up, down };
      const { setPaused } = await import('./kube/pause.ts');
      await setPaused(name, choice, verb, directions);
    });
  return withTarget(command, program, { local: false }).addHelpText('after', EXIT_CODES);
}

import { Command } from 'commander';
import { ConsoleClient } from './console-client.ts';
import { type TargetOptions, targetOf, withTarget } from './kube/target.ts';
import type { Program } from './program.ts';

/** `uncordon GATEWAY`: takes back the drain that somebody asked for. */
export function uncordonCommand(program: Program): Command {
  const command = new Command('uncordon')
    .description('Take back a drain that somebody asked for: the gateway takes connections again. Those that were asked to move still go.')
    .argument('<gateway>', `its name, as "${program} status" shows it; on Kubernetes the Pod's`)
    .action((gateway: string, options: TargetOptions) => uncordon(gateway, options, program));
  return withTarget(command, program, { local: true }).addHelpText(
    'after',
    '\nExit codes: 0 taken back, 1 it could not be, 2 a wrong argument.',
  );
}

async function uncordon(gateway: string, options: TargetOptions, program: Program): Promise<void> {
  const target = targetOf(options, program);
  if (target.kind === 'kubernetes') {
    const { uncordonOnKubernetes } = await import('./kube/uncordon.ts');
    await uncordonOnKubernetes(gateway, target.choice);
    return;
  }
  await new ConsoleClient(target.url).uncordon(gateway);
  process.stdout.write(`${gateway} takes connections again.\n`);
}

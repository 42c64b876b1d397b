import { Command } from 'commander';
import { kubeTargetOf, type TargetOptions, withTarget } from './kube/target.ts';
import type { Program } from './program.ts';

/** `explain [NAME]`: why this many gateways, and why this one goes. */
export function explainCommand(program: Program): Command {
  const command = new Command('explain')
    .description(
      'Say why there are this many gateways (each reason and limit), what is still on the way, and why the gateways that drain were chosen.',
    )
    .argument('[name]', 'the ChatCluster; may be left out where its namespace has only one')
    .action(async (name: string | undefined, options: TargetOptions) => {
      const choice = kubeTargetOf(options, program, 'explain');
      const { explainOnKubernetes } = await import('./kube/explain.ts');
      await explainOnKubernetes(name, choice);
    });
  return withTarget(command, program, { local: false }).addHelpText(
    'after',
    '\nExit codes: 0 told, 1 the cluster could not be asked, 2 a wrong argument.',
  );
}

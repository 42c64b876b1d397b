import { Command } from 'commander';
import { kubeTargetOf, type TargetOptions, withTarget } from './kube/target.ts';
import type { Program } from './program.ts';

/** `rebalance [NAME]`: evens out the connections now. */
export function rebalanceCommand(program: Program): Command {
  const command = new Command('rebalance')
    .description(
      'Even out the connections now, once, also where the skew is within spec.rebalance.maxSkew: fuller gateways ask clients to move to emptier ones, at the pace of every move.',
    )
    .argument('[name]', 'the ChatCluster; may be left out where its namespace has only one')
    .action(async (name: string | undefined, options: TargetOptions) => {
      const choice = kubeTargetOf(options, program, 'rebalance');
      const { rebalanceOnKubernetes } = await import('./kube/rebalance.ts');
      await rebalanceOnKubernetes(name, choice);
    });
  return withTarget(command, program, { local: false }).addHelpText(
    'after',
    '\nExit codes: 0 asked for, 1 it could not be, 2 a wrong argument.',
  );
}

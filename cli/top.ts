import { Command, Option } from 'commander';
import { kubeTargetOf, type TargetOptions, withTarget } from './kube/target.ts';
import { OUTPUTS, type Output } from './output.ts';
import type { Program } from './program.ts';

interface TopOptions extends TargetOptions {
  readonly watch?: true;
  readonly output: Output;
}

const RIGHTS = `
Figures come from the gateways themselves, by way of the API server: that needs the right to get pods/proxy in the namespace. Without it, or
where a gateway doesn't answer, there is "-" instead.

Exit codes: 0 shown, 1 the cluster could not be asked, 2 a wrong argument.`;

/** `top`: what each gateway does now. */
export function topCommand(program: Program): Command {
  const command = new Command('top')
    .description(
      'Show what each gateway does now: its connections and how full it is, connections it asks to move and messages it delivers in a second, CPU and memory.',
    )
    .argument('[name]', 'the ChatCluster; may be left out where its namespace has only one')
    .option('-w, --watch', 'go on showing it until Ctrl-C')
    .addOption(new Option('-o, --output <format>', 'with --watch, json is one line each time').choices(OUTPUTS).default('text'))
    .action(async (name: string | undefined, options: TopOptions) => {
      const choice = kubeTargetOf(options, program, 'top');
      const { showTop } = await import('./kube/show-top.ts');
      await showTop(name, choice, { output: options.output, watch: options.watch ?? false });
    });
  return withTarget(command, program, { local: false }).addHelpText('after', RIGHTS);
}

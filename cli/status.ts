import { Command, Option } from 'commander';
import { renderStatus } from '../operator/status/render.ts';
import { ConsoleClient } from './console-client.ts';
import { Failure } from './failure.ts';
import { type TargetOptions, targetOf, withTarget } from './kube/target.ts';
import { OUTPUTS, type Output, show } from './output.ts';
import type { Program } from './program.ts';

interface StatusOptions extends TargetOptions {
  readonly watch?: true;
  readonly output: Output;
}

const WATCH_MS = 1_000;

/** `status`: gateways, drains, and what was decided and why. */
export function statusCommand(program: Program): Command {
  const command = new Command('status')
    .description(
      'Show the gateways and their states, the drains with their time to go, what is out of the ordinary, and the last decisions with their reasons.',
    )
    .argument('[name]', 'on Kubernetes: the ChatCluster; may be left out where its namespace has only one')
    .option('-w, --watch', 'go on showing it until Ctrl-C')
    .addOption(new Option('-o, --output <format>', 'with --watch, json is one line each time').choices(OUTPUTS).default('text'))
    .action((name: string | undefined, options: StatusOptions) => status(name, options, program));
  return withTarget(command, program, { local: true, allNamespaces: true }).addHelpText(
    'after',
    '\nExit codes: 0 shown, 1 the cluster could not be asked, 2 a wrong argument.',
  );
}

async function status(name: string | undefined, options: StatusOptions, program: Program): Promise<void> {
  const target = targetOf(options, program);
  const { output, watch = false } = options;
  if (target.kind === 'local') {
    if (name !== undefined)
      throw new Failure(`"${name}": only on Kubernetes is there more than one ChatCluster to name. Add --kube, or -n NAMESPACE.`, 2);
    const console = new ConsoleClient(target.url);
    await show(
      async () => {
        const data = await console.status();
        return { data, text: (look) => renderStatus(data, look) };
      },
      { output, watch, everyMs: WATCH_MS },
    );
    return;
  }
  const { showOne, showAll } = await import('./kube/show-status.ts');
  if (target.allNamespaces) {
    if (name !== undefined) throw new Failure(`-A shows every ChatCluster: leave out "${name}", or name its namespace by -n.`, 2);
    await showAll(target.choice, { output, watch });
  } else {
    await showOne(name, target.choice, { output, watch });
  }
}

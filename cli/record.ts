import { Command } from 'commander';
import { ConsoleClient } from './console-client.ts';
import { Failure } from './failure.ts';
import { type TargetOptions, targetOf, withTarget } from './kube/target.ts';
import type { Program } from './program.ts';
import { passingFailure, record } from './record/record.ts';
import { observedLocally } from './record/views.ts';

interface RecordOptions extends TargetOptions {
  readonly output: string;
}

/** What runs on this machine is asked this often, ms. */
const LOCAL_MS = 1_000;

const MORE = `
The file has one line of JSON for each change: when, connections in all and of each gateway, capacity, and how many gateways there should be. Replay it
with "chatcluster simulate -f FILE --trace RECORDING". It is never written over: name a new one each time.

On Kubernetes the figures come from the gateways, by way of the API server: that needs the right to get pods/proxy in the namespace. Without it the
operator's sum is recorded instead, which it writes every few seconds.

Ctrl-C ends it. Exit codes: 0 recorded, 1 the cluster could not be asked or the file not be written, 2 a wrong argument.`;

/** `record`: what a running cluster goes through, for \`simulate --trace\`. */
export function recordCommand(program: Program): Command {
  const command = new Command('record')
    .description('Write down what a running cluster goes through, second by second, until Ctrl-C.')
    .argument('[name]', 'on Kubernetes: the ChatCluster; may be left out where its namespace has only one')
    .requiredOption('-o, --output <path>', 'the recording, such as trace.jsonl')
    .action(async (name: string | undefined, options: RecordOptions) => {
      const target = targetOf(options, program);
      if (target.kind === 'kubernetes') {
        const { recordOnKubernetes } = await import('./record/kubernetes.ts');
        await recordOnKubernetes(name, target.choice, options.output);
        return;
      }
      if (name !== undefined)
        throw new Failure(`"${name}": only on Kubernetes is there more than one ChatCluster to name. Add --kube, or -n NAMESPACE.`, 2);
      const console = new ConsoleClient(target.url);
      await record({
        path: options.output,
        look: async () => observedLocally(await console.status()),
        everyMs: LOCAL_MS,
        passing: passingFailure,
      });
    });
  return withTarget(command, program, { local: true }).addHelpText('after', MORE);
}

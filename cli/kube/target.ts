import { type Command, Option } from 'commander';
import { DEFAULT_URL, urlOption } from '../console-client.ts';
import { Failure } from '../failure.ts';
import type { Program } from '../program.ts';

/** The options by which people say which cluster they mean. */
export interface TargetOptions {
  readonly url?: string;
  readonly kube?: true;
  readonly namespace?: string;
  readonly allNamespaces?: true;
  readonly context?: string;
  readonly kubeconfig?: string;
}

/** How to reach Kubernetes; what is left out is as kubectl has it. */
export interface KubeChoice {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace?: string;
}

/** What a command works on. */
export type Target =
  | { readonly kind: 'local'; readonly url: string }
  | { readonly kind: 'kubernetes'; readonly choice: KubeChoice; readonly allNamespaces: boolean };

const WHICH = `
Which cluster: without any of these options the one of "chatcluster up" on this machine (${DEFAULT_URL}); with --kube, or any of
-n, --context and --kubeconfig, one on Kubernetes. As "kubectl chatcluster" it is always one on Kubernetes.`;
const ONLY_KUBERNETES = `
Only on Kubernetes: say so by --kube, or by any of -n, --context and --kubeconfig. "kubectl chatcluster" needs none of them.`;

/** Adds to a command the options that say which cluster is meant, and their explanation. `local`: it also works on an `up` on this machine. */
export function withTarget(
  command: Command,
  program: Program,
  { local, allNamespaces = false }: { readonly local: boolean; readonly allNamespaces?: boolean },
): Command {
  const isPlugin = program === 'kubectl chatcluster';
  if (local && !isPlugin) command.addOption(urlOption());
  const kube = new Option('--kube', "a cluster on Kubernetes: by default in kubectl's current context and its namespace");
  command.addOption(isPlugin ? kube.hideHelp() : kube);
  const on = local && !isPlugin ? 'on Kubernetes: ' : '';
  command.option('-n, --namespace <name>', `${on}the namespace (default: the context's)`);
  if (allNamespaces) command.option('-A, --all-namespaces', `${on}a line for every ChatCluster in every namespace`);
  command
    .option('--context <name>', `${on}a context of the kubeconfig (default: the current one)`)
    .option('--kubeconfig <path>', `${on}the kubeconfig (default: KUBECONFIG, else ~/.kube/config)`);
  return isPlugin ? command : command.addHelpText('after', local ? WHICH : ONLY_KUBERNETES);
}

/** What the options say; rejects contradictions with exit code 2. */
export function targetOf(options: TargetOptions, program: Program): Target {
  const { url, kube, namespace, allNamespaces, context, kubeconfig } = options;
  const given = { '--kube': kube, '-n': namespace, '-A': allNamespaces, '--context': context, '--kubeconfig': kubeconfig };
  const told = Object.entries(given).flatMap(([flag, value]) => (value === undefined ? [] : [flag]));
  if (url !== undefined && told.length > 0)
    throw new Failure(`--url is for a cluster on this machine, ${told.join(' and ')} for one on Kubernetes: give one of them.`, 2);
  if (told.length === 0 && program === 'chatcluster') return { kind: 'local', url: url ?? DEFAULT_URL };
  for (const [flag, value] of Object.entries(given))
    if (value === '') throw new Failure(`${flag} is empty: give a name, or leave it out.`, 2);
  return {
    kind: 'kubernetes',
    allNamespaces: allNamespaces === true,
    choice: {
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(context === undefined ? {} : { context }),
      ...(namespace === undefined ? {} : { namespace }),
    },
  };
}

/** As `targetOf`, for commands that there are only on Kubernetes: nobody pauses a far cluster because he forgot where he is. */
export function kubeTargetOf(options: TargetOptions, program: Program, command: string): KubeChoice {
  const target = targetOf(options, program);
  if (target.kind === 'kubernetes') return target.choice;
  throw new Failure(
    `"${command}" is for clusters on Kubernetes: add --kube for the current context and namespace, or name them by --context and -n.`,
    2,
  );
}

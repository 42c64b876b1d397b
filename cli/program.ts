/** What people typed to call the CLI. As `kubectl chatcluster` it always speaks of clusters on Kubernetes. */
export type Program = 'chatcluster' | 'kubectl chatcluster';

/** Where a command finds its cluster: on Kubernetes only, also in an `up` on this machine, or it needs none that runs. */
export type Home = 'kubernetes' | 'both' | 'none';

/** The heading in the list of commands. */
export function headingOf(home: Home, program: Program): string {
  if (program === 'kubectl chatcluster') return home === 'none' ? 'Other commands:' : 'Commands:';
  return home === 'kubernetes' ? 'On Kubernetes only (with --kube, or as kubectl chatcluster):' : 'Commands:';
}

/** Of the plugin, the commands for clusters on Kubernetes come first. */
export function inOrder<Entry extends { readonly home: Home }>(commands: readonly Entry[], program: Program): readonly Entry[] {
  if (program === 'chatcluster') return commands;
  return [...commands.filter(({ home }) => home !== 'none'), ...commands.filter(({ home }) => home === 'none')];
}

/** Options that may also stand before the command, and whether they take a value. */
const MOVABLE: ReadonlyMap<string, boolean> = new Map([
  ['--kube', false],
  ['-A', false],
  ['--all-namespaces', false],
  ['-n', true],
  ['--namespace', true],
  ['--context', true],
  ['--kubeconfig', true],
]);

/** `-n shop status` as `status -n shop`: kubectl's options may stand before the command, as people write them for kubectl. */
export function commandFirst(args: readonly string[]): readonly string[] {
  let end = 0;
  while (end < args.length) {
    const [name = '', value] = (args[end] ?? '').split('=', 2);
    const takesValue = MOVABLE.get(name);
    if (takesValue === undefined) break;
    end += takesValue && value === undefined ? 2 : 1;
  }
  const command = args[end];
  return end === 0 || command === undefined ? args : [command, ...args.slice(0, end), ...args.slice(end + 1)];
}

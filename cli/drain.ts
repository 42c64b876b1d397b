import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { ConsoleClient } from './console-client.ts';
import { type TargetOptions, targetOf, withTarget } from './kube/target.ts';
import type { Program } from './program.ts';

const LOOK_MS = 500;

interface DrainOptions extends TargetOptions {
  readonly wait?: true;
}

/** `drain GATEWAY`: all its connections move to other gateways, then it is removed. */
export function drainCommand(program: Program): Command {
  const command = new Command('drain')
    .description(
      'Move all connections off a gateway, at the pace that the others can take, and remove it. Another takes its place if the load needs one.',
    )
    .argument('<gateway>', `its name, as "${program} status" shows it; on Kubernetes the Pod's`)
    .option('--wait', 'until it is gone')
    .action((gateway: string, options: DrainOptions) => drain(gateway, options, program));
  return withTarget(command, program, { local: true }).addHelpText(
    'after',
    '\nCtrl-C ends the waiting, not the drain; "uncordon" takes it back.\n\nExit codes: 0 asked for (with --wait: done), 1 there is no such gateway or no cluster, 2 a wrong argument, 130 waited no longer.',
  );
}

async function drain(gateway: string, options: DrainOptions, program: Program): Promise<void> {
  const target = targetOf(options, program);
  const wait = options.wait ?? false;
  if (target.kind === 'kubernetes') {
    const { drainOnKubernetes } = await import('./kube/drain.ts');
    await drainOnKubernetes(gateway, target.choice, wait);
    return;
  }
  const console = new ConsoleClient(target.url);
  await console.drain(gateway);
  if (!wait) {
    process.stdout.write(`${gateway} drains. Watch it with "chatcluster status --watch".\n`);
    return;
  }
  while ((await console.status()).gateways.some(({ name }) => name === gateway)) await sleep(LOOK_MS);
  process.stdout.write(`${gateway} is gone.\n`);
}

import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { ConsoleClient, urlOption } from './console-client.ts';

const LOOK_MS = 500;

/** `chatcluster drain GATEWAY`: all its connections move to other gateways, then it is removed. */
export function drainCommand(): Command {
  return new Command('drain')
    .description(
      'Move all connections off a gateway, at the pace that the others can take, and remove it. Another takes its place if the load needs one.',
    )
    .argument('<gateway>', 'its name, as "chatcluster status" shows it')
    .option('--wait', 'until it is gone')
    .addOption(urlOption())
    .addHelpText('after', '\nExit codes: 0 asked for (with --wait: done), 1 there is no such gateway or no cluster, 2 a wrong argument.')
    .action(drain);
}

async function drain(gateway: string, { url, wait }: { readonly url: string; readonly wait?: true }): Promise<void> {
  const console = new ConsoleClient(url);
  await console.drain(gateway);
  if (wait === undefined) {
    process.stdout.write(`${gateway} drains. Watch it with "chatcluster status --watch".\n`);
    return;
  }
  while ((await console.status()).gateways.some(({ name }) => name === gateway)) await sleep(LOOK_MS);
  process.stdout.write(`${gateway} is gone.\n`);
}

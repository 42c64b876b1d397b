import { setTimeout as sleep } from 'node:timers/promises';
import { Command, Option } from 'commander';
import type { RenderOptions } from '../operator/status/render.ts';
import { renderStatus } from '../operator/status/render.ts';
import { ConsoleClient, urlOption } from './console-client.ts';

interface StatusOptions {
  readonly url: string;
  readonly watch?: true;
  readonly output: 'text' | 'json';
}

const WATCH_MS = 1000;
const HOME_AND_CLEAR = '\x1b[H\x1b[J';

/** `chatcluster status`: gateways, drains, and what was decided and why. */
export function statusCommand(): Command {
  return new Command('status')
    .description(
      'Show the gateways, their connections and states, the drains with their time to go, and the last decisions with their reasons.',
    )
    .addOption(urlOption())
    .option('-w, --watch', 'go on showing it, every second, until Ctrl-C')
    .addOption(new Option('-o, --output <format>', 'with --watch, json is one line a second').choices(['text', 'json']).default('text'))
    .addHelpText('after', '\nExit codes: 0 shown, 1 the cluster could not be asked, 2 a wrong argument.')
    .action(show);
}

async function show({ url, watch, output }: StatusOptions): Promise<void> {
  const console = new ConsoleClient(url);
  const { stdout } = process;
  if (watch === undefined) {
    const status = await console.status();
    stdout.write(`${output === 'json' ? JSON.stringify(status, null, 2) : renderStatus(status, look())}\n`);
    return;
  }
  for (;;) {
    const status = await console.status();
    if (output === 'json') stdout.write(`${JSON.stringify(status)}\n`);
    else stdout.write(`${stdout.isTTY ? HOME_AND_CLEAR : ''}${renderStatus(status, look())}\n`);
    await sleep(WATCH_MS);
  }
}

function look(): RenderOptions {
  const { stdout, env } = process;
  return { width: stdout.columns ?? 100, color: stdout.isTTY === true && (env.NO_COLOR ?? '') === '' };
}

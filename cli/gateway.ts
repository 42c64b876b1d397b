import { Command, Option } from 'commander';
import { GATEWAY_SETTINGS, type GatewaySettings, parseGatewaySettings } from '../gateway/settings.ts';
import { Failure } from './failure.ts';

/** `chatcluster gateway`: one gateway by itself, as a Pod runs it. SIGTERM drains it. */
export function gatewayCommand(): Command {
  const command = new Command('gateway')
    .description(
      'Run one gateway by itself. Every setting is a flag or an environment variable; the flag wins. SIGTERM or Ctrl-C drains and stops it.',
    )
    .addHelpText('after', `\n${environmentHelp()}\n\nExit codes: 0 stopped, 1 it could not run, 2 a wrong setting.`)
    .action(run);
  for (const { flag, description, default: value } of GATEWAY_SETTINGS) {
    if (flag !== null) command.addOption(new Option(`${flag} <value>`, value === '' ? description : `${description} (default: ${value})`));
  }
  return command;
}

async function run(flags: Partial<Record<keyof GatewaySettings, string>>): Promise<void> {
  const result = parseGatewaySettings(process.env, flags);
  if (result.kind === 'invalid') throw new Failure(result.problems.join('\n'), 2);
  const { runGateway } = await import('../gateway/run.ts');
  await runGateway(result.settings);
}

function environmentHelp(): string {
  const width = Math.max(...GATEWAY_SETTINGS.map(({ env }) => env.length)) + 2;
  const lines = GATEWAY_SETTINGS.map(({ env, flag, description }) => `  ${env.padEnd(width)}${flag ?? description}`);
  return ['Environment:', ...lines].join('\n');
}

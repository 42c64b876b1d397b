import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { Command, Option } from 'commander';
import { OPERATOR_SETTINGS, type OperatorSettings, parseOperatorSettings } from '../operator/settings.ts';
import { Failure } from './failure.ts';

/** `chatcluster operator`: the operator of a Kubernetes cluster, as its Deployment runs it. SIGTERM hands the lease over. */
export function operatorCommand(): Command {
  const command = new Command('operator')
    .description(
      'Run the operator of a Kubernetes cluster: it looks after every ChatCluster there. Every setting is a flag or an environment variable; the flag wins. SIGTERM or Ctrl-C stops it and hands its lease over; gateways go on serving.',
    )
    .addHelpText('after', `\n${environmentHelp()}\n\nExit codes: 0 stopped, 1 it could not run, 2 a wrong setting.`)
    .action(run);
  for (const { flag, description, default: value } of OPERATOR_SETTINGS) {
    const preset = value === null ? ' (must be given)' : value === '' ? '' : ` (default: ${value})`;
    command.addOption(new Option(`${flag} <value>`, `${description}${preset}`));
  }
  return command;
}

async function run(flags: Partial<Record<keyof OperatorSettings, string>>): Promise<void> {
  const result = parseOperatorSettings(process.env, flags, `${hostname()}_${randomBytes(4).toString('hex')}`);
  if (result.kind === 'invalid') throw new Failure(result.problems.join('\n'), 2);
  const { runOperator } = await import('../operator/run.ts');
  await runOperator(result.settings);
}

function environmentHelp(): string {
  const width = Math.max(...OPERATOR_SETTINGS.map(({ env }) => env.length)) + 2;
  const lines = OPERATOR_SETTINGS.map(({ env, flag }) => `  ${env.padEnd(width)}${flag}`);
  return ['Environment:', ...lines].join('\n');
}

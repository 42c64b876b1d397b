import { Command, InvalidArgumentError, Option } from 'commander';
import type { ChatCluster } from '../operator/api/spec.ts';
import { Failure } from './failure.ts';
import { type BrokerChoice, checkChoice } from './up/broker-choice.ts';
import type { RunningCluster } from './up/cluster.ts';
import { onInterrupt } from './up/interrupts.ts';
import type { Journal } from './up/journal.ts';
import { leftOut } from './up/left-out.ts';
import { ResourceFile } from './up/resource-file.ts';

interface UpOptions extends BrokerChoice {
  readonly file: string;
  readonly port: number;
  readonly host: string;
  readonly log: 'text' | 'json';
}

/** As shells have it for what SIGINT ended. */
const STOPPED_AT_ONCE = 130;

/** `chatcluster up`: a ChatCluster on this machine, until Ctrl-C. */
export function upCommand(): Command {
  return new Command('up')
    .description(
      'Run a ChatCluster on this machine: gateways as processes, the operator that scales and drains them, a chat and a dashboard, all on one port. Edit and save the file, and the change is applied. Ctrl-C stops it, a second Ctrl-C at once.',
    )
    .requiredOption('-f, --file <path>', 'the ChatCluster, such as examples/local.yaml')
    .addOption(new Option('-p, --port <port>', 'for clients, pages and commands; 0 takes a free one').default(8080).argParser(portOf))
    .option('--host <address>', 'the address to listen on; only this machine may change the cluster, whatever it is', '127.0.0.1')
    .option(
      '--redis <url>',
      'the Redis that the gateways meet at, instead of what the file says: redis://host:6379/0, redis+sentinel://host:26379,host/name or redis+cluster://host:6379,host; rediss… with TLS. A password comes in CHATCLUSTER_REDIS_PASSWORD',
    )
    .addOption(
      new Option(
        '--durability <when>',
        'when a publish is answered, instead of what the file says: when Redis has the message, or when a replica has it too',
      ).choices(['acknowledged', 'replicated']),
    )
    .addOption(new Option('--log <format>', 'how it tells what happens').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      [
        '\nFrom the environment gateways get CHATCLUSTER_JWT_SECRET_FILE, CHATCLUSTER_LOG_LEVEL and, for Redis, CHATCLUSTER_REDIS_PASSWORD,',
        'CHATCLUSTER_REDIS_SENTINEL_USERNAME, CHATCLUSTER_REDIS_SENTINEL_PASSWORD, CHATCLUSTER_REDIS_CA_FILE, CHATCLUSTER_REDIS_CERT_FILE and',
        'CHATCLUSTER_REDIS_KEY_FILE: `chatcluster gateway --help` says what they are. CHATCLUSTER_SECRETS_FOLDER is where the Secrets of spec.scaling.metrics',
        'are, as files <name>/<key>.\n',
        'Exit codes: 0 stopped, 1 it could not run (port taken …), 2 a wrong argument or file, 130 stopped at once by a second Ctrl-C.',
      ].join('\n'),
    )
    .action(up);
}

async function up({ file, port, host, log, redis, durability }: UpOptions): Promise<void> {
  const choice = { redis, durability };
  checkChoice(choice);
  const resource = new ResourceFile(file);
  const cluster = await readFirst(resource);
  const [{ startCluster }, journal] = await Promise.all([import('./up/cluster.ts'), openJournal(log)]);
  const interrupted = new AbortController();
  let running: RunningCluster | undefined;
  const ignoreFurther = onInterrupt(
    () => interrupted.abort(),
    () => {
      running?.kill();
      process.exit(STOPPED_AT_ONCE);
    },
  );
  try {
    running = await startCluster({ cluster, choice, port, host, journal, signal: interrupted.signal });
    journal.started({ file, url: running.url, cluster, broker: running.broker });
    const left = leftOut(cluster);
    if (left !== null) journal.problem(left);
    await resource.watch(running.edited, interrupted.signal);
    journal.stopping('stopping: gateways say goodbye to their clients. Another Ctrl-C stops at once.');
    await running.stop();
    journal.stopped();
  } catch (error) {
    // Nothing but its Redis is waited for before it runs.
    if (!interrupted.signal.aborted || running !== undefined) throw error;
    journal.stopped();
  } finally {
    ignoreFurther();
  }
}

async function readFirst(resource: ResourceFile): Promise<ChatCluster> {
  const parsed = await resource.read();
  if (parsed.kind === 'invalid') throw new Failure(parsed.errors.map(({ message }) => message).join('\n'), 2);
  return parsed.cluster;
}

async function openJournal(log: 'text' | 'json'): Promise<Journal> {
  if (log === 'json') {
    const [{ JsonJournal }, { pino }] = await Promise.all([import('./up/json-journal.ts'), import('pino')]);
    return new JsonJournal(pino({ base: null }, process.stdout));
  }
  const { TextJournal } = await import('./up/text-journal.ts');
  const { stdout, env } = process;
  return new TextJournal((text) => stdout.write(text), stdout.isTTY === true && (env.NO_COLOR ?? '') === '');
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('Give a number from 0 to 65535.');
}

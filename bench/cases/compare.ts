import type { RunOptions, Subject } from '../benchmark.ts';
import type { Crowd, Delivered, Traffic } from '../client/load.ts';
import { BenchProcess } from '../processes.ts';
import { type RunningServer, SERVERS, type ServerName, startServer } from '../servers/servers.ts';

/** A crowd that is connected to one of the servers. */
export interface Connected {
  readonly name: ServerName;
  readonly server: RunningServer;
  run(traffic: Traffic): Promise<Delivered>;
}

/**
 * Starts all servers, connects the same crowd to each, and measures them in turns, so that whatever else the machine does
 * meets all alike. `measure` is called once a server and round.
 */
export async function compare(
  { quick, progress }: RunOptions,
  crowd: Omit<Crowd, 'ports'>,
  measure: (connected: Connected) => Promise<number>,
): Promise<Subject[]> {
  await using stack = new AsyncDisposableStack();
  const client = stack.use(BenchProcess.start('./client/main.ts'));
  const crowds: Connected[] = [];
  const runs = new Map<ServerName, number[]>();
  for (const name of Object.keys(SERVERS) as ServerName[]) {
    progress(`${name}: ${crowd.subscribers} subscribers connect`);
    const server = stack.use(await startServer(name));
    await client.ask('open', { name, crowd: { ...crowd, ports: [server.port] } });
    crowds.push({ name, server, run: (traffic) => client.ask('run', { name, traffic }) });
    runs.set(name, []);
  }
  for (let round = 1; round <= (quick ? 1 : 3); round++) {
    for (const connected of crowds) {
      progress(`${connected.name}, run ${round}`);
      runs.get(connected.name)?.push(await measure(connected));
    }
  }
  return Array.from(runs, ([name, values]) => ({ name, runs: values }));
}

import { join } from 'node:path';
import { MemoryEngine } from '../../gateway/broker/memory/engine.ts';
import { serveBroker } from '../../gateway/broker/server.ts';
import { SimulatedClients } from '../../load/simulated-clients.ts';
import type { Parsed } from '../../operator/api/parse.ts';
import type { ChatCluster } from '../../operator/api/spec.ts';
import { Console } from '../../operator/console/console.ts';
import { LocalFleet } from '../../operator/fleet/local/local-fleet.ts';
import { LeaseRecord, MemoryLease } from '../../operator/lease/memory-lease.ts';
import { Operator } from '../../operator/loop/operator.ts';
import { MemoryStateStore } from '../../operator/loop/state-store.ts';
import { servePages } from '../../pages/serve.ts';
import { urlOf, whyItCannotListen } from './address.ts';
import { gatewayProcesses } from './gateway-processes.ts';
import type { Journal } from './journal.ts';
import { NewDecisions } from './new-decisions.ts';
import { PrivateFolder } from './private-folder.ts';
import { wishes } from './wishes.ts';

export interface ClusterOptions {
  readonly cluster: ChatCluster;
  readonly port: number;
  readonly host: string;
  readonly journal: Journal;
}

/** A ChatCluster that runs on this machine. */
export interface RunningCluster {
  readonly url: string;
  /** Applies what an edit of its file says, or tells why it can't. */
  readonly edited: (parsed: Parsed) => void;
  /** Ends all in order; resolves when nothing is left: gateways say goodbye to their clients, which takes a few seconds at most. */
  stop(): Promise<void>;
  /** Kills the gateways at once; what else there is ends with this process. */
  kill(): void;
}

/** From telling a gateway to stop until it is killed, ms. */
const STOP_TIMEOUT_MS = 5000;
/** There is only this one operator; its tenure needs no more than to outlast a round. */
const LEASE_MS = 60_000;

/**
 * Starts a ChatCluster: the broker on a Unix socket, gateways as child processes, the operator that decides about them, and the console with its
 * pages on the public port. Rejects with a Failure when it can't.
 */
export async function startCluster({ cluster, port, host, journal }: ClusterOptions): Promise<RunningCluster> {
  const { history } = cluster.spec;
  const folder = new PrivateFolder();
  const engine = new MemoryEngine({ history });
  const broker = engine.connect();
  const socket = join(folder.path, 'broker');
  const brokerServer = await serveBroker(broker, socket);
  const closeBroker = async () => {
    await brokerServer.close();
    await broker.close();
    folder.remove();
  };

  const fleet: LocalFleet = new LocalFleet({
    cluster,
    port,
    host,
    ...gatewayProcesses(socket, process.env),
    elsewhere: ({ socket, head }) => console.serve(socket, head),
    output: (gateway, line) => journal.wrote(gateway, line),
    stopTimeoutMs: STOP_TIMEOUT_MS,
  });
  const operator = new Operator({
    cluster,
    fleet,
    store: new MemoryStateStore(),
    lease: new MemoryLease(new LeaseRecord(), 'up', LEASE_MS),
    problem: (text) => journal.problem(text),
    figures: () => fleet.figures(),
  });
  const openPort = await fleet.open().catch(async (error: NodeJS.ErrnoException) => {
    await closeBroker();
    throw whyItCannotListen(error, host, port);
  });
  const url = urlOf(host, openPort);
  const clients = new SimulatedClients(url);
  const console = new Console({ status: () => operator.status(), act: wishes(operator, fleet), clients, pages: servePages });
  const decisions = new NewDecisions((decision) => journal.decided(decision));
  operator.onStatus((status) => decisions.observe(status.decisions));
  console.start();
  const running = new AbortController();
  const operatorEnded = operator.run(running.signal);

  return {
    url,
    edited(parsed) {
      if (parsed.kind === 'invalid') {
        journal.problem(
          ['The edit is not applied; the cluster runs on as it was:', ...parsed.errors.map(({ message }) => message)].join('\n'),
        );
      } else if (parsed.cluster.name !== cluster.name) {
        journal.problem(
          `metadata.name is "${parsed.cluster.name}" now; a running cluster keeps its name "${cluster.name}": the edit is not applied.`,
        );
      } else {
        const before = fleet.revision();
        engine.setLimits(parsed.cluster.spec.history);
        fleet.configure(parsed.cluster);
        operator.setCluster(parsed.cluster);
        journal.applied(
          before === fleet.revision() ? 'the edit is applied' : 'the edit is applied: gateways get new settings by a rollout',
        );
      }
    },
    async stop() {
      running.abort();
      console.stop();
      await clients.stop();
      await fleet.stop();
      await operatorEnded;
      await closeBroker();
    },
    kill() {
      void fleet.abort();
    },
  };
}

import { SimulatedClients } from '../../load/simulated-clients.ts';
import type { Parsed } from '../../operator/api/parse.ts';
import type { ChatCluster } from '../../operator/api/spec.ts';
import { Console } from '../../operator/console/console.ts';
import { LocalFleet } from '../../operator/fleet/local/local-fleet.ts';
import { LeaseRecord, MemoryLease } from '../../operator/lease/memory-lease.ts';
import { Operator } from '../../operator/loop/operator.ts';
import { MemoryStateStore } from '../../operator/loop/state-store.ts';
import { folderSecrets, SECRETS_FOLDER_VARIABLE } from '../../operator/sources/folder-secrets.ts';
import { MetricSources } from '../../operator/sources/metric-sources.ts';
import { servePages } from '../../pages/serve.ts';
import { urlOf, whyItCannotListen } from './address.ts';
import { type BrokerChoice, brokerInWords, chosen, gatewaySettings } from './broker-choice.ts';
import { EmbeddedBroker } from './embedded-broker.ts';
import { gatewayProcesses } from './gateway-processes.ts';
import type { Journal } from './journal.ts';
import { leftOut } from './left-out.ts';
import { NewDecisions } from './new-decisions.ts';
import { checkRedis } from './redis-check.ts';
import { wishes } from './wishes.ts';

export interface ClusterOptions {
  /** As its file says. */
  readonly cluster: ChatCluster;
  /** What the command line says of the broker, now and after edits. */
  readonly choice: BrokerChoice;
  readonly port: number;
  readonly host: string;
  readonly journal: Journal;
  /** Ends the waiting for a Redis that doesn't answer. */
  readonly signal: AbortSignal;
}

/** A ChatCluster that runs on this machine. */
export interface RunningCluster {
  readonly url: string;
  /** Where its gateways meet, in a few words. */
  readonly broker: string;
  /** Applies what an edit of its file says, or tells why it can't. */
  readonly edited: (parsed: Parsed) => Promise<void>;
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
 * Starts a ChatCluster: the broker on a Unix socket unless it has a Redis, gateways as child processes, the operator that decides about them, and the
 * console with its pages on the public port. Rejects with a Failure when it can't.
 */
export async function startCluster({ cluster: written, choice, port, host, journal, signal }: ClusterOptions): Promise<RunningCluster> {
  const embedded = new EmbeddedBroker();
  const processes = gatewayProcesses(embedded.socket, process.env);
  let cluster = chosen(written, choice);
  /** Has the broker ready that gateways are about to meet at, or throws a Failure. */
  const prepareBroker = async (wanted: ChatCluster, urlBefore: string | null): Promise<void> => {
    const settings = gatewaySettings(wanted, processes.environment);
    const { broker, history } = wanted.spec;
    if (broker.url === null) await embedded.serve(history);
    else if (broker.url !== urlBefore) await checkRedis(settings, signal);
  };
  await prepareBroker(cluster, null).catch(async (error) => {
    await embedded.close();
    throw error;
  });

  const fleet: LocalFleet = new LocalFleet({
    cluster,
    port,
    host,
    ...processes,
    elsewhere: ({ socket, head }) => console.serve(socket, head),
    output: (gateway, line) => journal.wrote(gateway, line),
    stopTimeoutMs: STOP_TIMEOUT_MS,
  });
  const sources = new MetricSources(cluster.spec.scaling.metrics, folderSecrets(process.env[SECRETS_FOLDER_VARIABLE]));
  const operator = new Operator({
    cluster,
    fleet,
    store: new MemoryStateStore(),
    lease: new MemoryLease(new LeaseRecord(), 'up', LEASE_MS),
    problem: (text) => journal.problem(text),
    figures: () => fleet.figures(),
    readings: () => sources.read(),
  });
  const openPort = await fleet.open().catch(async (error: NodeJS.ErrnoException) => {
    await embedded.close();
    throw whyItCannotListen(error, host, port);
  });
  const url = urlOf(host, openPort);
  const clients = new SimulatedClients(url);
  const console = new Console({ status: () => operator.status(), act: wishes(operator, fleet), clients, pages: servePages });
  const decisions = new NewDecisions((decision) => journal.decided(decision));
  operator.onStatus((status) => decisions.observe(status.decisions));
  console.start();
  const running = new AbortController();
  const operatorEnded = Promise.all([operator.run(running.signal), sources.run(running.signal)]);

  const refuse = (lines: readonly string[]) =>
    journal.problem(['The edit is not applied; the cluster runs on as it was:', ...lines].join('\n'));

  return {
    url,
    broker: brokerInWords(cluster),
    async edited(parsed) {
      if (parsed.kind === 'invalid') return refuse(parsed.errors.map(({ message }) => message));
      if (parsed.cluster.name !== cluster.name) {
        return journal.problem(
          `metadata.name is "${parsed.cluster.name}" now; a running cluster keeps its name "${cluster.name}": the edit is not applied.`,
        );
      }
      const wanted = chosen(parsed.cluster, choice);
      try {
        await prepareBroker(wanted, cluster.spec.broker.url);
      } catch (error) {
        if (!signal.aborted) refuse([(error as Error).message]);
        return;
      }
      const [revision, broker, leftBefore] = [fleet.revision(), brokerInWords(cluster), leftOut(cluster)];
      cluster = wanted;
      fleet.configure(cluster);
      sources.configure(cluster.spec.scaling.metrics);
      operator.setCluster(cluster);
      const rollout = revision === fleet.revision() ? '' : ': gateways get new settings by a rollout';
      const moved = broker === brokerInWords(cluster) ? '' : `, and meet at another broker: ${brokerInWords(cluster)}`;
      journal.applied(`the edit is applied${rollout}${moved}`);
      const left = leftOut(cluster);
      if (left !== null && left !== leftBefore) journal.problem(left);
    },
    async stop() {
      running.abort();
      console.stop();
      await clients.stop();
      await fleet.stop();
      await operatorEnded;
      await embedded.close();
    },
    kill() {
      void fleet.abort();
    },
  };
}

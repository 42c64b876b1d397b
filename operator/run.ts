import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { LABELS } from './api/names.ts';
import { countPods } from './controller/count-pods.ts';
import { Manager } from './controller/manager.ts';
import { openFleets } from './controller/open-fleets.ts';
import type { ChatClusterObject } from './controller/status-store.ts';
import { tellerOf } from './controller/teller.ts';
import type { EndpointSlice, Node, Pod } from './fleet/kubernetes/pod.ts';
import { slimPod } from './fleet/kubernetes/slim-pod.ts';
import { unhealthy } from './http/health.ts';
import { listen, portOf } from './http/listen.ts';
import { createOperatorServer } from './http/server.ts';
import { KubeApi } from './kube/api.ts';
import { KubeError } from './kube/error.ts';
import { EventRecorder } from './kube/event-recorder.ts';
import { Informer, type InformerOptions } from './kube/informer.ts';
import { LeaseElector } from './kube/lease-elector.ts';
import { type KubeObject, RESOURCES, type ResourceType } from './kube/object.ts';
import { OperatorMetrics } from './metrics/metrics.ts';
import type { OperatorSettings } from './settings.ts';
import { onStopSignals } from './stop-signals.ts';

/** At the end, what is under way may take so long, ms; if it takes longer, the lease ends by itself. */
const END_MS = 10_000;
/** Events that wait are written in this time at the end, ms. */
const FLUSH_MS = 2_000;

/**
 * Runs the operator as this process: until SIGTERM or SIGINT, which ends its loops and hands the lease over; a second one ends it at once. Gateways go on
 * serving. Rejects with one line for people when it can't start.
 */
export async function runOperator(settings: OperatorSettings): Promise<void> {
  // Gateways matter more than a reader of the log that is gone. (Not pino's own destination: at exit it tries for ever to write to such a one.)
  process.stdout.removeAllListeners('error').on('error', () => {});
  const log = pino({ level: settings.logLevel, base: { operator: settings.identity } }, process.stdout);
  const fail = (error: unknown) => {
    log.fatal({ err: error }, 'an error that nobody expected');
    process.exit(1);
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  const stopping = new AbortController();
  onStopSignals((signal) => {
    log.info({ signal }, 'stopping; gateways go on serving');
    stopping.abort();
  });

  const metrics = new OperatorMetrics(() => ({ leaseHeld: elector.fence() !== null, staleMs: staleMs() }));
  const api = await KubeApi.load({
    kubeconfig: settings.kubeconfig || undefined,
    context: settings.context || undefined,
    serviceAccountFolder: settings.serviceAccountFolder,
  });
  api.answered = (verb, resource, status) => metrics.requested(verb, resource, status);
  const { namespaces, identity } = settings;
  const informer = <T extends KubeObject>(type: ResourceType, scope: Pick<InformerOptions<T>, 'namespaces' | 'labelSelector' | 'slim'>) =>
    new Informer<T>({ api, type, ...scope, log });
  const ours = { namespaces, labelSelector: LABELS.cluster };
  const chatclusters = informer<ChatClusterObject>(RESOURCES.chatclusters, { namespaces });
  const pods = informer<Pod>(RESOURCES.pods, { ...ours, slim: slimPod });
  const endpointslices = informer<EndpointSlice>(RESOURCES.endpointslices, ours);
  const owned = [RESOURCES.services, RESOURCES.serviceaccounts, RESOURCES.poddisruptionbudgets].map(
    (type) => [type.plural, informer(type, ours)] as const,
  );
  // Nodes are nobody's namespace: the right to see them may be missing, and nothing waits for them.
  const nodes = informer<Node>(RESOURCES.nodes, { namespaces: null });
  const needed: Readonly<Record<string, Pick<Informer<KubeObject>, 'run' | 'synced' | 'staleMs'>>> = {
    chatclusters,
    pods,
    endpointslices,
    ...Object.fromEntries(owned),
  };
  const staleMs = () => Object.fromEntries(Object.entries(needed).map(([resource, each]) => [resource, each.staleMs()]));

  const elector = new LeaseElector({
    api,
    namespace: settings.leaseNamespace || api.namespace,
    name: settings.leaseName,
    identity,
    durationMs: settings.leaseDurationMs,
    log,
  });
  const recorder = new EventRecorder({ api, reportingInstance: identity, log });
  const manager = new Manager({
    context: {
      api,
      lease: elector,
      // Of ChatClusters too: one may be another one's farm for long polling.
      informers: new Map<string, Informer<KubeObject>>([...owned, [RESOURCES.chatclusters.plural, chatclusters]]),
      gateways: (resource) => countPods(pods, resource),
      openFleet: openFleets({ api, pods, endpointSlices: endpointslices, nodes, image: settings.gatewayImage, log }),
      metrics,
      tell: tellerOf(recorder, pods),
      log,
      clock: { now: () => Date.now(), monotonic: () => performance.now() },
    },
    chatclusters,
    owned: owned.map(([, each]) => each),
    onLeaseChange: (listener) => elector.onChange(listener),
    metrics,
    log,
  });

  let isSynced = false;
  const server = createOperatorServer({
    unhealthy: () => unhealthy({ staleMs: staleMs(), silentMs: manager.silentMs() }),
    notReady: () => (isSynced ? null : 'what there is in the cluster is not known yet'),
    metrics: () => metrics.read(),
  });
  await listen(server, settings);
  log.info({ port: portOf(server), api: api.server, namespaces: namespaces ?? 'all' }, 'started');

  const watching = new AbortController();
  const informing = Object.values(needed).map((each) => each.run(watching.signal));
  if (await maySeeNodes(api)) informing.push(nodes.run(watching.signal));
  else log.info('nodes may not be seen; that one is lost is only told by its Pods');
  await Promise.race([Promise.all(Object.values(needed).map(({ synced }) => synced)), aborted(stopping.signal)]);
  isSynced = !stopping.signal.aborted;
  const electing = new AbortController();
  const elected = isSynced ? elector.run(electing.signal) : Promise.resolve();
  const managed = manager.run(stopping.signal).then(() => true);

  await aborted(stopping.signal);
  // Only when nothing is under way any more may another one act.
  if (await Promise.race([managed, delay(END_MS, false)])) {
    electing.abort();
    await elected;
  } else log.warn('what is under way does not end; the lease ends by itself');
  await Promise.race([recorder.flush(), delay(FLUSH_MS)]);
  watching.abort();
  await Promise.race([Promise.all(informing), delay(FLUSH_MS)]);
  log.info('stopped');
  process.exit(0);
}

/** Only a clear no counts: it isn't asked again. */
async function maySeeNodes(api: KubeApi): Promise<boolean> {
  const answer = await api.get(RESOURCES.nodes, null, 'none').catch((error: unknown) => error);
  return !(answer instanceof KubeError && answer.kind === 'forbidden');
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

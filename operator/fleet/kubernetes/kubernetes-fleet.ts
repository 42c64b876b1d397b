import { LABELS, NAMES } from '../../api/names.ts';
import type { ChatCluster } from '../../api/spec.ts';
import type { KubeApi } from '../../kube/api.ts';
import { KubeError } from '../../kube/error.ts';
import type { Informer } from '../../kube/informer.ts';
import type { Log } from '../../kube/log.ts';
import { RESOURCES } from '../../kube/object.ts';
import { figuresOfAll } from '../figures.ts';
import type { Action, Fleet, GatewayView } from '../fleet.ts';
import { CreationPause } from './creation-pause.ts';
import { isListed, type ListedPods, listedPods, SERVICE_LABEL } from './endpoints.ts';
import { every } from './every.ts';
import { GatewayPod } from './gateway-pod.ts';
import { type Owner, ownerReference } from './owned.ts';
import type { EndpointSlice, Node, Pod } from './pod.ts';
import { isDrainRequested, isReady, processOf } from './pod-facts.ts';
import { gatewayPod, type PodBlueprint, podBlueprint } from './pod-template.ts';
import { Scraper } from './scraper.ts';

export interface KubernetesFleetOptions {
  readonly api: KubeApi;
  readonly cluster: ChatCluster;
  /** The ChatCluster that the gateways belong to. */
  readonly owner: Owner;
  /** Of at least this ChatCluster's Pods, and synced. */
  readonly pods: Informer<Pod>;
  /** Of at least its Service's slices, and synced. */
  readonly endpointSlices: Informer<EndpointSlice>;
  /** Synced. Without them no zone is known but what stands on the Pods, and a node that is gone is not noticed. */
  readonly nodes?: Informer<Node>;
  /** `null` while it isn't known. */
  readonly adminToken: () => string | null;
  /** What gateways run when the ChatCluster names no image. */
  readonly image: string;
  /** Where a Pod's IP is reached. */
  readonly addressOf?: (podIP: string) => string;
  /** Wall clock, ms. */
  readonly now?: () => number;
  readonly log: Log;
  /** Between two questions to each gateway how it is, ms. */
  readonly scrapeIntervalMs?: number;
  /** Until a gateway must have answered a question or a command, ms. */
  readonly adminTimeoutMs?: number;
  /** A gateway that we delete is told to close all, which takes it up to 16 s. Kubernetes kills what is left after this time. */
  readonly stopGraceSeconds?: number;
}

const DEFAULTS = {
  addressOf: (podIP: string) => podIP,
  now: () => Date.now(),
  scrapeIntervalMs: 1000,
  adminTimeoutMs: 2000,
  stopGraceSeconds: 30,
};
/** Questions under way at once. */
const MOST_QUESTIONS = 64;
const ZONE_LABEL = 'topology.kubernetes.io/zone';

/**
 * The gateways of one ChatCluster as Pods that it owns. What exists is known from informers, which hear of our own writes at once; how the gateways are,
 * from asking each of them every second. `run` does that: until then it shows nothing.
 */
export class KubernetesFleet implements Fleet {
  readonly #options: KubernetesFleetOptions & typeof DEFAULTS;
  readonly #gateways = new Map<string, GatewayPod>();
  readonly #slices = new Map<string, EndpointSlice>();
  readonly #watchers = new Set<() => void>();
  readonly #creation = new CreationPause();
  readonly #scraper: Scraper<GatewayPod>;
  #hasLooked = () => {};
  readonly #looked = new Promise<void>((resolve) => {
    this.#hasLooked = resolve;
  });
  #listed: ListedPods = new Set();
  #cluster: ChatCluster;
  #blueprint: PodBlueprint;

  constructor(options: KubernetesFleetOptions) {
    this.#options = { ...DEFAULTS, ...options };
    this.#cluster = options.cluster;
    this.#blueprint = podBlueprint(options.cluster, options.image);
    this.#scraper = new Scraper({ intervalMs: this.#options.scrapeIntervalMs, most: MOST_QUESTIONS });
  }

  /** Looks after the gateways until the signal. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { pods, endpointSlices } = this.#options;
    for (const slice of endpointSlices.list()) if (this.#isOurSlice(slice)) this.#slices.set(slice.metadata.name, slice);
    this.#listed = listedPods(this.#slices.values());
    for (const pod of pods.list()) this.#see(pod);
    const endings = [
      pods.onChange(({ kind, object }) => (kind === 'removed' ? this.#forget(object) : this.#see(object))),
      endpointSlices.onChange(({ kind, object }) => this.#seeSlice(object, kind === 'removed')),
    ];
    await this.scrape();
    this.#hasLooked();
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    for (const end of endings) end();
    this.#scraper.stop();
    for (const gateway of this.#gateways.values()) gateway.remove();
  }

  /** What gateways are created with from now on. */
  configure(cluster: ChatCluster): void {
    const { revision } = this.#blueprint;
    this.#cluster = cluster;
    this.#blueprint = podBlueprint(cluster, this.#options.image);
    if (revision !== this.#blueprint.revision) this.#creation.reset();
  }

  /** Asks every gateway how it is. */
  async scrape(): Promise<void> {
    await every([...this.#gateways.values()], MOST_QUESTIONS, (gateway) => gateway.scrape());
  }

  /** Waits until every gateway was asked once. */
  async list(): Promise<readonly GatewayView[]> {
    await this.#looked;
    const capacity = this.#cluster.spec.gateway.connectionsPerGateway;
    return [...this.#gateways.values()].map((gateway) => gateway.view(capacity));
  }

  revision(): string {
    return this.#blueprint.revision;
  }

  problems(): readonly string[] {
    const problems: string[] = [];
    if (this.#creation.problem !== null) problems.push(this.#creation.problem);
    if (this.#options.adminToken() === null)
      problems.push(`Secret ${NAMES.adminToken(this.#cluster.name)} is not known: gateways can't be asked`);
    return problems;
  }

  /** Gateways that people ask to drain. */
  drainRequests(): readonly string[] {
    return [...this.#gateways.values()].filter(({ pod }) => isDrainRequested(pod)).map(({ pod }) => pod.metadata.name);
  }

  /** Connections asked to move in the last second, and the worst delivery latency (ms, 99th percentile) of any gateway; `null` without messages. */
  figures(): { readonly movedPerSecond: number; readonly deliveryLatencyMs: number | null } {
    return figuresOfAll(Array.from(this.#gateways.values(), ({ figures }) => figures));
  }

  async apply(action: Action): Promise<void> {
    if (action.kind === 'create') return this.#create(action.gateway);
    const gateway = this.#gateways.get(action.gateway);
    switch (action.kind) {
      case 'cordon':
        return gateway?.cordon();
      case 'uncordon':
        return gateway?.uncordon();
      case 'drain':
        return gateway?.drain({ ratePerSecond: action.ratePerSecond, timeoutMs: action.timeoutMs }, action.reason);
      case 'shed':
        return gateway?.shed({ count: action.count, ratePerSecond: action.ratePerSecond });
      case 'delete':
        return gateway?.delete();
    }
  }

  watch(changed: () => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#watchers.add(changed);
    signal.addEventListener('abort', () => this.#watchers.delete(changed), { once: true });
  }

  async #create(name: string): Promise<void> {
    if (this.#gateways.has(name)) return;
    const { api, owner, pods, now } = this.#options;
    const refusal = this.#creation.refusal(performance.now());
    if (refusal !== null) throw new Error(refusal);
    const begun = now();
    const pod = gatewayPod(this.#blueprint, { name, namespace: owner.namespace, owner: ownerReference(owner) });
    try {
      pods.observe(await api.create(RESOURCES.pods, owner.namespace, pod));
      this.#creation.reset();
      this.#gateways.get(name)?.createdFrom(begun);
    } catch (error) {
      if (error instanceof KubeError && error.kind === 'already-exists') return this.#recognize(name);
      this.#creation.failed(error, performance.now());
      throw error;
    }
  }

  /** There is a Pod of this name: ours, of an earlier try, or somebody else's. */
  async #recognize(name: string): Promise<void> {
    const { api, owner, pods } = this.#options;
    const pod = await api.get<Pod>(RESOURCES.pods, owner.namespace, name);
    if (pod === null) throw new Error(`Pod ${name} was there a moment ago`);
    if (!this.#isOurs(pod)) throw new Error(`Pod ${name} is there already and is not this ChatCluster's: delete or rename it`);
    pods.observe(pod);
  }

  #isOurs({ metadata: { namespace, labels, ownerReferences } }: Pod): boolean {
    const { owner } = this.#options;
    const isOwned = ownerReferences?.some(({ uid, controller }) => controller === true && uid === owner.uid) === true;
    return isOwned && namespace === owner.namespace && labels?.[LABELS.cluster] === owner.name;
  }

  #isOurSlice({ metadata: { namespace, labels } }: EndpointSlice): boolean {
    const { owner } = this.#options;
    return namespace === owner.namespace && labels?.[SERVICE_LABEL] === NAMES.service(owner.name);
  }

  #see(pod: Pod): void {
    if (!this.#isOurs(pod)) {
      this.#forget(pod);
      return;
    }
    const { name, uid } = pod.metadata;
    const known = this.#gateways.get(name);
    if (known !== undefined && known.pod.metadata.uid === uid) {
      const isNews = processOf(pod) !== processOf(known.pod) || isReady(pod) !== isReady(known.pod);
      known.see(pod);
      if (isNews) this.#scraper.hasten(known);
      return;
    }
    if (known !== undefined) this.#forget(known.pod);
    const gateway = new GatewayPod(pod, {
      ...this.#options,
      surroundingsOf: (of) => this.#surroundingsOf(of),
      now: () => ({ wall: this.#options.now(), monotonic: performance.now() }),
      changed: () => this.#changed(),
    });
    this.#gateways.set(name, gateway);
    this.#scraper.add(gateway);
    this.#changed();
  }

  #forget({ metadata: { name, uid } }: Pod): void {
    const gateway = this.#gateways.get(name);
    if (gateway === undefined || gateway.pod.metadata.uid !== uid) return;
    this.#gateways.delete(name);
    this.#scraper.remove(gateway);
    gateway.remove();
    this.#changed();
  }

  #seeSlice(slice: EndpointSlice, isGone: boolean): void {
    if (!this.#isOurSlice(slice)) return;
    if (isGone) this.#slices.delete(slice.metadata.name);
    else this.#slices.set(slice.metadata.name, slice);
    this.#listed = listedPods(this.#slices.values());
    for (const gateway of this.#gateways.values()) gateway.see(gateway.pod);
  }

  #surroundingsOf(pod: Pod) {
    const { nodes } = this.#options;
    const { nodeName } = pod.spec;
    const node = nodeName === undefined ? undefined : nodes?.get(null, nodeName);
    return {
      listed: isListed(this.#listed, pod),
      nodeGone: nodes !== undefined && nodes.list().length > 0 && nodeName !== undefined && node === undefined,
      zone: pod.metadata.labels?.[ZONE_LABEL] ?? node?.metadata.labels?.[ZONE_LABEL] ?? null,
    };
  }

  #changed(): void {
    for (const changed of this.#watchers) changed();
  }
}

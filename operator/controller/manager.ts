import { LABELS } from '../api/names.ts';
import { KubeError } from '../kube/error.ts';
import type { Informer } from '../kube/informer.ts';
import type { Log } from '../kube/log.ts';
import { type KubeObject, keyOf } from '../kube/object.ts';
import type { ClusterKey, OperatorMetrics } from '../metrics/metrics.ts';
import { ClusterController, type ControllerContext } from './cluster-controller.ts';
import { KeyQueue } from './key-queue.ts';
import type { ChatClusterObject } from './status-store.ts';

export interface ManagerOptions {
  /** All that the controllers need but what the manager itself gives them. */
  readonly context: Omit<ControllerContext, 'again' | 'observe' | 'current'>;
  readonly chatclusters: Informer<ChatClusterObject>;
  /** Of what belongs to ChatClusters and bears their label: a change there has the ChatCluster looked at. */
  readonly owned: readonly Informer<KubeObject>[];
  /** Calls back when a tenure of the lease began or ended. */
  readonly onLeaseChange: (listener: () => void) => () => void;
  readonly metrics: OperatorMetrics;
  readonly log: Log;
}

/** One controller for each ChatCluster that there is; each does one thing at a time. */
export class Manager {
  readonly #options: ManagerOptions;
  readonly #controllers = new Map<string, ClusterController>();
  readonly #queue: KeyQueue;

  constructor(options: ManagerOptions) {
    this.#options = options;
    this.#queue = new KeyQueue({
      work: (key) => this.#work(key),
      problem: (key, error) => {
        // Somebody changed it at the same time: nothing is wrong.
        const level = error instanceof KubeError && error.kind === 'conflict' ? 'debug' : 'warn';
        options.log[level]({ err: error, cluster: key }, 'a ChatCluster can not be made as it should be; tried again');
      },
      random: Math.random,
    });
  }

  /** Until the signal; resolves when every loop has ended. */
  async run(signal: AbortSignal): Promise<void> {
    const { chatclusters, owned, onLeaseChange } = this.#options;
    const all = () => {
      for (const { metadata } of chatclusters.list()) this.#queue.add(keyOf(metadata.namespace, metadata.name));
    };
    const ends = [
      chatclusters.onChange(({ kind, object, before }) => {
        const key = keyOf(object.metadata.namespace, object.metadata.name);
        this.#controllers.get(key)?.seen(object);
        if (kind !== 'removed' && before !== null && !differs(before, object)) return;
        this.#queue.add(key);
        // It may be another one's farm.
        for (const farm of [before, object]) if (farm !== null) this.#ownedChanged(farm);
      }),
      ...owned.map((informer) => informer.onChange(({ object }) => this.#ownedChanged(object))),
      onLeaseChange(all),
    ];
    all();
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    for (const end of ends) end();
    await this.#queue.stop();
    await Promise.all([...this.#controllers.values()].map((controller) => controller.stop()));
  }

  /** By ChatCluster: since its loop last began a round, ms. */
  silentMs(): Readonly<Record<string, number>> {
    const times: Record<string, number> = {};
    for (const [key, controller] of this.#controllers) {
      const ms = controller.silentMs();
      if (ms !== null) times[key] = ms;
    }
    return times;
  }

  async #work(key: string): Promise<number | null> {
    const { context, chatclusters, metrics } = this.#options;
    const [namespace = '', name = ''] = key.split('/');
    const resource = chatclusters.get(namespace, name);
    const controller = this.#controllers.get(key);
    if (resource === undefined) {
      this.#controllers.delete(key);
      await controller?.stop();
      metrics.forget({ namespace, name });
      return null;
    }
    if (controller !== undefined) return controller.reconcile(resource);
    const ours = {
      again: (other: ClusterKey) => this.#queue.add(keyOf(other.namespace, other.name)),
      observe: (other: ChatClusterObject) => chatclusters.observe(other),
      current: (other: ClusterKey) => chatclusters.get(other.namespace, other.name),
    };
    const created = new ClusterController({ ...context, ...ours }, { namespace, name });
    this.#controllers.set(key, created);
    return created.reconcile(resource);
  }

  #ownedChanged({ metadata }: KubeObject): void {
    const cluster = metadata.labels?.[LABELS.cluster];
    if (cluster === undefined) return;
    const key = keyOf(metadata.namespace, cluster);
    if (this.#controllers.has(key)) this.#queue.add(key);
  }
}

/** In more than its status. */
function differs(before: ChatClusterObject, after: ChatClusterObject): boolean {
  return text(before) !== text(after);
}

function text({ metadata }: ChatClusterObject): string {
  const { uid, generation, labels, annotations, ownerReferences, finalizers, deletionTimestamp } = metadata;
  return JSON.stringify([uid, generation, labels, annotations, ownerReferences, finalizers, deletionTimestamp]);
}

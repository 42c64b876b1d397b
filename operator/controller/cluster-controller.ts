import type { WrittenSpec } from '../api/long-poll-farm.ts';
import { FINALIZER } from '../api/names.ts';
import { parseResource } from '../api/parse.ts';
import type { ChatCluster } from '../api/spec.ts';
import type { Owner } from '../fleet/kubernetes/owned.ts';
import { KubeError } from '../kube/error.ts';
import type { EventNote } from '../kube/event-recorder.ts';
import type { Log } from '../kube/log.ts';
import { RESOURCES } from '../kube/object.ts';
import type { Fence } from '../lease/lease.ts';
import type { ClusterKey } from '../metrics/metrics.ts';
import { deletionStep } from './deletion.ts';
import { ForeignObject } from './owned-objects.ts';
import type { SpecProblem } from './spec-problem.ts';
import type { ChatClusterObject } from './status-store.ts';
import { Tenure, type TenureContext } from './tenure.ts';

export interface ControllerContext extends TenureContext {
  readonly lease: { fence(): Fence | null; holds(fence: Fence): boolean };
  /** The resource as it is known now, the answers to our own writes included. */
  readonly current: (key: ClusterKey) => ChatClusterObject | undefined;
  /** Pods of its gateways that are there, in whatever state. */
  readonly gateways: (resource: ChatClusterObject) => number;
  /** Tells people of something about the ChatCluster. */
  readonly tell: (about: ChatClusterObject, event: EventNote) => void;
  readonly log: Log;
}

/** When nothing happens it is looked again after this time whether all is as it should be, ms. */
const RESYNC_MS = 10 * 60_000;
/** While it is deleted, so often, ms. */
const DELETION_LOOK_MS = 1_000;
/** On what is deleted without what it owns. */
const ORPHAN_FINALIZER = 'orphan';

/** What there should be, by the last spec that was valid. */
interface Wanted {
  /** Of the ChatCluster: another one of the name has another. */
  readonly uid: string;
  readonly cluster: ChatCluster;
  /** The same as the API server has it. */
  readonly written: WrittenSpec;
  readonly generation: number;
}

/**
 * Looks after one ChatCluster: makes what belongs to it, runs the loop over its gateways while this process holds the lease, and sees it off when it is
 * deleted. A spec that is not valid changes nothing: its fleet goes on by the last one that was, or as it is while this process has seen none.
 */
export class ClusterController {
  readonly #context: ControllerContext;
  readonly #key: ClusterKey;
  #tenure: Tenure | null = null;
  #wanted: Wanted | null = null;
  #deletionSeenAt: number | null = null;
  /** What was told of last, so that it isn't told again. */
  #told = '';

  constructor(context: ControllerContext, key: ClusterKey) {
    this.#context = context;
    this.#key = key;
  }

  /** The resource as the informer has it, also when only its status changed. */
  seen(resource: ChatClusterObject): void {
    this.#tenure?.store.seen(resource);
  }

  /** Makes all as this resource says. Resolves to the time until it must be looked at again, ms. Rejects with what failed, to be called again. */
  async reconcile(resource: ChatClusterObject): Promise<number | null> {
    const parsed = parseResource(resource, 'kubernetes');
    const { uid = '', generation = 0, deletionTimestamp } = resource.metadata;
    // Also while another process holds the lease: when it is our turn, the last valid one may be over.
    if (parsed.kind === 'ok') this.#wanted = { uid, cluster: parsed.cluster, written: resource.spec as WrittenSpec, generation };
    else if (this.#wanted?.uid !== uid) this.#wanted = null;
    const tenure = await this.#tenureOf(resource);
    if (tenure === null) return null;
    tenure.store.seen(resource);
    if (deletionTimestamp !== undefined) return this.#seeOff(resource, tenure);
    if (parsed.kind === 'invalid') {
      await this.#goOn(resource, tenure, parsed.errors.map(({ message }) => message.replace(/(?<![.?!])$/, '.')).join(' '));
      return RESYNC_MS;
    }
    await this.#protect(resource);
    await this.#provide(resource, tenure, { cluster: parsed.cluster, written: resource.spec as WrittenSpec, uid, generation });
    tenure.store.setProblem(null);
    this.#context.metrics.problem(this.#key, false);
    this.#told = '';
    return RESYNC_MS;
  }

  /** Ends the loop; resolves when what was under way is done. The gateways go on serving. */
  async stop(): Promise<void> {
    const tenure = this.#tenure;
    this.#tenure = null;
    await tenure?.end();
  }

  /** Since its loop last began a round, ms; `null` when none runs. */
  silentMs(): number | null {
    return this.#tenure?.silentMs() ?? null;
  }

  /** The work of this process on this very resource in this tenure of the lease; begun if it must be, `null` while another process holds it. */
  async #tenureOf(resource: ChatClusterObject): Promise<Tenure | null> {
    const fence = this.#context.lease.fence();
    const isNew = this.#tenure?.fence !== fence || this.#tenure?.owner.uid !== resource.metadata.uid;
    if (this.#tenure !== null && isNew) await this.stop();
    if (fence === null) {
      // What was true when it was ours is another process's to tell now.
      this.#context.metrics.forget(this.#key);
      return null;
    }
    if (this.#tenure === null) {
      this.#deletionSeenAt = null;
      this.#tenure = new Tenure(this.#context, this.#key, resource, ownerOf(resource), fence);
    }
    return this.#tenure;
  }

  /** While the spec is not valid: by the last one that was; without any nothing is created, moved or deleted. */
  async #goOn(resource: ChatClusterObject, tenure: Tenure, errors: string): Promise<void> {
    const wanted = this.#wanted;
    if (wanted === null) {
      const message = `${errors} Until it is put right nothing is created, moved or deleted; the gateways that there are go on serving.`;
      this.#problem(resource, tenure, { reason: 'InvalidSpec', message, holds: true });
      return;
    }
    const message = `${errors} Until it is put right, that of generation ${wanted.generation} holds.`;
    this.#problem(resource, tenure, { reason: 'InvalidSpec', message, holds: false });
    await tenure.run(wanted.cluster, wanted.generation);
    await tenure.ensure(wanted.cluster, wanted.written);
  }

  async #provide(resource: ChatClusterObject, tenure: Tenure, { cluster, written, generation }: Wanted): Promise<void> {
    // The loop runs whatever becomes of a Service: its gateways have clients.
    const failure = await tenure.ensure(cluster, written).then(
      () => null,
      (error: unknown) => error,
    );
    try {
      await tenure.run(cluster, generation);
      if (failure !== null) throw failure;
    } catch (error) {
      const reason = error instanceof ForeignObject ? 'NameTaken' : 'ObjectsNotApplied';
      this.#problem(resource, tenure, { reason, message: error instanceof Error ? error.message : String(error), holds: false });
      throw error;
    }
  }

  /** Before the first gateway: so none is ever left without its drain. */
  async #protect(resource: ChatClusterObject): Promise<void> {
    const finalizers = resource.metadata.finalizers ?? [];
    if (!finalizers.includes(FINALIZER)) await this.#setFinalizers(resource, [...finalizers, FINALIZER]);
  }

  /** Has its gateways drained, and lets it go when they are gone or their time is over. */
  async #seeOff(resource: ChatClusterObject, tenure: Tenure): Promise<number | null> {
    const { monotonic, now } = this.#context.clock;
    const finalizers = resource.metadata.finalizers ?? [];
    if (!finalizers.includes(FINALIZER)) return null;
    this.#deletionSeenAt ??= monotonic();
    // At the same time, not when this one has gone: else its clients would be moved twice.
    if (!finalizers.includes(ORPHAN_FINALIZER)) {
      await tenure.removeFarm().catch((error: unknown) => {
        this.#context.log.warn(
          { err: error, ...this.#key },
          'the farm for long polling of a ChatCluster that is deleted can not be deleted',
        );
      });
    }
    const gateways = this.#context.gateways(resource);
    const wanted = this.#wanted;
    if (wanted !== null && gateways > 0) {
      await tenure.run(wanted.cluster, wanted.generation).catch((error: unknown) => {
        this.#context.log.warn({ err: error, ...this.#key }, 'the gateways of a ChatCluster that is deleted can not be drained');
      });
    }
    const step = deletionStep({
      // Without any spec that can be understood Kubernetes removes the gateways, each of which drains itself.
      policy: wanted?.cluster.spec.drain.onDeletion ?? 'Immediate',
      drainTimeoutMs: wanted?.cluster.spec.drain.timeoutMs ?? 0,
      deletedAt: Date.parse(resource.metadata.deletionTimestamp ?? '') || now(),
      now: now(),
      seenForMs: monotonic() - this.#deletionSeenAt,
      gateways,
    });
    if (step.kind === 'wait') return Math.min(step.leftMs, DELETION_LOOK_MS);
    await this.stop();
    await this.#setFinalizers(
      this.#context.current(this.#key) ?? resource,
      finalizers.filter((name) => name !== FINALIZER),
    );
    this.#context.log.info(
      { ...this.#key, gateways },
      step.reason === 'empty' ? 'the ChatCluster is gone' : 'the ChatCluster is let go: its time is over',
    );
    return null;
  }

  async #setFinalizers({ metadata }: ChatClusterObject, finalizers: readonly string[]): Promise<void> {
    const { namespace = '', name, uid, resourceVersion } = metadata;
    const { api, observe } = this.#context;
    try {
      const patch = { metadata: { uid, resourceVersion, finalizers } };
      observe(await api.patch<ChatClusterObject>(RESOURCES.chatclusters, namespace, name, patch));
    } catch (error) {
      if (!(error instanceof KubeError) || error.kind !== 'not-found') throw error;
    }
  }

  #problem(resource: ChatClusterObject, tenure: Tenure, problem: Omit<SpecProblem, 'generation'>): void {
    const generation = resource.metadata.generation ?? 0;
    const { reason, message } = problem;
    tenure.store.setProblem({ ...problem, generation });
    this.#context.metrics.problem(this.#key, true);
    const text = `${reason} ${generation} ${message}`;
    if (text === this.#told) return;
    this.#told = text;
    this.#context.log.warn({ ...this.#key, reason }, message);
    this.#context.tell(resource, { type: 'Warning', reason, action: 'Reconcile', note: message });
  }
}

function ownerOf({ metadata }: ChatClusterObject): Owner {
  return { namespace: metadata.namespace ?? '', name: metadata.name, uid: metadata.uid ?? '' };
}

import { isDeepStrictEqual } from 'node:util';
import type { KubeApi } from '../kube/api.ts';
import { KubeError } from '../kube/error.ts';
import { isLater, type KubeObject, RESOURCES } from '../kube/object.ts';
import { Overtaken, type StateStore } from '../loop/state-store.ts';
import type { OperatorState } from '../snapshot.ts';
import { mustBeSaved, stateFromResource, stateToResource } from '../status/resource-state.ts';
import type { ResourceState, ResourceStatus } from '../status/resource-status.ts';
import type { ClusterStatus } from '../status/status.ts';
import { resourceStatus } from '../status/to-resource.ts';
import { problemAlone, type SpecProblem, withProblem } from './spec-problem.ts';
import { type Difference, differenceBetween, gapOf, mergePatch } from './status-changes.ts';

/** A ChatCluster as the API server has it. */
export interface ChatClusterObject extends KubeObject {
  readonly spec?: unknown;
  readonly status?: ResourceStatus;
}

/** What a write of the status was for. */
export type WriteReason = 'state' | Exclude<Difference, 'nothing'>;

export interface StatusStoreOptions {
  readonly api: Pick<KubeApi, 'get' | 'patch'>;
  readonly resource: ChatClusterObject;
  /** Selects the gateways' Pods, as text. */
  readonly selector: string;
  /** Whether this process may still write. */
  readonly holds: () => boolean;
  /** Is told of each write: what it was for, what was sent, and the resource as it is since then. */
  readonly wrote: (reason: WriteReason, patch: unknown, resource: ChatClusterObject) => void;
  /** Is told of a write that failed; it is tried again. */
  readonly problem: (error: unknown) => void;
  readonly clock: { readonly now: () => number; readonly monotonic: () => number };
}

/** After a failed write the next one is tried no sooner, ms. */
const RETRY_MS = 2_000;

/**
 * The status of one ChatCluster: what people read, and what the operator must find again. Written when something changed, seldom when only figures did,
 * and before the operator acts when it must; one write at a time, each only over the version that we know.
 */
export class StatusStore implements StateStore {
  readonly #options: StatusStoreOptions;
  /** The resource as it was last seen or written. */
  #known: ChatClusterObject;
  #state: OperatorState | null = null;
  #saved: OperatorState | null = null;
  /** The state in the resource as we wrote or loaded it. */
  #written: ResourceState | undefined;
  #status: { readonly status: ClusterStatus; readonly generation: number } | null = null;
  #problem: SpecProblem | null = null;
  #writes: Promise<unknown> = Promise.resolve();
  #notBefore = Number.NEGATIVE_INFINITY;
  #wroteAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  #ended = false;

  constructor(options: StatusStoreOptions) {
    this.#options = options;
    this.#known = options.resource;
  }

  /** Asks the API server itself: what an operator before us wrote last may not have been told yet. */
  async load(): Promise<OperatorState | null> {
    await this.#look();
    const { status } = this.#known;
    this.#saved = status === undefined ? null : stateFromResource(status, this.#options.clock.now());
    this.#written = status?.state;
    return this.#saved;
  }

  async save(state: OperatorState): Promise<void> {
    this.#state = state;
    if (!mustBeSaved(this.#saved, state)) return;
    await this.#enqueue('state', () => ({ ...this.#known.status, state: stateToResource(state) }));
  }

  /** After a round: what there is to be read. `generation`: that of the spec it was decided by. */
  observe(status: ClusterStatus, generation: number): void {
    this.#status = { status, generation };
    this.#consider();
  }

  /** What is wrong with the spec as it stands; `null`: nothing. */
  setProblem(problem: SpecProblem | null): void {
    this.#problem = problem;
    this.#consider();
  }

  /** The resource as an informer has it. A status that somebody else changed is put right. */
  seen(resource: ChatClusterObject): void {
    if (resource.metadata.uid !== this.#known.metadata.uid) return;
    if (isLater(resource.metadata.resourceVersion, this.#known.metadata.resourceVersion)) this.#take(resource);
  }

  /** Writes what people wait for, and then no more. Never rejects. */
  async end(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (!this.#ended && this.#options.holds() && this.#difference() === 'something') this.#write('something');
    this.#ended = true;
    await this.#writes;
  }

  /** Writes, or sees to it that it is done when its time has come. */
  #consider(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const difference = this.#difference();
    const gap = gapOf(difference);
    if (this.#ended || difference === 'nothing' || gap === null || !this.#options.holds()) return;
    const waitMs = Math.max(this.#wroteAt + gap, this.#notBefore) - this.#options.clock.monotonic();
    if (waitMs <= 0) this.#write(difference);
    else this.#timer = setTimeout(() => this.#consider(), waitMs).unref();
  }

  #write(reason: WriteReason): void {
    // Until it is through, the next one waits for this.
    this.#notBefore = this.#options.clock.monotonic() + RETRY_MS;
    this.#enqueue(reason, () => this.#next()).catch((error: unknown) => {
      // The loop's next save finds it so too, and loads what is there.
      if (!(error instanceof Overtaken)) this.#options.problem(error);
    });
  }

  #difference(): Difference {
    const next = this.#next();
    return next === null ? 'nothing' : differenceBetween(this.#known.status ?? null, next);
  }

  /** The status as it should stand there; `null` while nothing is known. */
  #next(): ResourceStatus | null {
    const previous = this.#known.status ?? null;
    const now = this.#options.clock.now();
    if (this.#status === null || this.#state === null) return this.#problem === null ? null : problemAlone(previous, this.#problem, now);
    const { status, generation } = this.#status;
    const next = resourceStatus(previous, status, { generation, now, selector: this.#options.selector, state: this.#state });
    return this.#problem === null ? next : withProblem(next, previous, this.#problem, now);
  }

  /** One after the other. What is written is looked at when its turn has come. */
  #enqueue(reason: WriteReason, next: () => ResourceStatus | null): Promise<void> {
    const write = this.#writes.then(() => this.#put(reason, next));
    this.#writes = write.catch(() => undefined);
    return write;
  }

  async #put(reason: WriteReason, next: () => ResourceStatus | null): Promise<void> {
    try {
      await this.#patch(reason, next());
    } catch (error) {
      if (!(error instanceof KubeError) || (error.kind !== 'conflict' && error.kind !== 'invalid')) throw error;
      // Somebody changed the resource, such as its spec, and we had not been told.
      const { resourceVersion } = this.#known.metadata;
      await this.#look();
      if (error.kind === 'invalid' && this.#known.metadata.resourceVersion === resourceVersion) throw error;
      await this.#patch(reason, next());
    }
  }

  async #patch(reason: WriteReason, next: ResourceStatus | null): Promise<void> {
    const { api, holds, wrote, clock } = this.#options;
    const { namespace = '', name, uid, resourceVersion } = this.#known.metadata;
    const status = next === null ? undefined : mergePatch(this.#known.status ?? {}, next);
    if (status === undefined) return;
    if (isOlder(next, this.#known.status)) throw new Overtaken('what stands in the status is newer than what was to be written');
    if (!holds()) throw new Error('the status is not written: the lease is no longer held');
    const state = this.#state;
    this.#wroteAt = clock.monotonic();
    const patch = { metadata: { uid, resourceVersion }, status };
    const answer = await api.patch<ChatClusterObject>(RESOURCES.chatclusters, namespace, name, patch, { subresource: 'status' });
    this.#known = answer;
    this.#saved = state ?? this.#saved;
    this.#written = answer.status?.state;
    wrote(reason, status, answer);
  }

  async #look(): Promise<void> {
    const { namespace = '', name, uid } = this.#known.metadata;
    const resource = await this.#options.api.get<ChatClusterObject>(RESOURCES.chatclusters, namespace, name);
    if (resource === null || resource.metadata.uid !== uid) throw new Error(`ChatCluster ${name} was deleted`);
    this.#take(resource);
  }

  #take(resource: ChatClusterObject): void {
    this.#known = resource;
    if (isDeepStrictEqual(resource.status?.state, this.#written)) return;
    // It isn't what we wrote: it is saved anew before anything is done.
    this.#saved = null;
  }
}

/** The last ordinal never falls: names are never used again, and the API server refuses it. */
function isOlder(next: ResourceStatus | null, there: ResourceStatus | undefined): boolean {
  return (next?.state?.lastOrdinal ?? 0) < (there?.state?.lastOrdinal ?? 0);
}

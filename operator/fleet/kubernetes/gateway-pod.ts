import type { DrainRequest, GatewayStatus, ShedRequest } from '../../../protocol/admin.ts';
import { ANNOTATIONS, LABELS } from '../../api/names.ts';
import type { KubeApi } from '../../kube/api.ts';
import { KubeError } from '../../kube/error.ts';
import type { Informer } from '../../kube/informer.ts';
import { RESOURCES } from '../../kube/object.ts';
import type { AdminClient } from '../admin-client.ts';
import type { Figures } from '../figures.ts';
import type { GatewayView } from '../fleet.ts';
import { AdminLink, type AdminLinkOptions } from './admin-link.ts';
import { type Instant, Lookout, type Surroundings } from './lookout.ts';
import type { Pod } from './pod.ts';
import { deletePod } from './pod-deletion.ts';
import { type DrainRecord, drainAnnotationsOf, drainRecordOf, isCordoned, processOf } from './pod-facts.ts';
import { phaseOf, viewOf } from './pod-view.ts';

/** What the gateways of a fleet share. */
export interface GatewayPodContext extends AdminLinkOptions {
  readonly api: KubeApi;
  readonly pods: Pick<Informer<Pod>, 'observe' | 'forget'>;
  /** Kubernetes kills what is left of a gateway so long after we deleted it. */
  readonly stopGraceSeconds: number;
  readonly surroundingsOf: (pod: Pod) => Surroundings;
  readonly now: () => Instant;
  /** Something happened that a decision should see at once. */
  readonly changed: () => void;
}

/** A gateway takes no longer timeout, ms. */
const MOST_TIMEOUT_MS = 86_400_000;

/**
 * One gateway as a Pod. What it is told stands on the Pod first (the label that the Service selects, the drain's record), then its process is told: so the
 * one survives the operator and the other's restart. Commands to one gateway wait for each other; to one that stops or is dead they do nothing, and one
 * whose process doesn't take connections yet gets them when it does.
 */
export class GatewayPod {
  readonly #context: GatewayPodContext;
  readonly #lookout: Lookout;
  readonly #link: AdminLink;
  #last: Promise<unknown> = Promise.resolve();
  /** Counts commands as they begin and end: the answer to a scrape that overlaps one tells of a state that is over. */
  #commands = 0;
  #scraping = false;
  #removed = false;
  #toldToStop = false;
  /** The Pod as it was when somebody last looked, and decided. */
  #shown: Pod | null = null;
  #signature: string;

  constructor(pod: Pod, context: GatewayPodContext) {
    this.#context = context;
    this.#link = new AdminLink(context);
    this.#lookout = new Lookout(pod, context.surroundingsOf(pod), context.now());
    this.#signature = this.#sign();
  }

  get pod(): Pod {
    return this.#lookout.pod;
  }

  get figures(): Pick<Figures, 'movedPerSecond' | 'deliveryLatencyMs'> {
    return this.#lookout.figures;
  }

  /** Its process runs and hasn't answered yet; after some tries it is like any other that doesn't. */
  get isStarting(): boolean {
    return processOf(this.pod) !== null && this.#lookout.status === null && this.#lookout.failures < 20;
  }

  view(capacity: number): GatewayView {
    this.#shown = this.pod;
    const now = this.#context.now();
    return viewOf(this.pod, this.#lookout.sighting(now), { now: now.wall, capacity });
  }

  /** It was created by us, no earlier than this; wall clock, ms. */
  createdFrom(wall: number): void {
    this.#lookout.createdFrom(wall);
  }

  /** The Pod, or what is around it, may have changed. */
  see(pod: Pod): void {
    this.#lookout.see(pod, this.#context.surroundingsOf(pod), this.#context.now());
    this.#tellChange();
  }

  /** The Pod is gone. */
  remove(): void {
    this.#removed = true;
    this.#link.close();
  }

  /** Asks it how it is; does nothing while the question before is not answered, or when there is nobody to ask. Never rejects. */
  async scrape(): Promise<void> {
    const { now, adminToken } = this.#context;
    const admin = this.#reach();
    if (admin === null || this.#scraping) return;
    this.#scraping = true;
    const commands = this.#commands;
    try {
      if (adminToken() === null) throw new Error('its admin token is not known');
      const status = await admin.status();
      if (commands === this.#commands) this.#lookout.answered(status, now());
      else this.#lookout.alive(now());
    } catch (error) {
      this.#lookout.failed(error instanceof Error ? error.message : String(error), now());
    } finally {
      this.#scraping = false;
    }
    this.#tellChange();
    this.#restore();
  }

  cordon(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#isEnding()) return;
      await this.#mark('false', drainRecordOf(this.pod));
      // Else it is told when it answers (`#restore`).
      if (this.#phase() !== 'unreachable') await this.#tell((admin) => admin.cordon());
    });
  }

  uncordon(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#isEnding()) return;
      const status = await this.#tell((admin) => admin.uncordon());
      // Somebody told it to stop: it can't be taken back.
      if (status?.stopping !== true && !this.#isEnding()) await this.#mark('true', null);
    });
  }

  /** Moves nobody as long as Kubernetes still leads clients here: they would come back. The planner asks again. */
  drain({ ratePerSecond, timeoutMs }: DrainRequest, reason: string): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#isEnding()) return;
      const { wall, monotonic } = this.#context.now();
      const { status } = this.#lookout;
      const begun = { startedAt: wall, deadlineAt: wall + timeoutMs, initial: status?.connections ?? 0, reason };
      const record = drainRecordOf(this.pod) ?? begun;
      await this.#mark('false', record);
      const isMoving = (status?.drain?.ratePerSecond ?? 0) > 0 && !this.#lookout.isListed;
      const rate = isMoving || this.#lookout.isForgotten(monotonic) ? ratePerSecond : 0;
      await this.#tell((admin) => admin.drain({ ratePerSecond: rate, timeoutMs: this.#leftOf(record) }));
    });
  }

  shed(request: ShedRequest): Promise<void> {
    return this.#inTurn(async () => {
      if (!this.#isEnding()) await this.#tell((admin) => admin.shed(request));
    });
  }

  /** Rejects when the Pod is no longer what the decision rested on. */
  delete(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#removed) return;
      if (!this.#lookout.deleted) {
        const gracePeriodSeconds = this.#phase() === 'dead' ? 0 : this.#context.stopGraceSeconds;
        await deletePod(this.#context, { pod: this.pod, decidedOn: this.#shown ?? this.pod, gracePeriodSeconds });
        this.#lookout.deleted = true;
        this.#tellChange();
      }
      this.#stop();
    });
  }

  /** As well as it can: Kubernetes tells it too, but then it would drain itself first. */
  #stop(): void {
    const admin = this.#reach();
    if (admin === null || this.#toldToStop) return;
    this.#toldToStop = true;
    admin.stop().then(
      (status) => this.#lookout.answered(status, this.#context.now()),
      () => {
        this.#toldToStop = false;
      },
    );
  }

  /** A process that was started anew knows nothing of what stands on its Pod. */
  #restore(): void {
    const isUnaware = () => isCordoned(this.pod) && this.#lookout.status?.state === 'accepting' && !this.#isEnding();
    if (!isUnaware()) return;
    const restored = this.#inTurn(async () => {
      if (!isUnaware()) return;
      const record = drainRecordOf(this.pod);
      await this.#tell((admin) => (record === null ? admin.cordon() : admin.drain({ ratePerSecond: 0, timeoutMs: this.#leftOf(record) })));
    });
    // The next scrape finds it still to be done.
    restored.catch(() => undefined);
  }

  #leftOf({ deadlineAt }: DrainRecord): number {
    return Math.min(MOST_TIMEOUT_MS, Math.max(0, deadlineAt - this.#context.now().wall));
  }

  /** Writes what it is told on the Pod, unless it stands there already. */
  async #mark(accepting: 'true' | 'false', record: DrainRecord | null): Promise<void> {
    const { api, pods } = this.#context;
    const { namespace = '', name, uid, labels = {}, annotations = {} } = this.pod.metadata;
    const draining = record === null ? null : JSON.stringify(record);
    if (labels[LABELS.accepting] === accepting && (annotations[ANNOTATIONS.draining] ?? null) === draining) return;
    const patch = { metadata: { uid, labels: { [LABELS.accepting]: accepting }, annotations: { [ANNOTATIONS.draining]: draining } } };
    try {
      const pod = await api.patch<Pod>(RESOURCES.pods, namespace, name, patch);
      pods.observe(pod);
      this.see(pod);
      if (this.#shown !== null) this.#shown = pod;
    } catch (error) {
      if (!(error instanceof KubeError) || error.kind !== 'not-found') throw error;
      pods.forget(this.pod);
    }
  }

  /** Answers `null` when there is no process to tell it to, or none that listens yet. */
  async #tell(send: (admin: AdminClient) => Promise<GatewayStatus>): Promise<GatewayStatus | null> {
    const admin = this.#reach();
    if (admin === null || this.#isEnding()) return null;
    const isStarting = this.#phase() === 'starting';
    this.#commands++;
    try {
      const status = await send(admin);
      this.#lookout.answered(status, this.#context.now());
      return status;
    } catch (error) {
      if (isStarting || this.#isEnding()) return null;
      throw error;
    } finally {
      this.#commands++;
      this.#tellChange();
    }
  }

  #reach(): AdminClient | null {
    return this.#removed ? null : this.#link.to(this.pod);
  }

  #phase(): GatewayView['phase'] {
    return phaseOf(this.pod, this.#lookout.sighting(this.#context.now()));
  }

  /** It goes, or is gone: there is nothing to be told. */
  #isEnding(): boolean {
    return this.#removed || this.#lookout.deleted || this.pod.metadata.deletionTimestamp !== undefined || this.#phase() === 'dead';
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  #tellChange(): void {
    const signature = this.#sign();
    if (signature === this.#signature) return;
    this.#signature = signature;
    this.#context.changed();
  }

  /** What of it a decision should see at once when it changes. */
  #sign(): string {
    const { status, isListed } = this.#lookout;
    return `${this.#phase()} ${isCordoned(this.pod)} ${status?.state} ${isListed} ${drainAnnotationsOf(this.pod)}`;
  }
}

import type { WrittenSpec } from '../api/long-poll-farm.ts';
import { LABELS, NAMES } from '../api/names.ts';
import type { ChatCluster } from '../api/spec.ts';
import type { Action } from '../fleet/fleet.ts';
import { longPollFarm, type Owner, ownedObjects } from '../fleet/kubernetes/owned.ts';
import type { KubeApi } from '../kube/api.ts';
import { KubeError } from '../kube/error.ts';
import type { EventNote } from '../kube/event-recorder.ts';
import type { Log } from '../kube/log.ts';
import { RESOURCES } from '../kube/object.ts';
import type { Fence } from '../lease/lease.ts';
import type { ClusterKey, OperatorMetrics } from '../metrics/metrics.ts';
import { kubernetesSecrets } from '../sources/kubernetes-secrets.ts';
import type { ClusterStatus } from '../status/status.ts';
import { AdminToken } from './admin-token.ts';
import { ClusterLoop, type ManagedFleet } from './cluster-loop.ts';
import { type ClusterEvent, eventsBetween } from './events.ts';
import { type OwnedInformers, OwnedObjects } from './owned-objects.ts';
import { type ChatClusterObject, StatusStore } from './status-store.ts';

/** What a fleet of Pods is opened with. */
export interface FleetRequest {
  readonly cluster: ChatCluster;
  readonly owner: Owner;
  readonly token: () => string;
}

export interface TenureContext {
  readonly api: Pick<KubeApi, 'get' | 'create' | 'apply' | 'patch' | 'delete'>;
  readonly lease: { holds(fence: Fence): boolean };
  readonly informers: OwnedInformers;
  readonly openFleet: (request: FleetRequest) => ManagedFleet;
  readonly metrics: OperatorMetrics;
  /** Tells people of something about the ChatCluster, and about one of its gateways where that is named. */
  readonly tell: (about: ChatClusterObject, event: EventNote, gateway?: string | null) => void;
  /** Takes in what a write of ours answered, before the informer hears of it. */
  readonly observe: (resource: ChatClusterObject) => void;
  /** Has a ChatCluster looked at again soon. */
  readonly again: (key: ClusterKey) => void;
  readonly log: Log;
  readonly clock: { readonly now: () => number; readonly monotonic: () => number };
}

/** What this process does for one ChatCluster in one tenure of the lease: its objects, its status, the loop over its gateways. */
export class Tenure {
  readonly owner: Owner;
  readonly fence: Fence;
  readonly store: StatusStore;
  readonly #context: TenureContext;
  readonly #key: ClusterKey;
  readonly #resource: ChatClusterObject;
  readonly #objects: OwnedObjects;
  readonly #adminToken: AdminToken;
  #token = '';
  #loop: ClusterLoop | null = null;
  #configured = '';
  #last: ClusterStatus | null = null;
  #desired: number | null;
  /** Why the last gateway could not be created. */
  #refusal = '';

  constructor(context: TenureContext, key: ClusterKey, resource: ChatClusterObject, owner: Owner, fence: Fence) {
    this.#context = context;
    this.#key = key;
    this.#resource = resource;
    this.owner = owner;
    this.fence = fence;
    this.#objects = new OwnedObjects(context.api, context.informers);
    this.#adminToken = new AdminToken(context.api, owner);
    this.#desired = resource.status?.desiredReplicas ?? null;
    this.store = new StatusStore({
      api: context.api,
      resource,
      selector: `${LABELS.cluster}=${owner.name}`,
      holds: () => context.lease.holds(fence),
      wrote: (reason, patch, written) => {
        context.metrics.wroteStatus(key, reason);
        context.log.debug({ ...key, reason, patch }, 'wrote the status');
        context.observe(written);
      },
      problem: (error) => context.log.warn({ err: error, ...key }, 'the status can not be written'),
      clock: context.clock,
    });
  }

  /**
   * Makes what belongs to the ChatCluster beside its gateways; a farm for long polling that it doesn't ask for any more goes. `written`: the spec as the
   * API server has it. Rejects with the first thing that could not be had.
   */
  async ensure(cluster: ChatCluster, written: WrittenSpec): Promise<void> {
    const gateways = this.#desired ?? cluster.spec.scaling.minReplicas;
    const farm = longPollFarm(written, this.owner);
    const applied = await this.#objects.ensure([...ownedObjects(cluster, this.owner, gateways), ...(farm === null ? [] : [farm])]);
    if (applied.length > 0) this.#context.log.info({ ...this.#key, applied }, 'applied what belongs to the ChatCluster');
    if (farm === null) await this.removeFarm();
  }

  /** Deletes its farm for long polling, if it has one: that is drained as every ChatCluster. */
  async removeFarm(): Promise<void> {
    const { lease, log } = this.#context;
    const name = NAMES.longPollFarm(this.owner.name);
    if (!lease.holds(this.fence) || !(await this.#objects.remove(RESOURCES.chatclusters, this.owner, name))) return;
    log.info({ ...this.#key, farm: name }, 'deleted the farm for long polling');
  }

  /** Begins the loop over the gateways, or gives it what there should be now. Rejects when they could not be talked to. */
  async run(cluster: ChatCluster, generation: number): Promise<void> {
    const { api, openFleet, lease, log, clock } = this.#context;
    this.#token = await this.#adminToken.get(clock.monotonic());
    const configured = JSON.stringify([cluster, generation]);
    if (this.#loop === null) {
      this.#loop = new ClusterLoop({
        cluster,
        generation,
        fleet: openFleet({ cluster, owner: this.owner, token: () => this.#token }),
        store: this.store,
        fence: this.fence,
        lease,
        readSecret: kubernetesSecrets(api, this.owner.namespace, clock.monotonic),
        observer: {
          round: (status, decidedBy, durationMs) => this.#round(status, decidedBy, durationMs),
          done: (action) => this.#done(action),
          failed: (action, error) => this.#failed(action, error),
          problem: (text) => log.warn(this.#key, text),
        },
        now: clock.monotonic,
      });
      this.#loop.start();
    } else if (configured !== this.#configured) this.#loop.configure(cluster, generation);
    this.#configured = configured;
  }

  /** Ends the loop, with the last of the status. */
  async end(): Promise<void> {
    await this.#loop?.stop();
    await this.store.end();
  }

  silentMs(): number | null {
    return this.#loop?.silentMs() ?? null;
  }

  #round(status: ClusterStatus, generation: number, durationMs: number): void {
    this.#context.metrics.round(this.#key, status, durationMs);
    for (const event of eventsBetween({ status: this.#last, desired: this.#desired }, status)) this.#tell(event);
    this.#last = status;
    if (status.desired !== this.#desired) {
      this.#desired = status.desired;
      // The disruption budget is for that many.
      this.#context.again(this.#key);
    }
    this.store.observe(status, generation);
  }

  #done(action: Action): void {
    this.#context.metrics.acted(this.#key, action.kind, 'done');
    const { kind, gateway, reason } = action;
    this.#context.log.debug({ ...this.#key, action }, 'done');
    if (kind === 'create')
      this.#tell({ type: 'Normal', reason: 'GatewayCreated', action: 'Create', note: `${gateway}: ${reason}.`, gateway: null });
    if (kind === 'delete')
      this.#tell({ type: 'Normal', reason: 'GatewayDeleted', action: 'Delete', note: `${gateway}: ${reason}.`, gateway: null });
  }

  #failed({ kind, gateway }: Action, error: unknown): void {
    this.#context.metrics.acted(this.#key, kind, 'failed');
    if (kind !== 'create') return;
    const why = error instanceof Error ? error.message : String(error);
    // While the fleet waits with the next try, it says the same with more words.
    if (!(error instanceof KubeError) && this.#refusal !== '' && why.startsWith(this.#refusal)) return;
    this.#refusal = why;
    const note = `No gateway can be created: ${why}.`;
    this.#context.log.warn({ ...this.#key, gateway }, note);
    this.#context.tell(this.#resource, { type: 'Warning', reason: 'CreateFailed', action: 'Create', note });
  }

  #tell({ gateway, ...event }: ClusterEvent): void {
    this.#context.log[event.type === 'Warning' ? 'warn' : 'info']({ ...this.#key, reason: event.reason }, event.note);
    this.#context.tell(this.#resource, event, gateway);
  }
}

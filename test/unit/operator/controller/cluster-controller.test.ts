import { afterEach, describe, expect, it } from 'vitest';
import { FINALIZER } from '../../../../operator/api/names.ts';
import type { ChatCluster } from '../../../../operator/api/spec.ts';
import { ClusterController } from '../../../../operator/controller/cluster-controller.ts';
import type { ManagedFleet } from '../../../../operator/controller/cluster-loop.ts';
import type { ChatClusterObject } from '../../../../operator/controller/status-store.ts';
import type { Action } from '../../../../operator/fleet/fleet.ts';
import { RESOURCES } from '../../../../operator/kube/object.ts';
import { OperatorMetrics } from '../../../../operator/metrics/metrics.ts';
import { KubeObjects, refusal } from '../../../fakes/kube-objects.ts';
import { silentLog } from '../../../fakes/silent-log.ts';
import { until } from '../../../servers/until.ts';

const KEY = { namespace: 'default', name: 'chat' };
const SPEC = { broker: { url: 'redis://redis:6379/0' } };

/** A fleet that only tells what was asked of it. */
class QuietFleet implements ManagedFleet {
  readonly created: string[] = [];
  cluster: ChatCluster;
  readonly token: () => string;
  ended = false;

  constructor(cluster: ChatCluster, token: () => string) {
    this.cluster = cluster;
    this.token = token;
  }

  configure(cluster: ChatCluster): void {
    this.cluster = cluster;
  }

  async run(signal: AbortSignal): Promise<void> {
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
    this.ended = true;
  }

  async apply({ kind, gateway }: Action): Promise<void> {
    if (kind === 'create') this.created.push(gateway);
  }

  list = async () => [];
  revision = () => 'r1';
  problems = () => [];
  watch = () => undefined;
  drainRequests = () => [];
  figures = () => ({ movedPerSecond: 0, deliveryLatencyMs: null });
}

/** A controller on an API server in memory, whose lease and clock a test has in hand. */
class Scene {
  readonly objects = new KubeObjects();
  readonly fleets: QuietFleet[] = [];
  readonly events: string[] = [];
  fence: number | null = 1;
  gateways = 0;
  monotonic = 0;
  readonly metrics = new OperatorMetrics(() => ({ leaseHeld: true, staleMs: {} }));
  readonly controller = new ClusterController(
    {
      api: this.objects,
      lease: { fence: () => this.fence, holds: (fence) => fence === this.fence },
      informers: new Map([[RESOURCES.chatclusters.plural, this.objects.shown(RESOURCES.chatclusters)]]),
      openFleet: ({ cluster, token }) => {
        const fleet = new QuietFleet(cluster, token);
        this.fleets.push(fleet);
        return fleet;
      },
      gateways: () => this.gateways,
      metrics: this.metrics,
      tell: (_, { reason, note }) => this.events.push(`${reason}: ${note}`),
      again: () => undefined,
      observe: () => undefined,
      current: () => this.objects.peek(RESOURCES.chatclusters, KEY.namespace, KEY.name),
      log: silentLog,
      clock: { now: () => Date.parse('2026-11-27T10:00:00Z') + this.monotonic, monotonic: () => this.monotonic },
    },
    KEY,
  );

  /** As somebody changes the ChatCluster. */
  write(spec: object, metadata: Partial<ChatClusterObject['metadata']> = {}): void {
    const before = this.resource;
    this.objects.put<ChatClusterObject>(RESOURCES.chatclusters, {
      ...before,
      apiVersion: 'chatcluster.io/v1alpha1',
      kind: 'ChatCluster',
      metadata: { ...KEY, ...before?.metadata, generation: (before?.metadata.generation ?? 0) + 1, ...metadata },
      spec,
    });
  }

  get resource(): ChatClusterObject | undefined {
    return this.objects.peek(RESOURCES.chatclusters, KEY.namespace, KEY.name);
  }

  reconcile(): Promise<number | null> {
    const { resource } = this;
    if (resource === undefined) throw new Error('there is none');
    return this.controller.reconcile(resource);
  }

  /** As the metrics have it; `null` when they don't tell. */
  async isDegraded(): Promise<boolean | null> {
    const value = /chatcluster_condition\{.*type="Degraded",status="True"\} (\d)/.exec((await this.metrics.read()).text)?.[1];
    return value === undefined ? null : value === '1';
  }

  condition(type: string) {
    return this.resource?.status?.conditions?.find((condition) => condition.type === type);
  }
}

describe('a ChatCluster', () => {
  let scene = new Scene();
  afterEach(async () => {
    await scene.controller.stop();
    scene = new Scene();
  });

  it('gets its finalizer, its token and what belongs to it before its first gateway', async () => {
    scene.write(SPEC);
    await scene.reconcile();
    await until('gateways', 5_000, async () => scene.fleets[0]?.created.length || undefined);
    const { calls } = scene.objects;
    const state = calls.findIndex((call) => call.startsWith('patch status'));
    for (const call of [
      'patch chatclusters chat',
      'create secrets chat-admin-token',
      'apply services chat',
      'apply serviceaccounts chat-gateway',
    ]) {
      expect(calls.indexOf(call)).toBeGreaterThanOrEqual(0);
      expect(calls.indexOf(call)).toBeLessThan(state);
    }
    expect(scene.resource?.metadata.finalizers).toEqual([FINALIZER]);
    expect(scene.fleets[0]?.token()).toMatch(/^\S{43}$/);
  });

  it('that is looked at again has neither its token read nor a second loop begun', async () => {
    scene.write(SPEC);
    await scene.reconcile();
    await until('gateways', 5_000, async () => scene.fleets[0]?.created.length || undefined);
    const before = scene.objects.calls.length;
    await scene.reconcile();
    expect(scene.objects.calls.slice(before).filter((call) => call.includes('secrets') || call.startsWith('patch'))).toEqual([]);
    expect(scene.fleets).toHaveLength(1);
  });

  const INVALID = { ...SPEC, scaling: { minReplicas: 9, maxReplicas: 3 } };
  const ERROR = 'spec.scaling.minReplicas: 9 is above spec.scaling.maxReplicas 3; lower it to 3 or raise maxReplicas to 9.';

  it('with a spec that is not valid stays as it is while no valid one is known, and is told so once', async () => {
    scene.write(INVALID);
    scene.gateways = 5;
    await scene.reconcile();
    await scene.reconcile();
    await until('its condition', 5_000, async () => scene.condition('Degraded'));
    expect(scene.fleets).toEqual([]);
    expect(scene.objects.calls.filter((call) => call.startsWith('create') || call.startsWith('apply'))).toEqual([]);
    const message = `${ERROR} Until it is put right nothing is created, moved or deleted; the gateways that there are go on serving.`;
    expect(scene.condition('Degraded')).toMatchObject({ status: 'True', reason: 'InvalidSpec', message });
    expect(scene.condition('ScalingActive')).toMatchObject({ status: 'False', reason: 'InvalidSpec', message });
    expect(scene.events).toEqual([`InvalidSpec: ${message}`]);
    expect(await scene.isDegraded()).toBe(true);
    scene.write(SPEC);
    await scene.reconcile();
    expect(scene.fleets).toHaveLength(1);
    expect(await scene.isDegraded()).toBe(false);
  });

  it('goes on by the last valid spec that this process saw while another one held the lease', async () => {
    scene.fence = null;
    scene.write({ ...SPEC, scaling: { minReplicas: 3 } });
    await scene.reconcile();
    scene.write(INVALID);
    scene.fence = 2;
    await scene.reconcile();
    expect(scene.fleets[0]?.cluster.spec.scaling.minReplicas).toBe(3);
    expect(scene.events).toContain(`InvalidSpec: ${ERROR} Until it is put right, that of generation 1 holds.`);
  });

  it('does not go on by the spec of another one that had its name', async () => {
    scene.write({ ...SPEC, scaling: { minReplicas: 3 } });
    await scene.reconcile();
    scene.write(INVALID, { uid: 'another' });
    await scene.reconcile();
    expect(scene.fleets).toHaveLength(1);
    expect(scene.fleets[0]?.ended).toBe(true);
  });

  it('is told of in metrics only by the process that holds the lease', async () => {
    scene.write(INVALID);
    await scene.reconcile();
    scene.fence = null;
    await scene.reconcile();
    expect(await scene.isDegraded()).toBeNull();
  });

  it('goes on by its last valid spec when a later one is not', async () => {
    scene.write({ ...SPEC, scaling: { minReplicas: 3 } });
    await scene.reconcile();
    scene.write({ ...SPEC, scaling: { minReplicas: 9, maxReplicas: 3 } });
    await scene.reconcile();
    expect(scene.fleets[0]?.cluster.spec.scaling.minReplicas).toBe(3);
    expect(scene.fleets[0]?.ended).toBe(false);
    scene.write({ ...SPEC, scaling: { minReplicas: 4 } });
    await scene.reconcile();
    expect(scene.fleets[0]?.cluster.spec.scaling.minReplicas).toBe(4);
    expect(scene.fleets).toHaveLength(1);
  });

  it('is looked after although what belongs to it can not be had', async () => {
    scene.write(SPEC, { finalizers: [FINALIZER] });
    scene.objects.failNext = refusal('refused-by-webhook', 403);
    await expect(scene.reconcile()).rejects.toThrow('refused-by-webhook');
    await until('gateways', 5_000, async () => scene.fleets[0]?.created.length || undefined);
    expect(scene.events).toContain('ObjectsNotApplied: refused: refused-by-webhook');
    await scene.reconcile();
    expect(scene.fleets).toHaveLength(1);
  });

  it('takes no object of its names from others', async () => {
    scene.objects.put(RESOURCES.services, { metadata: { name: 'chat', namespace: 'default' } });
    scene.write(SPEC);
    await expect(scene.reconcile()).rejects.toThrow('Service chat is there already');
    expect(scene.objects.calls).not.toContain('apply services chat');
    expect(scene.events[0]).toMatch(/^NameTaken: Service chat/);
  });

  it('is left alone without the lease, and its loop ends with the tenure', async () => {
    scene.fence = null;
    scene.write(SPEC);
    expect(await scene.reconcile()).toBeNull();
    expect(scene.objects.calls).toEqual([]);
    scene.fence = 4;
    await scene.reconcile();
    expect(scene.controller.silentMs()).toBe(0);
    scene.fence = null;
    await scene.reconcile();
    expect(scene.fleets.map(({ ended }) => ended)).toEqual([true]);
    expect(scene.controller.silentMs()).toBeNull();
    scene.fence = 6;
    await scene.reconcile();
    expect(scene.fleets.map(({ ended }) => ended)).toEqual([true, false]);
  });

  it('that has the name of one that is gone is another one', async () => {
    scene.write(SPEC, { uid: 'first' });
    await scene.reconcile();
    scene.write(SPEC, { uid: 'second', finalizers: [] });
    await scene.reconcile();
    expect(scene.fleets.map(({ ended }) => ended)).toEqual([true, false]);
  });

  const DELETED = { finalizers: ['theirs', FINALIZER], deletionTimestamp: '2026-11-27T10:00:00Z' };

  it('that is deleted is let go when its last gateway is gone, other finalizers left alone', async () => {
    scene.gateways = 2;
    scene.write(SPEC, DELETED);
    expect(await scene.reconcile()).toBe(1_000);
    expect(scene.fleets[0]?.cluster.controls.removing).toBe(true);
    expect(scene.resource?.metadata.finalizers).toEqual(['theirs', FINALIZER]);
    scene.gateways = 0;
    expect(await scene.reconcile()).toBeNull();
    expect(scene.fleets[0]?.ended).toBe(true);
    expect(scene.resource?.metadata.finalizers).toEqual(['theirs']);
  });

  it.each([
    { name: 'drained', spec: SPEC, boundMs: 360_000 },
    { name: 'stopped at once', spec: { ...SPEC, deletionPolicy: 'Immediate' }, boundMs: 10_000 },
    { name: 'removed with a spec that nobody can read', spec: { scaling: 'many' }, boundMs: 10_000 },
  ])('that is to be $name is let go after $boundMs ms whatever hangs', async ({ spec, boundMs }) => {
    scene.gateways = 2;
    scene.write(spec, DELETED);
    await scene.reconcile();
    scene.monotonic = boundMs - 1;
    await scene.reconcile();
    expect(scene.resource?.metadata.finalizers).toContain(FINALIZER);
    scene.monotonic = boundMs;
    await scene.reconcile();
    expect(scene.resource?.metadata.finalizers).not.toContain(FINALIZER);
  });
});

describe('its farm for long polling', () => {
  let scene = new Scene();
  afterEach(async () => {
    await scene.controller.stop();
    scene = new Scene();
  });

  const WITH = { ...SPEC, longPolling: { requestsPerGateway: 300 } };
  const NAME = 'chat-longpoll';
  const farm = () => scene.objects.peek<ChatClusterObject>(RESOURCES.chatclusters, KEY.namespace, NAME);
  const OURS = [{ apiVersion: 'chatcluster.io/v1alpha1', kind: 'ChatCluster', name: 'chat', uid: 'uid-chat', controller: true }];
  /** As it stands there before we look. */
  const put = (metadata: Partial<ChatClusterObject['metadata']>, spec: object = {}) =>
    scene.objects.put<ChatClusterObject>(RESOURCES.chatclusters, { metadata: { ...KEY, name: NAME, ...metadata }, spec });
  const callsOnIt = () => scene.objects.calls.filter((call) => call.endsWith(` chatclusters ${NAME}`) && !call.startsWith('get'));

  it('is a ChatCluster that it owns, made once', async () => {
    scene.write(WITH);
    await scene.reconcile();
    await scene.reconcile();
    expect(farm()).toMatchObject({
      metadata: { labels: { 'chatcluster.io/cluster': 'chat' }, ownerReferences: OURS },
      spec: { broker: { ...SPEC.broker, keyPrefix: 'chat:' }, gateway: { connectionsPerGateway: 300 } },
    });
    expect(farm()?.spec).not.toHaveProperty('longPolling');
    expect(callsOnIt()).toEqual([`apply chatclusters ${NAME}`]);
  });

  it('follows a change of the other, and is set right when somebody changes it; what they add stays', async () => {
    scene.write(WITH);
    await scene.reconcile();
    scene.write({ ...WITH, drain: { timeout: '1m' } });
    await scene.reconcile();
    expect(farm()?.spec).toMatchObject({ drain: { timeout: '1m' } });
    const theirs = { annotations: { 'chatcluster.io/pause-scaling': 'up' } };
    put({ ...farm()?.metadata, ...theirs }, { ...(farm()?.spec as object), drain: { timeout: '9m' }, replicas: 4 });
    await scene.reconcile();
    expect(farm()).toMatchObject({ metadata: theirs, spec: { drain: { timeout: '1m' }, replicas: 4 } });
    expect(callsOnIt()).toHaveLength(3);
  });

  it('stays by the last valid spec while a later one is not', async () => {
    scene.write(WITH);
    await scene.reconcile();
    scene.write({ ...SPEC, scaling: { minReplicas: 9, maxReplicas: 3 } });
    scene.objects.remove(RESOURCES.chatclusters, KEY.namespace, NAME);
    await scene.reconcile();
    expect(farm()?.spec).toMatchObject({ gateway: { connectionsPerGateway: 300 } });
  });

  it('is deleted when it is not asked for any more, once', async () => {
    put({ ownerReferences: OURS, finalizers: [FINALIZER] });
    scene.write(SPEC);
    await scene.reconcile();
    expect(farm()?.metadata.deletionTimestamp).toBeDefined();
    await scene.reconcile();
    expect(callsOnIt()).toEqual([`delete chatclusters ${NAME}`]);
  });

  it('is deleted as soon as the other is, while that drains', async () => {
    put({ ownerReferences: OURS });
    scene.gateways = 2;
    scene.write(WITH, { finalizers: [FINALIZER], deletionTimestamp: '2026-11-27T10:00:00Z' });
    await scene.reconcile();
    expect(farm()).toBeUndefined();
    await scene.reconcile();
    expect(callsOnIt()).toEqual([`delete chatclusters ${NAME}`]);
  });

  it('stays when the other is deleted without what it owns', async () => {
    put({ ownerReferences: OURS });
    scene.write(WITH, { finalizers: [FINALIZER, 'orphan'], deletionTimestamp: '2026-11-27T10:00:00Z' });
    await scene.reconcile();
    expect(callsOnIt()).toEqual([]);
  });

  it('that can not be deleted keeps no ChatCluster from its end', async () => {
    put({ ownerReferences: OURS });
    scene.write(WITH, { finalizers: [FINALIZER], deletionTimestamp: '2026-11-27T10:00:00Z' });
    scene.objects.failNext = refusal('forbidden', 403);
    await scene.reconcile();
    expect(scene.resource?.metadata.finalizers).toEqual([]);
  });

  it.each([
    { name: 'nobody owns', metadata: {} },
    { name: 'has only our label', metadata: { labels: { 'chatcluster.io/cluster': 'chat' } } },
    { name: 'a former one of the name owned', metadata: { ownerReferences: [{ ...OURS[0], uid: 'former' }] as typeof OURS } },
    { name: 'we own but do not control', metadata: { ownerReferences: [{ ...OURS[0], controller: false }] as typeof OURS } },
  ])('is no ChatCluster of its name that $name: that is neither changed nor deleted', async ({ metadata }) => {
    put(metadata, { mine: true });
    scene.write(WITH);
    await expect(scene.reconcile()).rejects.toThrow(`ChatCluster ${NAME} is there already`);
    expect(scene.events[0]).toMatch(/^NameTaken: ChatCluster chat-longpoll is there already and is not this ChatCluster's/);
    expect(scene.fleets).toHaveLength(1);
    scene.write(SPEC);
    await scene.reconcile();
    scene.write(WITH, { finalizers: [FINALIZER], deletionTimestamp: '2026-11-27T10:00:00Z' });
    await scene.reconcile();
    expect(farm()?.spec).toEqual({ mine: true });
    expect(callsOnIt()).toEqual([]);
  });
});

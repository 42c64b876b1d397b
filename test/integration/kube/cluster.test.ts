import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { GatewayStatus } from '../../../protocol/admin.ts';
import { podAddress } from '../../kube/addresses.ts';
import { ApiError } from '../../kube/api.ts';
import { ControlPlane } from '../../kube/control-plane.ts';
import { FakeNodes } from '../../kube/fake-nodes.ts';
import type { Container, Image, Pod } from '../../kube/pod/pod.ts';
import { ProcessNode } from '../../kube/process-node.ts';
import { ServiceProxy } from '../../kube/service-proxy.ts';
import { isAlive } from '../../servers/leftovers.ts';
import { until } from '../../servers/until.ts';

const run = promisify(execFile);

const ROOT = join(import.meta.dirname, '../../..');
const APP: Image = { folder: ROOT, entrypoint: ['node', 'test/fakes/pod-app.ts'] };
const CRASHING: Image = { folder: ROOT, entrypoint: ['node', '-e', 'process.exit(3)'] };
/** An API server that starts anew, or a container, takes some of it where others use the cores too. */
const SOON_MS = 60_000;
/** Only where nodes are to fall silent: on a busy machine some heartbeats come later than that. */
const SHORT_GRACE_MS = 4_000;
vi.setConfig({ testTimeout: 120_000, hookTimeout: 90_000 });

let plane: ControlPlane;
let nodes: readonly ProcessNode[];
let proxy: ServiceProxy;

beforeAll(async () => {
  plane = await ControlPlane.start({ evictionSeconds: 1 });
  const images = { app: APP, crashing: CRASHING };
  nodes = await Promise.all(
    ['a', 'b', 'c'].map((name) => ProcessNode.start(plane, { name, zone: `zone-${name}`, images, crashBackoffMs: 500 })),
  );
  await plane.createNamespace('test');
  await plane.api.create('/api/v1/namespaces/test/secrets', {
    metadata: { name: 'given' },
    stringData: { word: 'sesame', text: 'of a file' },
  });
  const ports = [{ port: 80, targetPort: 8_080 }];
  await plane.api.create('/api/v1/namespaces/test/services', { metadata: { name: 'app' }, spec: { selector: { app: 'served' }, ports } });
  proxy = await ServiceProxy.start(plane, { namespace: 'test', service: 'app' });
});

/** What a test leaves behind, such as when it failed, would be another one's endpoint. */
afterEach(async () => {
  await plane.start('apiserver');
  const { items } = await plane.api.get<{ items: Pod[] }>(pathOf(''));
  await Promise.all(items.map(({ metadata }) => plane.api.delete(pathOf(metadata.name), { gracePeriodSeconds: 0 })));
});

afterAll(async () => {
  await proxy?.stop();
  await Promise.all((nodes ?? []).map((node) => node.stop()));
  await plane?.stop();
});

interface Wanted {
  readonly namespace?: string;
  readonly node?: string;
  readonly served?: boolean;
  readonly graceSeconds?: number;
  readonly container?: Partial<Container>;
}

const pathOf = (name: string, namespace = 'test') => `/api/v1/namespaces/${namespace}/pods/${name}`;

async function create(
  name: string,
  { namespace = 'test', node, served = false, graceSeconds = 5, container = {} }: Wanted = {},
): Promise<Pod> {
  const readinessProbe = { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 1 };
  const common = { name: 'main', image: 'app', ports: [{ name: 'http', containerPort: 8_080 }], readinessProbe };
  return plane.api.create(`/api/v1/namespaces/${namespace}/pods`, {
    metadata: { name, labels: { app: served ? 'served' : 'other' } },
    spec: {
      ...(node === undefined ? null : { nodeSelector: { 'kubernetes.io/hostname': node } }),
      terminationGracePeriodSeconds: graceSeconds,
      containers: [{ ...common, ...container }],
      volumes: [{ name: 'files', secret: { secretName: 'given' } }],
    },
  });
}

interface Seen extends Pod {
  readonly status: NonNullable<Pod['status']> & {
    readonly podIP?: string;
    readonly containerStatuses?: readonly {
      readonly restartCount: number;
      readonly state: { readonly waiting?: { readonly reason: string }; readonly running?: object };
      readonly lastState: { readonly terminated?: { readonly exitCode: number } };
    }[];
  };
}

const untilPod = (what: string, name: string, is: (pod: Seen) => boolean) =>
  until(`${name} ${what}`, SOON_MS, async () => {
    const pod = await plane.api.get<Seen>(pathOf(name));
    return is(pod) ? pod : undefined;
  });
const isReady = (pod: Seen) => pod.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
const containerOf = (pod: Seen) => pod.status.containerStatuses?.[0];
const untilReady = (name: string) => untilPod('is ready', name, isReady);
const untilGone = (name: string) =>
  until(`${name} is gone`, SOON_MS, async () => (await plane.api.find(pathOf(name))) === undefined || undefined);
const nodeOf = (pod: Pod) => nodes.find(({ name }) => name === pod.spec.nodeName) ?? expect.fail('on no node');
const processOf = (name: string) => nodes.flatMap((node) => node.processes()).find(({ pod }) => pod === name);
const ask = async (path = '/') => (await fetch(`http://127.0.0.1:${proxy.port}${path}`, { headers: { connection: 'close' } })).json();
const serves = (...pods: readonly Seen[]) => {
  const wanted = pods.map(({ status }) => `${podAddress(status.podIP ?? '')}:8080`).sort();
  const what = `the Service has ${pods.map(({ metadata }) => metadata.name)}`;
  return until(what, SOON_MS, async () => JSON.stringify([...proxy.endpoints()].sort()) === JSON.stringify(wanted) || undefined);
};

describe('a Pod is a process', () => {
  it('that has its variables, Secrets and files, nothing of the test, and is reached through its Service', async () => {
    const env = [
      { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'SECRET', valueFrom: { secretKeyRef: { name: 'given', key: 'word' } } },
      { name: 'FILE', value: '/etc/files/text' },
    ];
    const volumeMounts = [{ name: 'files', mountPath: '/etc/files' }];
    await create('given', { served: true, container: { env, volumeMounts } });
    await serves(await untilReady('given'));
    expect(await ask()).toEqual({ name: 'given', secret: 'sesame', file: 'of a file' });
  });

  it('that other processes reach by its own address, with the preload', async () => {
    await create('dialled');
    const { status } = await untilReady('dialled');
    const script = `fetch('http://${status.podIP}:8080/', { headers: { connection: 'close' } }).then((response) => response.json()).then(({ name }) => console.log('reached', name))`;
    // Not `spawnSync`: the nodes beat, and probe, in this process.
    const { stdout, stderr } = await run(process.execPath, ['--import', join(ROOT, 'test/kube/loopback.ts'), '-e', script]);
    expect(stdout + stderr).toBe('reached \n');
  });

  it('that is asked to end when it is deleted: the Service forgets it at once, what it has begun it finishes', async () => {
    const env = [{ name: 'END_MS', value: '1000' }];
    await create('leaving', { served: true, container: { env } });
    const pod = await untilReady('leaving');
    await serves(pod);
    const begun = ask('/slow');
    await until('the request is under way', SOON_MS, async () => proxy.connections > 0 || undefined);
    await plane.api.delete(pathOf('leaving'));
    await create('staying', { served: true });
    await serves(await untilReady('staying'));
    await expect(begun).resolves.toMatchObject({ name: '' });
    const node = nodeOf(pod);
    await untilGone('leaving');
    expect(node.log('test', 'leaving')).toMatch(/asked to end\nended by itself\n$/);
  });

  it('that is killed when its grace period is over', async () => {
    await create('stubborn', { graceSeconds: 1, container: { env: [{ name: 'END_MS', value: 'never' }] } });
    const pod = await untilReady('stubborn');
    const pid = processOf('stubborn')?.pid ?? 0;
    const since = performance.now();
    await plane.api.delete(pathOf('stubborn'));
    await untilGone('stubborn');
    expect(performance.now() - since).toBeGreaterThan(950);
    expect(nodeOf(pod).log('test', 'stubborn')).toMatch(/asked to end\n$/);
    expect(isAlive(pid)).toBe(false);
  });
});

describe('a container that ends', () => {
  it('is started again in place, at the same address', async () => {
    await create('hit');
    const before = await untilReady('hit');
    nodeOf(before).crash('test', 'hit');
    const after = await untilPod('is started again', 'hit', (pod) => isReady(pod) && containerOf(pod)?.restartCount === 1);
    expect(containerOf(after)?.lastState.terminated?.exitCode).toBe(137);
    expect(after.status.podIP).toBe(before.status.podIP);
  });

  it('is started again when its liveness probe fails', async () => {
    const probe = { httpGet: { path: '/healthz', port: 8_080 }, periodSeconds: 1 };
    const container = { startupProbe: { ...probe, failureThreshold: 60 }, livenessProbe: { ...probe, failureThreshold: 1 } };
    await create('sick', { container });
    const { status } = await untilReady('sick');
    await fetch(`http://${podAddress(status.podIP ?? '')}:8080/sick`);
    await untilPod('is started again', 'sick', (pod) => isReady(pod) && containerOf(pod)?.restartCount === 1);
  });

  it('again and again is in CrashLoopBackOff', async () => {
    await create('crashing', { container: { image: 'crashing' } });
    const looping = (pod: Seen) =>
      containerOf(pod)?.state.waiting?.reason === 'CrashLoopBackOff' && (containerOf(pod)?.restartCount ?? 0) > 1;
    const pod = await untilPod('is in CrashLoopBackOff', 'crashing', looping);
    expect(pod.status.phase).toBe('Running');
    expect(containerOf(pod)?.lastState.terminated?.exitCode).toBe(3);
    await plane.api.delete(pathOf('crashing'));
    await untilGone('crashing');
  });

  it('never began while its image or Secret is missing', async () => {
    await create('early', {
      container: { image: 'later', env: [{ name: 'SECRET', valueFrom: { secretKeyRef: { name: 'later', key: 'a' } } }] },
    });
    await untilPod('waits for its image', 'early', (pod) => containerOf(pod)?.state.waiting?.reason === 'ImagePullBackOff');
    for (const node of nodes) node.images.set('later', APP);
    await untilPod('waits for its Secret', 'early', (pod) => containerOf(pod)?.state.waiting?.reason === 'CreateContainerConfigError');
    await plane.api.create('/api/v1/namespaces/test/secrets', { metadata: { name: 'later' }, stringData: { a: 'b' } });
    await untilReady('early');
  });
});

describe('the API server refuses', () => {
  const refusal = async (asked: Promise<unknown>) => {
    const error = await asked.then(
      () => expect.fail('it was taken'),
      (error: unknown) => error,
    );
    expect(error).toBeInstanceOf(ApiError);
    return error as ApiError;
  };

  it('a Pod above the quota', async () => {
    await plane.createNamespace('small');
    await plane.api.create('/api/v1/namespaces/small/resourcequotas', { metadata: { name: 'small' }, spec: { hard: { pods: '0' } } });
    await until('the quota is counted', SOON_MS, async () => {
      const { status } = await plane.api.get<{ status: { hard?: object } }>('/api/v1/namespaces/small/resourcequotas/small');
      return status.hard;
    });
    const { status, message } = await refusal(create('one-too-many', { namespace: 'small' }));
    expect(status).toBe(403);
    expect(message).toContain('exceeded quota: small');
  });

  it('a Pod that is not as restricted as its namespace wants', async () => {
    await plane.createNamespace('strict', { 'pod-security.kubernetes.io/enforce': 'restricted' });
    const { status, message } = await refusal(create('careless', { namespace: 'strict' }));
    expect(status).toBe(403);
    expect(message).toContain('violates PodSecurity "restricted');
  });

  it('what a ServiceAccount has no right to', async () => {
    const role = { metadata: { name: 'reader' }, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }] };
    const subjects = [{ kind: 'ServiceAccount', name: 'default', namespace: 'test' }];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' };
    await plane.api.create('/apis/rbac.authorization.k8s.io/v1/namespaces/test/roles', role);
    await plane.api.create('/apis/rbac.authorization.k8s.io/v1/namespaces/test/rolebindings', {
      metadata: { name: 'reader' },
      subjects,
      roleRef,
    });
    const kubeconfig = await plane.serviceAccountKubeconfig('test', 'default');
    await expect(plane.kubectl('--kubeconfig', kubeconfig, 'get', 'pods', '-o', 'name')).resolves.not.toContain('secret');
    await expect(plane.kubectl('--kubeconfig', kubeconfig, 'get', 'secrets')).rejects.toThrow('cannot list resource "secrets"');
  });
});

describe('while the API server is away', () => {
  it('Pods run on, and what is asked when it is back is done', async () => {
    await create('enduring', { served: true });
    const pod = await untilReady('enduring');
    await serves(pod);
    await plane.kill9('apiserver');
    nodeOf(pod).crash('test', 'enduring');
    await until('it is started again', SOON_MS, async () => ask().then(() => true));
    await plane.start('apiserver');
    await untilPod('tells of its restart', 'enduring', (seen) => isReady(seen) && containerOf(seen)?.restartCount === 1);
    await plane.api.delete(pathOf('enduring'));
    await untilGone('enduring');
  });
});

describe('fake nodes', () => {
  it('have Pods that are ready at once, whose admin ports drain connections that nobody made', async () => {
    const fake = await FakeNodes.start(plane, { nodes: 1, connectionsPerCluster: 90, heartbeatMs: 1_000 });
    try {
      const names = ['fake-pod-0', 'fake-pod-1', 'fake-pod-2'];
      const pods = await Promise.all(names.map((name) => create(name, { node: 'fake-0' }).then(() => untilReady(name))));
      const call = async (pod: Seen | undefined, path: string, body?: object) => {
        const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
        const response = await fetch(`http://${podAddress(pod?.status.podIP ?? '')}:9090${path}`, init);
        return (await response.json()) as GatewayStatus;
      };
      await until('all share the connections', SOON_MS, async () => (await call(pods[0], '/status')).connections === 30 || undefined);
      expect(await call(pods[0], '/drain', { ratePerSecond: 100, timeoutMs: 60_000 })).toMatchObject({
        state: 'draining',
        connections: 30,
      });
      await until('it is drained', SOON_MS, async () => (await call(pods[0], '/status')).connections === 0 || undefined);
      expect(await call(pods[1], '/status')).toMatchObject({ state: 'accepting', connections: 45 });
      await Promise.all(names.map((name) => plane.api.delete(pathOf(name))));
      await Promise.all(names.map(untilGone));
      expect(await fake.pods()).toBe(0);
    } finally {
      await fake.stop();
      await plane.api.delete('/api/v1/nodes/fake-0');
    }
  });
});

describe('a node that falls silent', () => {
  it('is tainted and its Pods are evicted: those of a lost node are never heard of again, those of a cut one run until it is healed', async () => {
    const [, lost, cut] = nodes;
    if (lost === undefined || cut === undefined) return expect.fail('there are three nodes');
    await Promise.all([create('lost', { node: 'b' }), create('cut', { node: 'c' })]);
    await Promise.all([untilReady('lost'), untilReady('cut')]);
    const pids = { lost: processOf('lost')?.pid ?? 0, cut: processOf('cut')?.pid ?? 0 };
    await plane.setNodeGrace(SHORT_GRACE_MS);
    cut.cut();
    await lost.lose();
    expect(isAlive(pids.lost)).toBe(false);
    const isTainted = async (name: string) => {
      const { spec } = await plane.api.get<{ spec: { taints?: readonly { key: string; effect: string }[] } }>(`/api/v1/nodes/${name}`);
      return spec.taints?.some(({ key, effect }) => key === 'node.kubernetes.io/unreachable' && effect === 'NoExecute') || undefined;
    };
    await Promise.all(['b', 'c'].map((name) => until(`${name} is tainted`, SOON_MS, () => isTainted(name))));
    const evicted = (pod: Seen) => pod.metadata.deletionTimestamp !== undefined;
    await Promise.all(['lost', 'cut'].map((name) => untilPod('is evicted', name, evicted)));
    expect(isAlive(pids.cut)).toBe(true);
    cut.heal();
    await untilGone('cut');
    expect(isAlive(pids.cut)).toBe(false);
    await until('the healed node takes Pods', SOON_MS, async () => ((await isTainted('c')) ? undefined : true));
    expect(await plane.api.find(pathOf('lost'))).toBeDefined();
  });
});

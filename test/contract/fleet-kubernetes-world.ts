import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { MemoryEngine } from '../../gateway/broker/memory/engine.ts';
import { serveBroker } from '../../gateway/broker/server.ts';
import { LABELS } from '../../operator/api/names.ts';
import { KubernetesFleet } from '../../operator/fleet/kubernetes/kubernetes-fleet.ts';
import { adminTokenSecret, type Owner, ownedObjects } from '../../operator/fleet/kubernetes/owned.ts';
import type { EndpointSlice, Node, Pod } from '../../operator/fleet/kubernetes/pod.ts';
import { slimPod } from '../../operator/fleet/kubernetes/slim-pod.ts';
import { KubeApi } from '../../operator/kube/api.ts';
import { Informer } from '../../operator/kube/informer.ts';
import { type KubeObject, RESOURCES } from '../../operator/kube/object.ts';
import { ADMIN_PATHS, type GatewayStatus } from '../../protocol/admin.ts';
import { GATEWAY_ENV } from '../../protocol/gateway-env.ts';
import { cluster, type SpecChanges } from '../fakes/chat-cluster.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { podAddress } from '../kube/addresses.ts';
import { ControlPlane } from '../kube/control-plane.ts';
import { makeMemoryFolder } from '../kube/folder.ts';
import { ProcessNode } from '../kube/process-node.ts';
import { ServiceProxy } from '../kube/service-proxy.ts';

const ROOT = join(import.meta.dirname, '../..');
const CRD = join(ROOT, 'crds/chatcluster.io_chatclusters.yaml');
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
export const ADMIN_TOKEN = 'a-token-for-the-gateways-of-tests';
const IMAGE = 'chatcluster:test';

/** A real control plane with one node of processes, which knows what a ChatCluster is. */
export interface Bed {
  readonly plane: ControlPlane;
  readonly node: ProcessNode;
  stop(): Promise<void>;
}

export async function openBed(): Promise<Bed> {
  const plane = await ControlPlane.start();
  await plane.api.create(CRDS, parse(await readFile(CRD, 'utf8')) as object);
  const node = await ProcessNode.start(plane, {
    name: 'node-a',
    zone: 'zone-a',
    images: { [IMAGE]: { folder: ROOT, entrypoint: ['node', 'bin/chatcluster.js'] } },
  });
  return {
    plane,
    node,
    async stop() {
      await node.stop();
      await plane.stop();
    },
  };
}

/** One ChatCluster's fleet, in a namespace of its own, in which Pods must keep to the restricted standard. */
export interface World {
  readonly namespace: string;
  readonly owner: Owner;
  readonly fleet: KubernetesFleet;
  readonly pods: Informer<Pod>;
  readonly api: KubeApi;
  readonly proxy: ServiceProxy;
  /** Has the fleet make gateways by this spec from now on. */
  configure(changes: SpecChanges): void;
  /** The fleet of a new operator; that of the one before has ended, as only one acts at a time. */
  nextFleet(): Promise<KubernetesFleet>;
  pod(gateway: string): Pod;
  /** Asked past the fleet. */
  status(gateway: string): Promise<GatewayStatus>;
  stop(): Promise<void>;
}

export interface WorldOptions {
  readonly spec?: SpecChanges;
  readonly restartPolicy?: 'Always' | 'Never';
}

let worlds = 0;

export async function openWorld({ plane }: Bed, { spec = {}, restartPolicy = 'Always' }: WorldOptions = {}): Promise<World> {
  const namespace = `fleet-${++worlds}`;
  await plane.createNamespace(namespace, { 'pod-security.kubernetes.io/enforce': 'restricted' });
  const socketPath = join(makeMemoryFolder('broker'), 'broker.sock');
  const broker = new MemoryEngine().connect();
  const server = await serveBroker(broker, socketPath);
  const container = { name: 'gateway', env: [{ name: GATEWAY_ENV.broker, value: `unix:${socketPath}` }] };
  const template = { spec: { restartPolicy, containers: [container] } };
  const clusterOf = (changes: SpecChanges) => cluster({ ...changes, pods: { template, ...changes.pods } });

  const api = await KubeApi.load({ kubeconfig: plane.kubeconfig });
  const resource = { metadata: { name: 'chat', namespace }, spec: { broker: { url: 'redis://nowhere:6379' } } };
  const created = await api.create<KubeObject>(RESOURCES.chatclusters, namespace, resource);
  const owner = { namespace, name: 'chat', uid: created.metadata.uid ?? '' };
  const secret = adminTokenSecret(owner, ADMIN_TOKEN);
  await api.create(RESOURCES.secrets, namespace, secret);
  for (const { type, object } of ownedObjects(clusterOf(spec), owner, 1)) await api.apply(type, namespace, object);

  const common = { api, log: silentLog };
  const ours = { namespaces: [namespace], labelSelector: LABELS.cluster };
  const pods = new Informer<Pod>({ ...common, ...ours, type: RESOURCES.pods, slim: slimPod });
  const endpointSlices = new Informer<EndpointSlice>({ ...common, ...ours, type: RESOURCES.endpointslices });
  const nodes = new Informer<Node>({ ...common, type: RESOURCES.nodes, namespaces: null });
  const informers = [pods, endpointSlices, nodes].map(running);
  await Promise.all([pods.synced, endpointSlices.synced, nodes.synced]);
  const newFleet = () =>
    new KubernetesFleet({
      ...common,
      cluster: clusterOf(spec),
      owner,
      pods,
      endpointSlices,
      nodes,
      adminToken: () => ADMIN_TOKEN,
      image: IMAGE,
      addressOf: podAddress,
      scrapeIntervalMs: 50,
      adminTimeoutMs: 1000,
      stopGraceSeconds: 20,
    });
  let acting = running(newFleet());
  const { part: fleet } = acting;
  const proxy = await ServiceProxy.start(plane, { namespace, service: 'chat' });
  const podOf = (gateway: string) => {
    const pod = pods.get(namespace, gateway);
    if (pod === undefined) throw new Error(`there is no Pod ${gateway}`);
    return pod;
  };
  return {
    namespace,
    owner,
    fleet,
    pods,
    api,
    proxy,
    configure: (changes) => fleet.configure(clusterOf(changes)),
    async nextFleet() {
      await acting.end();
      acting = running(newFleet());
      return acting.part;
    },
    pod: podOf,
    async status(gateway) {
      const url = `http://${podAddress(podOf(gateway).status?.podIP ?? '')}:9090${ADMIN_PATHS.status}`;
      const response = await fetch(url, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } });
      return (await response.json()) as GatewayStatus;
    },
    async stop() {
      await Promise.all([acting, ...informers].map(({ end }) => end()));
      await proxy.stop();
      for (const { metadata } of pods.list()) {
        await plane.api.delete(`/api/v1/namespaces/${namespace}/pods/${metadata.name}`, { gracePeriodSeconds: 0 });
      }
      api.close();
      await server.close();
      await broker.close();
    },
  };
}

/** Runs it until `end`, which resolves when it has ended. */
function running<T extends { run(signal: AbortSignal): Promise<unknown> }>(part: T): { readonly part: T; end(): Promise<void> } {
  const ending = new AbortController();
  const run = part.run(ending.signal);
  return {
    part,
    async end() {
      ending.abort();
      await run;
    },
  };
}

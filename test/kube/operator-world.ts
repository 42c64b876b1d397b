import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { LOAD_DEFAULTS, type LoadArguments, loadOptions } from '../../load/options.ts';
import { runLoad } from '../../load/run.ts';
import type { Verdict } from '../../load/verdict.ts';
import { NAMES } from '../../operator/api/names.ts';
import { LEASE_RULES, NAMESPACE_RULES, type Rule } from '../../operator/controller/rbac.ts';
import type { ResourceStatus } from '../../operator/status/resource-status.ts';
import { RedisServer } from '../servers/redis/server.ts';
import { until } from '../servers/until.ts';
import { podAddress } from './addresses.ts';
import type { Item } from './api.ts';
import { ControlPlane, type ControlPlaneOptions } from './control-plane.ts';
import { GATEWAY_IMAGE, type OperatorOptions, OperatorProcess } from './operator-process.ts';
import type { Pod } from './pod/pod.ts';
import { ProcessNode } from './process-node.ts';
import { ServiceProxy } from './service-proxy.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CRD = join(ROOT, 'crds/chatcluster.io_chatclusters.yaml');
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const SETTLE_MS = 120_000;

/** A ChatCluster as the API server answers it. */
export interface ChatClusterItem extends Item {
  readonly metadata: Item['metadata'] & {
    readonly generation: number;
    readonly finalizers?: readonly string[];
    readonly ownerReferences?: readonly object[];
  };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: ResourceStatus;
}

/** A real control plane that knows ChatClusters, nodes of processes in two zones, a Redis: all that operators need. */
export class OperatorWorld {
  readonly plane: ControlPlane;
  readonly nodes: readonly ProcessNode[];
  readonly redis: RedisServer;
  readonly #operators: OperatorProcess[] = [];
  readonly #clusters: Subject[] = [];
  #namespaces = 0;

  private constructor(plane: ControlPlane, nodes: readonly ProcessNode[], redis: RedisServer) {
    this.plane = plane;
    this.nodes = nodes;
    this.redis = redis;
  }

  static async open(options: ControlPlaneOptions = {}): Promise<OperatorWorld> {
    const [plane, redis] = await Promise.all([ControlPlane.start(options), RedisServer.start()]);
    await plane.api.create(CRDS, parse(readFileSync(CRD, 'utf8')) as object);
    const images = { [GATEWAY_IMAGE]: { folder: ROOT, entrypoint: ['node', 'bin/chatcluster.js'] } };
    const start = (zone: string) => ProcessNode.start(plane, { name: `node-${zone}`, zone, images });
    return new OperatorWorld(plane, await Promise.all(['a', 'b'].map(start)), redis);
  }

  /** A ChatCluster "chat" that is to be, in a namespace of its own. */
  async subject(): Promise<Subject> {
    const namespace = `operator-${++this.#namespaces}`;
    await this.plane.createNamespace(namespace);
    const proxy = await ServiceProxy.start(this.plane, { namespace, service: 'chat' });
    return this.#added(new Subject(this, namespace, proxy));
  }

  /** The ChatCluster that the operator makes for this one's long polls. */
  async farmOf({ namespace }: Subject): Promise<Subject> {
    const name = NAMES.longPollFarm('chat');
    const proxy = await ServiceProxy.start(this.plane, { namespace, service: name });
    return this.#added(new Subject(this, namespace, proxy, name));
  }

  #added(subject: Subject): Subject {
    this.#clusters.push(subject);
    return subject;
  }

  /** An operator for the namespaces of these ChatClusters alone, with its Lease in the first, that may do no more than it must. */
  async operator(name: string, subjects: readonly Subject[], options: Partial<OperatorOptions> = {}): Promise<OperatorProcess> {
    const namespaces = subjects.map(({ namespace }) => namespace);
    const [home = 'default'] = namespaces;
    const kubeconfig = await this.#rights(home, namespaces);
    const env = { CHATCLUSTER_LEASE_NAMESPACE: home, ...options.env };
    const operator = new OperatorProcess(this.plane, { name, namespaces, kubeconfig, ...options, env });
    this.#operators.push(operator);
    return operator;
  }

  /** A ServiceAccount with exactly the rights that the operator says it needs. */
  async #rights(home: string, namespaces: readonly string[]): Promise<string> {
    const { api } = this.plane;
    const name = 'operator';
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces';
    const subjects = [{ kind: 'ServiceAccount', name, namespace: home }];
    const grant = async (namespace: string, role: string, rules: readonly Rule[]) => {
      const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role };
      await api.apply(`${rbac}/${namespace}/roles/${role}`, { ...kindOf('Role'), metadata: { name: role }, rules });
      await api.apply(`${rbac}/${namespace}/rolebindings/${role}`, {
        ...kindOf('RoleBinding'),
        metadata: { name: role },
        roleRef,
        subjects,
      });
    };
    await api.apply(`/api/v1/namespaces/${home}/serviceaccounts/${name}`, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } });
    for (const namespace of namespaces) await grant(namespace, 'operator', NAMESPACE_RULES);
    await grant(home, 'operator-lease', LEASE_RULES);
    return this.plane.serviceAccountKubeconfig(home, name);
  }

  /** A gateway stands still: connections stay open, and nothing is answered. */
  freeze({ namespace }: Subject, pod: string): void {
    const isThere = (node: ProcessNode) => node.processes().some((process) => process.namespace === namespace && process.pod === pod);
    const node = this.nodes.find(isThere);
    if (node === undefined) throw new Error(`The Pod ${namespace}/${pod} runs nowhere.`);
    node.freeze(namespace, pod);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#operators.map((operator) => operator.kill9()));
    await Promise.all(this.#clusters.map(({ proxy }) => proxy.stop()));
    await Promise.all(this.nodes.map((node) => node.stop()));
    await Promise.all([this.redis.stop(), this.plane.stop()]);
  }
}

/** The ChatCluster of a test. */
export class Subject {
  readonly namespace: string;
  readonly name: string;
  readonly proxy: ServiceProxy;
  readonly #world: OperatorWorld;

  constructor(world: OperatorWorld, namespace: string, proxy: ServiceProxy, name = 'chat') {
    this.#world = world;
    this.namespace = namespace;
    this.name = name;
    this.proxy = proxy;
  }

  get path(): string {
    return `/apis/chatcluster.io/v1alpha1/namespaces/${this.namespace}/chatclusters/${this.name}`;
  }

  /** Where clients find it. */
  get url(): string {
    return `http://127.0.0.1:${this.proxy.port}`;
  }

  /** As `kubectl apply` does, on top of what tests need: a Redis, few connections per gateway, drains of a few seconds. `yaml`: of the spec. */
  async apply(yaml: string): Promise<void> {
    const { plane, redis } = this.#world;
    const spec = merged(parse(BASE), (parse(yaml) ?? {}) as Tree);
    const broker = { url: `redis://127.0.0.1:${redis.port}/0`, keyPrefix: `${this.namespace}:` };
    await plane.api.apply(this.path, {
      apiVersion: 'chatcluster.io/v1alpha1',
      kind: 'ChatCluster',
      metadata: { name: this.name, namespace: this.namespace },
      spec: { broker, ...spec },
    });
  }

  async resource(): Promise<ChatClusterItem> {
    return this.#world.plane.api.get<ChatClusterItem>(this.path);
  }

  async pods(): Promise<readonly Pod[]> {
    const { items } = await this.#world.plane.api.get<{ items: Pod[] }>(`/api/v1/namespaces/${this.namespace}/pods`);
    return items.filter(({ metadata }) => metadata.labels?.['chatcluster.io/cluster'] === this.name);
  }

  /** A metric of each of its gateways now, by its name behind "chatcluster_gateway_". */
  async figures(metric: string): Promise<readonly number[]> {
    const pods = (await this.pods()) as readonly (Pod & { readonly status?: { readonly podIP?: string } })[];
    const read = async (ip = ''): Promise<number> => {
      const text = await (await fetch(`http://${podAddress(ip)}:9090/metrics`)).text();
      return Number(new RegExp(`^chatcluster_gateway_${metric}\\b.* (\\S+)$`, 'm').exec(text)?.[1]);
    };
    return Promise.all(pods.map(({ status }) => read(status?.podIP)));
  }

  /** Waits for a status; what is waited for is told when it doesn't come. */
  async until(
    what: string,
    holds: (status: ResourceStatus, resource: ChatClusterItem) => boolean,
    timeoutMs = SETTLE_MS,
  ): Promise<ChatClusterItem> {
    let last: ChatClusterItem | undefined;
    try {
      return await until(what, timeoutMs, async () => {
        last = await this.resource();
        return last.status !== undefined && holds(last.status, last) ? last : undefined;
      });
    } catch (error) {
      throw new Error(`${String(error)}\n${JSON.stringify(last?.status, null, 1)}`);
    }
  }

  /** Waits until it has so many gateways, all of the present settings and ready, and nothing goes on any more. */
  async settled(gateways: number, timeoutMs = SETTLE_MS): Promise<ChatClusterItem> {
    const resource = await this.until(
      `${gateways} gateways, and all is quiet`,
      (status, { metadata }) => isSettled(status, gateways, metadata.generation),
      timeoutMs,
    );
    await until(`no Pod but those of ${gateways} gateways`, timeoutMs, async () => (await this.pods()).length === gateways || undefined);
    return resource;
  }

  /** Clients that publish and listen until the signal, and what they saw. */
  load(words: Partial<LoadArguments>, signal: AbortSignal): Promise<Verdict> {
    const options = loadOptions({ ...LOAD_DEFAULTS, url: this.url, connectRate: '100', duration: '10m', settle: '20s', ...words });
    return runLoad(options, signal, () => undefined);
  }

  /** Waits until so many clients are connected: the status tells such figures late. */
  async clients(count: number): Promise<void> {
    await until(`${count} clients`, SETTLE_MS, async () => this.proxy.connections >= count || undefined);
  }

  /** Reasons of the Events about it and its Pods, in no order. */
  async events(): Promise<readonly string[]> {
    const { items } = await this.#world.plane.api.get<{ items: { reason: string; reportingController?: string }[] }>(
      `/apis/events.k8s.io/v1/namespaces/${this.namespace}/events`,
    );
    return items.filter(({ reportingController }) => reportingController === 'chatcluster-operator').map(({ reason }) => reason);
  }
}

/** Whether nothing goes on: what was decided on this generation is done. */
export function isSettled(status: ResourceStatus, gateways: number, generation: number): boolean {
  const { replicas, readyReplicas, updatedReplicas, desiredReplicas, draining, observedGeneration } = status;
  const progressing = status.conditions?.find(({ type }) => type === 'Progressing');
  const counts = [replicas, readyReplicas, updatedReplicas, desiredReplicas].every((count) => count === gateways);
  return counts && draining === 0 && observedGeneration === generation && progressing?.status === 'False';
}

const BASE = `
gateway: {connectionsPerGateway: 100, acceptRatePerSecond: 100}
drain: {timeout: 20s, maxConnectionsPerSecond: 50}
scaling:
  minReplicas: 2
  maxReplicas: 6
  behavior: {scaleDown: {stabilizationWindowSeconds: 2}}
`;

const kindOf = (kind: string) => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind });

type Tree = { readonly [key: string]: unknown };

function merged(base: Tree, changes: Tree): Tree {
  const entries = Object.entries(changes).map(([key, value]) => {
    const before = base[key];
    return [key, isTree(before) && isTree(value) ? merged(before, value) : value] as const;
  });
  return { ...base, ...Object.fromEntries(entries) };
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../servers/until.ts';
import { AddressBlock } from './addresses.ts';
import { Api, ApiError } from './api.ts';
import type { ControlPlane } from './control-plane.ts';
import { makeMemoryFolder } from './folder.ts';
import { nodeLease, nodeObject, nodeStatus } from './node-objects.ts';
import type { Image, Pod } from './pod/pod.ts';
import { ProcessPod } from './pod/process-pod.ts';

export interface NodeOptions {
  readonly name: string;
  readonly zone?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** By the name in a container's `image`. A name that isn't here can't be pulled. */
  readonly images?: Readonly<Record<string, Image>>;
  /** Pods that the scheduler may put there. Default 240, which is also the most. */
  readonly podCapacity?: number;
  /** Default 1,000. */
  readonly heartbeatMs?: number;
  /** The first pause of a container that ends again and again; the kubelet's is 10 s. Default 1,000. */
  readonly crashBackoffMs?: number;
}

/** A container's process. */
export interface PodProcess {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly pid: number;
}

/** One in so many heartbeats also says that the node is Ready, which the node controller may have taken back meanwhile. */
const STATUS_EVERY = 3;
const START_TIMEOUT_MS = 10_000;

/** A node without containers: it runs what Pods ask for as local processes, each Pod on a loopback address of its own. */
export class ProcessNode {
  readonly name: string;
  /** Images can come and go while it runs. */
  readonly images: Map<string, Image>;
  readonly #plane: ControlPlane;
  readonly #options: NodeOptions;
  readonly #api: Api;
  readonly #folder: string;
  readonly #addresses: AddressBlock;
  readonly #pods = new Map<string, ProcessPod>();
  /** As the API server last showed them. */
  readonly #seen = new Map<string, Pod>();
  readonly #life = new AbortController();
  #link = new AbortController();
  #connected = true;
  #loops: Promise<unknown>[] = [];

  private constructor(plane: ControlPlane, options: NodeOptions, addresses: AddressBlock) {
    this.name = options.name;
    this.images = new Map(Object.entries(options.images ?? {}));
    this.#plane = plane;
    this.#options = options;
    this.#api = new Api(plane.api.access);
    this.#folder = makeMemoryFolder(`node-${options.name}`);
    this.#addresses = addresses;
  }

  /** Registers the node, or takes up one of this name, and runs the Pods that are bound to it. Resolves when it is Ready. */
  static async start(plane: ControlPlane, options: NodeOptions): Promise<ProcessNode> {
    const node = new ProcessNode(plane, options, await AddressBlock.take());
    try {
      await node.#register();
    } catch (error) {
      await node.lose();
      throw error;
    }
    node.#loops.push(node.#keepBeating());
    node.#follow();
    return node;
  }

  /** The processes that run now. */
  processes(): readonly PodProcess[] {
    return [...this.#pods.values()].flatMap(({ pod: { metadata }, containers }) =>
      containers.flatMap(({ child, view }) =>
        child === undefined ? [] : [{ namespace: metadata.namespace, pod: metadata.name, container: view.name, pid: child.pid }],
      ),
    );
  }

  /** What the containers of a Pod of this name printed, also before it was replaced. */
  log(namespace: string, pod: string): string {
    const files = readdirSync(this.#folder).filter((name) => name.startsWith(`${namespace}_${pod}_`));
    return files.map((name) => readFileSync(join(this.#folder, name), 'utf8')).join('');
  }

  /** Kills a Pod's processes: they are started again in place. */
  crash(namespace: string, pod: string): void {
    this.#signal('SIGKILL', namespace, pod);
  }

  /** They stand still: connections stay open, and nothing is answered. */
  freeze(namespace: string, pod: string): void {
    this.#signal('SIGSTOP', namespace, pod);
  }

  thaw(namespace: string, pod: string): void {
    this.#signal('SIGCONT', namespace, pod);
  }

  /** Cuts it off from the API server. Its processes run on, and clients reach them. */
  cut(): void {
    this.#connected = false;
    this.#link.abort();
  }

  /** Joins it again: what happened meanwhile is done now. */
  heal(): void {
    if (this.#connected || this.#life.signal.aborted) return;
    this.#connected = true;
    this.#link = new AbortController();
    for (const pod of this.#pods.values()) pod.repeat();
    this.#follow();
  }

  /** Loses it as if its power failed, but for one thing: connections to its Pods are reset. Resolves when all its processes have ended. */
  async lose(): Promise<void> {
    this.#life.abort();
    this.cut();
    await Promise.all([...this.#pods.values()].map((pod) => pod.end()));
    await Promise.all(this.#loops);
    this.#api.close();
    await this.#addresses.release();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Loses it without any word: its processes stand still, so connections to its Pods stay open, and nothing is answered. `lose` ends it. */
  vanish(): void {
    this.cut();
    for (const { pid } of this.processes()) process.kill(pid, 'SIGSTOP');
  }

  /** Ends it, as `lose`: the Node stays in the API server. */
  stop(): Promise<void> {
    return this.lose();
  }

  #signal(signal: NodeJS.Signals, namespace: string, name: string): void {
    const found = this.processes().filter((one) => one.namespace === namespace && one.pod === name);
    if (found.length === 0) throw new Error(`No process of the Pod ${namespace}/${name} runs on ${this.name}.`);
    for (const { pid } of found) process.kill(pid, signal);
  }

  async #register(): Promise<void> {
    const node = nodeObject(this.#options);
    try {
      await this.#api.create('/api/v1/nodes', node);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 409)) throw error;
      await this.#api.patch(`/api/v1/nodes/${this.name}`, node);
    }
    await until(`the node ${this.name} has its first heartbeat`, START_TIMEOUT_MS, async () => {
      await this.#beat(true);
      return true;
    });
  }

  async #beat(withStatus: boolean): Promise<void> {
    if (withStatus) {
      const status = nodeStatus(this.#options, this.#addresses.hostIp, new Date());
      await this.#api.patch(`/api/v1/nodes/${this.name}/status`, { status }, 'strategic');
    }
    const lease = nodeLease(this.name, new Date());
    await this.#api.apply(`/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${this.name}`, lease);
  }

  async #keepBeating(): Promise<void> {
    const { heartbeatMs = 1_000 } = this.#options;
    const { signal } = this.#life;
    for (let beats = 1; !signal.aborted; beats++) {
      await sleep(heartbeatMs, undefined, { signal }).catch(() => {});
      if (!this.#connected || signal.aborted) continue;
      try {
        await this.#beat(beats % STATUS_EVERY === 0);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
      }
    }
  }

  #follow(): void {
    const { signal } = this.#link;
    const follower = { put: (pod: Pod) => this.#put(pod, signal), remove: (pod: Pod) => this.#pods.get(pod.metadata.uid)?.removed() };
    const query = `fieldSelector=spec.nodeName%3D${this.name}`;
    this.#loops.push(this.#api.follow<Pod>('/api/v1/pods', query, signal, follower, this.#seen));
  }

  #put(pod: Pod, signal: AbortSignal): void {
    if (signal.aborted) return;
    const { uid } = pod.metadata;
    const known = this.#pods.get(uid);
    // What had ended before this node knew it has no process, and needs none.
    const over = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
    if (known !== undefined) known.update(pod);
    else if (!over) this.#start(pod);
  }

  #start(pod: Pod): void {
    const ip = this.#addresses.next();
    const { uid } = pod.metadata;
    const started = new ProcessPod(pod, {
      api: this.#api,
      place: { ip, hostIp: this.#addresses.hostIp },
      images: this.images,
      folder: this.#folder,
      crashBackoffMs: this.#options.crashBackoffMs ?? 1_000,
      connected: () => this.#connected,
      kubeconfig: (namespace, serviceAccount) => this.#plane.serviceAccountKubeconfig(namespace, serviceAccount),
      gone: () => {
        this.#pods.delete(uid);
        this.#addresses.giveBack(ip);
      },
    });
    this.#pods.set(uid, started);
    started.start();
  }
}

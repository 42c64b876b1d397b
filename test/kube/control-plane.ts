import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Child } from '../servers/child.ts';
import { freePort } from '../servers/ports.ts';
import { makeCertificate } from '../servers/tls.ts';
import { until } from '../servers/until.ts';
import { type Access, Api } from './api.ts';
import { kubeBinaries } from './binaries.ts';
import { argumentsOf, type Component, type Layout, type NodeTimes } from './components.ts';
import { makeMemoryFolder } from './folder.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { PodNetwork } from './pod-network.ts';

const run = promisify(execFile);

export interface ControlPlaneOptions extends Partial<NodeTimes> {
  /** A folder that stands already and is left standing; without it, one in memory that `stop` removes. */
  readonly dir?: string;
  /** Default `true`. Without it there are no EndpointSlices, no garbage collection, no node ever becomes NotReady, no quota is counted. */
  readonly controllerManager?: boolean;
  /** Default `true`. */
  readonly scheduler?: boolean;
  /** Writes a line of JSON for each request to `auditLog`. Default `false`. */
  readonly audit?: boolean;
}

const START_TIMEOUT_MS = 60_000;
const RESTART_GRACE_MS = 5_000;

type Programs = Awaited<ReturnType<typeof kubeBinaries>>;

/** What a control plane is made of, once. */
interface Parts {
  readonly programs: Programs;
  readonly layout: Layout;
  readonly times: NodeTimes;
  readonly ownFolder: boolean;
  readonly access: Access;
}

/** A real control plane: etcd, API server, controllers and scheduler, as processes that end with this one. */
export class ControlPlane {
  /** As the administrator. */
  readonly api: Api;
  /** `https://127.0.0.1:…` */
  readonly server: string;
  /** The authority that clients must trust. */
  readonly caFile: string;
  /** A file, of the administrator. */
  readonly kubeconfig: string;
  readonly folder: string;
  /** With `audit`: a file, one line of JSON for each request. */
  readonly auditLog: string | undefined;
  readonly #parts: Parts;
  readonly #children = new Map<Component, Child>();
  #nodeGraceMs: number;
  #podNetwork: PodNetwork | null = null;

  private constructor(parts: Parts) {
    this.#parts = parts;
    const { access, layout, times } = parts;
    this.#nodeGraceMs = times.nodeGraceMs;
    this.api = new Api(access);
    this.server = access.server;
    this.caFile = layout.certFile;
    this.folder = layout.folder;
    this.auditLog = layout.auditLog;
    this.kubeconfig = writeKubeconfig(join(layout.folder, 'admin.kubeconfig'), { ...access, caFile: layout.certFile });
  }

  /** Resolves when the API server is ready and, with the controller manager, the namespace `default` can have Pods; rejects with the log of what doesn't start. */
  static async start(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
    const plane = new ControlPlane(await prepare(options));
    try {
      plane.#podNetwork = await PodNetwork.start(plane.#parts.layout.podNetwork);
      await plane.start('etcd');
      await plane.start('apiserver');
      if (options.controllerManager ?? true) await plane.start('controller-manager');
      if (options.scheduler ?? true) await plane.start('scheduler');
      await plane.#untilPodsAreTaken('default');
      return plane;
    } catch (error) {
      await plane.stop();
      throw error;
    }
  }

  /** Starts a process that isn't running; that of the API server resolves when it is ready. */
  async start(component: Component): Promise<void> {
    if (this.running(component)) return;
    const { programs, layout } = this.#parts;
    const times = { ...this.#parts.times, nodeGraceMs: this.#nodeGraceMs };
    const program = component === 'etcd' ? programs.etcd : programs[`kube-${component}`];
    const { folder } = layout;
    const child = new Child({ program, args: argumentsOf(component, layout, times), folder, log: join(folder, `${component}.log`) });
    this.#children.set(component, child);
    if (component === 'apiserver') await this.#ready(child);
  }

  running(component: Component): boolean {
    return this.#children.get(component)?.running ?? false;
  }

  /** Ends a process at once. What it had answered for stays; `start` brings it back. */
  async kill9(component: Component): Promise<void> {
    const child = this.#children.get(component);
    child?.kill('SIGKILL');
    await child?.ended;
  }

  /** It stands still: connections stay open, and nothing is answered. */
  pause(component: Component): void {
    this.#children.get(component)?.kill('SIGSTOP');
  }

  resume(component: Component): void {
    this.#children.get(component)?.kill('SIGCONT');
  }

  /** Ends the API server as an upgrade would, and starts it on the same port. Resolves when it is ready. */
  async restartApiServer(): Promise<void> {
    await this.#children.get('apiserver')?.stop(RESTART_GRACE_MS);
    await this.start('apiserver');
  }

  /** From now on a node is NotReady after so long, ms. Resolves when the controllers have been started anew; what they find they learn as any that start. */
  async setNodeGrace(nodeGraceMs: number): Promise<void> {
    this.#nodeGraceMs = nodeGraceMs;
    await this.kill9('controller-manager');
    await this.start('controller-manager');
  }

  /** The last lines that a process printed. */
  log(component: Component): string {
    return this.#children.get(component)?.output() ?? '';
  }

  /** A new namespace that Pods can be created in. */
  async createNamespace(name: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.api.create('/api/v1/namespaces', { metadata: { name, labels } });
    await this.#untilPodsAreTaken(name);
  }

  /** A file for a client that is this ServiceAccount, good for an hour. The account must exist. */
  async serviceAccountKubeconfig(namespace: string, name: string): Promise<string> {
    const token = await this.serviceAccountToken(namespace, name);
    const file = join(this.folder, `${namespace}-${name}.kubeconfig`);
    return writeKubeconfig(file, { server: this.server, token, caFile: this.caFile, namespace });
  }

  async serviceAccountToken(namespace: string, name: string): Promise<string> {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
    const asked = await this.api.create<{ status: { token: string } }>(path, { spec: { expirationSeconds: 3_600 } });
    return asked.status.token;
  }

  /** Runs `kubectl` as the administrator, and answers what it printed; rejects when it fails. */
  async kubectl(...args: readonly string[]): Promise<string> {
    const env = { ...process.env, KUBECONFIG: this.kubeconfig, HOME: this.folder };
    const { stdout } = await run(this.#parts.programs.kubectl, args, { env });
    return stdout;
  }

  /** Ends all processes and removes the folder. */
  async stop(): Promise<void> {
    this.api.close();
    await Promise.all([...this.#children.keys()].map((component) => this.kill9(component)));
    await this.#podNetwork?.stop();
    if (this.#parts.ownFolder) rmSync(this.folder, { recursive: true, force: true });
  }

  async #ready(child: Child): Promise<void> {
    const asking = until('the API server is ready', START_TIMEOUT_MS, async () => {
      if (!child.running) return false;
      return (await this.api.get<string>('/readyz')) === 'ok' || undefined;
    });
    const ready = await asking.catch(() => false);
    if (ready) return;
    // Without etcd the API server ends or waits: the reason may be in either's log.
    const logs = (['etcd', 'apiserver'] as const).map((component) => `${component}:\n${this.log(component)}`).join('\n');
    throw new Error(`The API server did not start. Its log and that of etcd:\n${logs}`);
  }

  /** Each Pod needs its namespace's ServiceAccount `default`, which the controller manager makes. */
  async #untilPodsAreTaken(namespace: string): Promise<void> {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    if (!this.#children.has('controller-manager')) {
      await this.api.create(path, { metadata: { name: 'default' } }).catch(() => {});
    }
    const what = `the namespace ${namespace} has its ServiceAccount (log of the controller manager: ${this.log('controller-manager')})`;
    await until(what, START_TIMEOUT_MS, () => this.api.find(`${path}/default`));
  }
}

/** Makes the folder with certificate, keys and tokens. Tokens are only known to this machine's own files. */
async function prepare(options: ControlPlaneOptions): Promise<Parts> {
  const { dir, nodeGraceMs = 60_000, evictionSeconds = 5, audit = false } = options;
  const programs = await kubeBinaries();
  const folder = dir ?? makeMemoryFolder('kube');
  mkdirSync(folder, { recursive: true });
  const ports = { etcd: await freePort(), peer: await freePort(), apiserver: await freePort() };
  const server = `https://127.0.0.1:${ports.apiserver}`;
  const { certFile, keyFile, ca } = await makeCertificate(folder, ['127.0.0.1']);
  const serviceAccountKey = join(folder, 'service-accounts.key');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  writeFileSync(serviceAccountKey, privateKey.export({ type: 'sec1', format: 'pem' }));
  const tokens = { admin: randomToken(), controllers: randomToken(), scheduler: randomToken() };
  const tokensFile = join(folder, 'tokens.csv');
  const users = [
    `${tokens.admin},admin,admin,"system:masters"`,
    `${tokens.controllers},system:kube-controller-manager,controllers,"system:masters"`,
    `${tokens.scheduler},system:kube-scheduler,scheduler`,
  ];
  writeFileSync(tokensFile, `${users.join('\n')}\n`, { mode: 0o600 });
  const kubeconfigOf = (user: 'controllers' | 'scheduler') =>
    writeKubeconfig(join(folder, `${user}.kubeconfig`), { server, token: tokens[user], caFile: certFile });
  const kubeconfigs = { controllers: kubeconfigOf('controllers'), scheduler: kubeconfigOf('scheduler') };
  const auditLog = audit ? join(folder, 'audit.log') : undefined;
  const layout = {
    folder,
    ports,
    certFile,
    keyFile,
    tokensFile,
    serviceAccountKey,
    kubeconfigs,
    auditLog,
    podNetwork: join(folder, 'pods.sock'),
  };
  const access = { server, ca, token: tokens.admin };
  return { programs, layout, times: { nodeGraceMs, evictionSeconds }, ownFolder: dir === undefined, access };
}

function randomToken(): string {
  return randomBytes(16).toString('hex');
}

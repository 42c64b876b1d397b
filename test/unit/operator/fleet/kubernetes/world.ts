import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { KubernetesFleet } from '../../../../../operator/fleet/kubernetes/kubernetes-fleet.ts';
import type { EndpointSlice, Node, Pod } from '../../../../../operator/fleet/kubernetes/pod.ts';
import type { KubeApi } from '../../../../../operator/kube/api.ts';
import { KubeError } from '../../../../../operator/kube/error.ts';
import type { Informer } from '../../../../../operator/kube/informer.ts';
import type { KubeObject } from '../../../../../operator/kube/object.ts';
import type { GatewayStatus } from '../../../../../protocol/admin.ts';
import { cluster } from '../../../../fakes/chat-cluster.ts';
import { silentLog } from '../../../../fakes/silent-log.ts';
import { status } from './build.ts';

type Change<T> = { readonly kind: 'added' | 'changed' | 'removed'; readonly object: T; readonly before: T | null };

/** What an informer knows, as a test says. */
class Known<T extends KubeObject> {
  readonly objects = new Map<string, T>();
  readonly #listeners = new Set<(change: Change<T>) => void>();

  readonly list = () => [...this.objects.values()];
  readonly get = (_namespace: string | null, name: string) => this.objects.get(name);
  readonly onChange = (listener: (change: Change<T>) => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly observe = (object: T) => {
    const before = this.objects.get(object.metadata.name) ?? null;
    this.objects.set(object.metadata.name, object);
    for (const listener of this.#listeners) listener({ kind: before === null ? 'added' : 'changed', object, before });
  };
  readonly forget = (object: T) => {
    this.objects.delete(object.metadata.name);
    for (const listener of this.#listeners) listener({ kind: 'removed', object, before: object });
  };
}

/** Where the fake gateways listen: addresses of loopback that nobody else takes, also not another run of these tests. */
const NETWORK = `127.77.${Math.floor(Math.random() * 256)}.`;
const addressOf = (podIP: string) => podIP.replace(/^10\.0\.0\./, NETWORK);

/** A gateway's admin port, and what it was told. */
export class FakeGateway {
  readonly told: string[] = [];
  says: GatewayStatus = status();
  silent = false;
  readonly server: Server = createServer((req, res) => {
    let body = '';
    req.on('data', (chunk) => {
      body += chunk;
    });
    req.on('end', () => {
      if (this.silent) return void req.socket.destroy();
      if (req.method === 'POST') this.told.push(`${req.url} ${body}`.trim());
      this.#obey(req.url ?? '', body);
      const text = JSON.stringify(this.says);
      res.writeHead(200, { 'Content-Length': text.length }).end(text);
    });
  });

  #obey(path: string, body: string): void {
    if (path === '/cordon') this.says = { ...this.says, state: 'cordoned' };
    if (path === '/uncordon') this.says = { ...this.says, state: 'accepting', drain: null };
    if (path !== '/drain') return;
    const { ratePerSecond, timeoutMs } = JSON.parse(body) as { ratePerSecond: number; timeoutMs: number };
    this.says = { ...this.says, state: 'draining', drain: { ratePerSecond, initial: 90, elapsedMs: 0, remainingMs: timeoutMs } };
  }
}

/** A fleet between informers, an API server and gateways that are all fakes. */
export async function openWorld(pods: readonly Pod[], options: { readonly token?: string | null } = {}) {
  const known = { pods: new Known<Pod>(), slices: new Known<EndpointSlice>(), nodes: new Known<Node>() };
  for (const pod of pods) known.pods.observe(pod);
  const writes: string[] = [];
  let away = false;
  const call = (text: string) => {
    if (away) throw new KubeError('no answer', { status: 0, kind: 'unavailable' });
    writes.push(text);
  };
  let version = 100;
  const api = {
    async patch(_type: unknown, _namespace: string, name: string, patch: { metadata: Pod['metadata'] }) {
      call(`patch ${name} ${JSON.stringify(patch.metadata.labels)} ${JSON.stringify(patch.metadata.annotations)}`);
      const pod = known.pods.objects.get(name);
      if (pod === undefined) throw new KubeError('gone', { status: 404, kind: 'not-found' });
      const annotations = Object.entries({ ...pod.metadata.annotations, ...patch.metadata.annotations }).filter(
        ([, value]) => value !== null,
      );
      const labels = { ...pod.metadata.labels, ...patch.metadata.labels };
      return {
        ...pod,
        metadata: { ...pod.metadata, labels, annotations: Object.fromEntries(annotations), resourceVersion: String(++version) },
      };
    },
    async delete(_type: unknown, _namespace: string, name: string, { gracePeriodSeconds }: { gracePeriodSeconds: number }) {
      call(`delete ${name} within ${gracePeriodSeconds} s`);
      const pod = known.pods.objects.get(name);
      return pod === undefined ? null : { ...pod, metadata: { ...pod.metadata, deletionTimestamp: 'now' } };
    },
  };
  const informer = <T extends KubeObject>(of: Known<T>) => of as unknown as Informer<T>;
  let wall = 1_000_000;
  const fleet = new KubernetesFleet({
    api: api as unknown as KubeApi,
    cluster: cluster(),
    owner: { namespace: 'shop', name: 'chat', uid: 'uid-of-chat' },
    pods: informer(known.pods),
    endpointSlices: informer(known.slices),
    nodes: informer(known.nodes),
    adminToken: () => (options.token === undefined ? 'a-token-of-the-test' : options.token),
    image: 'chatcluster:1',
    addressOf,
    now: () => ++wall,
    log: silentLog,
    scrapeIntervalMs: 20,
    adminTimeoutMs: 500,
  });
  const ending = new AbortController();
  const gateways: FakeGateway[] = [];
  let running: Promise<void> = Promise.resolve();
  return {
    fleet,
    known,
    writes,
    setAway: (is: boolean) => {
      away = is;
    },
    /** One that listens where a Pod of this IP does. */
    async gateway(podIP: string, says: Partial<GatewayStatus> = {}): Promise<FakeGateway> {
      const gateway = new FakeGateway();
      gateway.says = status(says);
      gateway.server.listen(9090, addressOf(podIP));
      await once(gateway.server, 'listening');
      gateways.push(gateway);
      return gateway;
    },
    run() {
      running = fleet.run(ending.signal);
    },
    async stop() {
      ending.abort();
      await running;
      for (const { server } of gateways) {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      }
    },
  };
}

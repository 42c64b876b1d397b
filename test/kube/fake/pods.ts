import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { GATEWAY_PORTS, LABELS } from '../../../operator/api/names.ts';
import { GATEWAY_ENV } from '../../../protocol/gateway-env.ts';
import { AddressBlock, podAddress } from '../addresses.ts';
import { type Api, ApiError } from '../api.ts';
import { now } from '../pod/container.ts';
import type { Pod } from '../pod/pod.ts';
import { type ContainerView, podStatus } from '../pod/status.ts';
import { FakeFleet } from './fleet.ts';
import type { FakeGateway } from './gateway.ts';

/** One fake gateway with its address and its admin port. */
interface FakePod {
  readonly fleet: FakeFleet;
  readonly gateway: FakeGateway;
  readonly ip: string;
  readonly block: AddressBlock;
  readonly server: Server;
}

const clock = () => performance.now();

/** Pods without processes: each is Running and Ready at once, and its admin port answers as a gateway's would. Deleted, it is gone at once. */
export class FakePods {
  readonly #api: Api;
  readonly #connectionsPerCluster: number;
  readonly #blocks: AddressBlock[] = [];
  readonly #pods = new Map<string, FakePod>();
  readonly #fleets = new Map<string, FakeFleet>();
  #work: Promise<unknown> = Promise.resolve();

  constructor(api: Api, connectionsPerCluster: number) {
    this.#api = api;
    this.#connectionsPerCluster = connectionsPerCluster;
  }

  get size(): number {
    return this.#pods.size;
  }

  /** Gives a ChatCluster (`namespace/name`) so many connections. */
  setConnections(cluster: string, connections: number): void {
    this.#fleet(cluster).total = connections;
  }

  put(pod: Pod): void {
    const { uid, deletionTimestamp } = pod.metadata;
    const known = this.#pods.has(uid);
    if (deletionTimestamp === undefined && !known) this.#inTurn(() => this.#start(pod));
    if (deletionTimestamp !== undefined) this.#inTurn(() => this.#end(pod, true));
  }

  remove(pod: Pod): void {
    this.#inTurn(() => this.#end(pod, false));
  }

  async stop(): Promise<void> {
    await this.#work;
    for (const { server } of this.#pods.values()) {
      server.close();
      server.closeAllConnections();
    }
    await Promise.all(this.#blocks.map((block) => block.release()));
  }

  /** Addresses are given one after the other; what is asked of the API server meanwhile overlaps. */
  #inTurn(work: () => Promise<void>): void {
    this.#work = this.#work.then(work);
  }

  async #start(pod: Pod): Promise<void> {
    const { name, namespace, uid, labels = {} } = pod.metadata;
    if (this.#pods.has(uid)) return;
    const fleet = this.#fleet(`${namespace}/${labels[LABELS.cluster] ?? ''}`);
    const env = new Map(pod.spec.containers.flatMap((container) => (container.env ?? []).map((one) => [one.name, one.value ?? ''])));
    const capacity = Number(env.get(GATEWAY_ENV.maxConnections) ?? 5_000);
    const gateway = fleet.add({ name, revision: env.get(GATEWAY_ENV.revision) ?? '', capacity }, clock);
    const { ip, block } = await this.#address();
    const server = createServer((request, response) => void serve(gateway, request, response));
    server.keepAliveTimeout = 60_000;
    server.listen(GATEWAY_PORTS.admin, podAddress(ip));
    await once(server, 'listening');
    this.#pods.set(uid, { fleet, gateway, ip, block, server });
    void this.#tell(pod, ip, block.hostIp);
  }

  async #tell(pod: Pod, ip: string, hostIp: string): Promise<void> {
    const { name, namespace, uid } = pod.metadata;
    const startedAt = now();
    const views = pod.spec.containers.map(
      (container): ContainerView => ({
        name: container.name,
        image: container.image,
        state: { kind: 'running', startedAt },
        pid: null,
        last: null,
        restartCount: 0,
        started: true,
        ready: true,
      }),
    );
    const status = podStatus(views, { ip, hostIp }, startedAt, startedAt);
    await unlessGone(this.#api.patch(`/api/v1/namespaces/${namespace}/pods/${name}/status`, { metadata: { uid }, status }, 'strategic'));
  }

  async #end({ metadata: { uid, namespace, name } }: Pod, tell: boolean): Promise<void> {
    const pod = this.#pods.get(uid);
    if (pod !== undefined) {
      this.#pods.delete(uid);
      pod.fleet.remove(pod.gateway);
      pod.server.close();
      pod.server.closeAllConnections();
      pod.block.giveBack(pod.ip);
    }
    const last = { gracePeriodSeconds: 0, preconditions: { uid } };
    if (tell) void unlessGone(this.#api.delete(`/api/v1/namespaces/${namespace}/pods/${name}`, last));
  }

  async #address(): Promise<{ readonly ip: string; readonly block: AddressBlock }> {
    for (const block of this.#blocks) if (!block.full) return { ip: block.next(), block };
    const block = await AddressBlock.take();
    this.#blocks.push(block);
    return { ip: block.next(), block };
  }

  #fleet(cluster: string): FakeFleet {
    const fleet = this.#fleets.get(cluster) ?? new FakeFleet(this.#connectionsPerCluster);
    this.#fleets.set(cluster, fleet);
    return fleet;
  }
}

async function serve(gateway: FakeGateway, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '';
  if (path === '/healthz' || path === '/readyz') {
    response.end('ok');
    return;
  }
  const body = request.method === 'POST' ? await text(request).catch(() => '') : '';
  const status = gateway.answer(path, body, clock());
  if (status === undefined) response.writeHead(404).end();
  else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(status));
}

/** Pods may go while we tell of them. */
async function unlessGone(asked: Promise<unknown>): Promise<void> {
  await asked.catch((error) => {
    if (!(error instanceof ApiError && (error.status === 404 || error.status === 409))) throw error;
  });
}

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { podAddress } from './addresses.ts';
import { Api, type Item } from './api.ts';
import type { ControlPlane } from './control-plane.ts';

/** What of an EndpointSlice a proxy reads. */
interface EndpointSlice extends Item {
  readonly endpoints?:
    | readonly {
        readonly addresses: readonly string[];
        readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean };
      }[]
    | null;
  /** `null` while there is no endpoint. */
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[] | null;
}

export interface ServiceName {
  readonly namespace: string;
  readonly service: string;
  /** The name of the Service's port; without it, its first. */
  readonly portName?: string;
}

interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly ready: boolean;
}

/** What kube-proxy and a cluster's address of a Service are together: a port of 127.0.0.1 whose connections go to the Service's ready endpoints in turn. */
export class ServiceProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #name: ServiceName;
  readonly #api: Api;
  readonly #life = new AbortController();
  readonly #slices = new Map<string, EndpointSlice>();
  readonly #sockets = new Set<Socket>();
  readonly #following: Promise<void>;
  #turn = 0;

  private constructor(server: Server, plane: ControlPlane, name: ServiceName) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    this.#name = name;
    this.#api = new Api(plane.api.access);
    server.on('connection', (socket: Socket) => this.#forward(socket));
    const path = `/apis/discovery.k8s.io/v1/namespaces/${name.namespace}/endpointslices`;
    const query = `labelSelector=kubernetes.io%2Fservice-name%3D${name.service}`;
    // The map of what is known is all that a proxy needs.
    const follower = { put: () => {}, remove: () => {} };
    this.#following = this.#api.follow(path, query, this.#life.signal, follower, this.#slices);
  }

  static async start(plane: ControlPlane, name: ServiceName): Promise<ServiceProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ServiceProxy(server, plane, name);
  }

  /** `host:port` of those that get new connections now. */
  endpoints(): readonly string[] {
    return this.#choices().map(({ host, port }) => `${host}:${port}`);
  }

  /** Those that are open now. */
  get connections(): number {
    return this.#sockets.size / 2;
  }

  /** Resets all connections. */
  async stop(): Promise<void> {
    this.#life.abort();
    this.#server.close();
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await this.#following;
    this.#api.close();
  }

  /** Those that are ready. While there is none: those that end but still serve, as kube-proxy does. */
  #choices(): readonly Endpoint[] {
    const all = [...this.#slices.values()].flatMap((slice) => endpointsOf(slice, this.#name.portName));
    const ready = all.filter((endpoint) => endpoint.ready);
    return ready.length > 0 ? ready : all;
  }

  #forward(client: Socket): void {
    const choices = this.#choices();
    const endpoint = choices[this.#turn++ % choices.length];
    if (endpoint === undefined) {
      client.resetAndDestroy();
      return;
    }
    const server = connect({ host: endpoint.host, port: endpoint.port, allowHalfOpen: true, noDelay: true });
    this.#join(client, server);
    this.#join(server, client);
  }

  /** What comes from one goes to the other: bytes, the end, and a reset. */
  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.pipe(to);
    from.on('error', () => to.resetAndDestroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroySoon();
    });
  }
}

function endpointsOf({ endpoints, ports }: EndpointSlice, portName: string | undefined): readonly Endpoint[] {
  const port = ports?.find(({ name }) => portName === undefined || name === portName)?.port;
  if (port === undefined) return [];
  return (endpoints ?? []).flatMap(({ addresses, conditions }) => {
    const ready = conditions?.ready ?? true;
    const serving = conditions?.serving ?? ready;
    return ready || serving ? addresses.map((address) => ({ host: podAddress(address), port, ready })) : [];
  });
}

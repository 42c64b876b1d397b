import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { podAddress } from '../kube/addresses.ts';
import type { Api, Item } from '../kube/api.ts';

/** What Prometheus calls the kinds of things that it finds on Kubernetes. */
export type Role = 'pod' | 'endpointslice';

/** The label in which Prometheus's discovery tells this of a target. */
export const meta = (name: string): string => `__meta_kubernetes_${name}`;

/** A label's key as a part of such a name. */
export const asLabel = (key: string): string => key.replace(/\W/g, '_');

interface Pod extends Item {
  readonly spec: {
    readonly containers: readonly {
      readonly name: string;
      readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
    }[];
  };
  readonly status: { readonly podIP?: string; readonly phase: string };
}

interface EndpointSlice extends Item {
  readonly endpoints?: readonly { readonly addresses: readonly string[]; readonly targetRef?: { readonly name: string } }[] | null;
  readonly ports?: readonly { readonly name?: string; readonly port: number }[] | null;
}

interface Target {
  readonly targets: readonly [string];
  readonly labels: Readonly<Record<string, string>>;
}

/** Prometheus's discovery on Kubernetes, which Debian's is built without: the same targets and labels, asked for by HTTP, each where its process listens. */
export class Discovery {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(api: Api): Promise<Discovery> {
    const server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
      const find = pathname === '/pod' ? pods : endpoints;
      Promise.all(searchParams.getAll('namespace').map((namespace) => find(api, namespace))).then(
        (found) => response.setHeader('content-type', 'application/json').end(JSON.stringify(found.flat())),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Discovery(server);
  }

  /** Where a Prometheus finds things of this kind in these namespaces. */
  url(role: Role, namespaces: readonly string[]): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/${role}?${new URLSearchParams(namespaces.map((name) => ['namespace', name]))}`;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

async function pods(api: Api, namespace: string): Promise<readonly Target[]> {
  const { items } = await api.get<{ items: Pod[] }>(`/api/v1/namespaces/${namespace}/pods`);
  return items.flatMap(({ metadata, spec, status }) =>
    spec.containers.flatMap(({ name, ports = [] }) =>
      ports.flatMap((port) => {
        if (status.podIP === undefined) return [];
        const labels = {
          pod_name: metadata.name,
          pod_phase: status.phase,
          pod_container_name: name,
          pod_container_port_name: port.name ?? '',
        };
        return [target(status.podIP, port.containerPort, { namespace, ...labels, ...labelsOf('pod', metadata.labels) })];
      }),
    ),
  );
}

async function endpoints(api: Api, namespace: string): Promise<readonly Target[]> {
  const { items } = await api.get<{ items: EndpointSlice[] }>(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`);
  const found = items.map(async ({ metadata: { labels }, endpoints, ports }) => {
    const name = labels?.['kubernetes.io/service-name'] ?? '';
    const service = await api.get<Item>(`/api/v1/namespaces/${namespace}/services/${name}`);
    const common = { namespace, service_name: name, ...labelsOf('service', service.metadata.labels) };
    return (endpoints ?? []).flatMap(({ addresses: [ip = ''], targetRef }) =>
      (ports ?? []).map((port) =>
        target(ip, port.port, { ...common, pod_name: targetRef?.name ?? '', endpointslice_port_name: port.name ?? '' }),
      ),
    );
  });
  return (await Promise.all(found)).flat();
}

function target(ip: string, port: number, labels: Readonly<Record<string, string>>): Target {
  const named = Object.entries(labels).map(([name, value]) => [meta(name), value]);
  return { targets: [`${podAddress(ip)}:${port}`], labels: Object.fromEntries(named) };
}

function labelsOf(of: 'pod' | 'service', labels: Item['metadata']['labels'] = {}): Readonly<Record<string, string>> {
  const named = Object.entries(labels).flatMap(([key, value]) => {
    const name = asLabel(key);
    return [
      [`${of}_label_${name}`, value],
      [`${of}_labelpresent_${name}`, 'true'],
    ];
  });
  return Object.fromEntries(named);
}

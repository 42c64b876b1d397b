import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import { sourcesOf } from '../kube/binaries.ts';
import type { ControlPlane } from '../kube/control-plane.ts';
import { LoopbackApi } from '../kube/loopback-api.ts';
import { ServiceProxy } from '../kube/service-proxy.ts';
import type { Algorithm } from '../kube/spread.ts';
import { EnvoyGatewayServer } from '../servers/envoy-gateway/server.ts';
import { TraefikServer } from '../servers/traefik/server.ts';
import { documented, type Tree } from './documented.ts';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const FOLLOW_MS = 100;
/** The host of the examples, and the one that tests have. */
const HOSTS = ['chat.example.com', 'localhost'] as const;

/** A controller of ingress with the examples of docs/operations.md, in front of the gateways of a namespace. */
export interface Controller {
  /** Where clients find it. */
  readonly url: string;
  /** Puts the example, changed to this algorithm as the page says; with `farm`, polls go to gateways of their own. */
  configure(algorithm: Algorithm, farm: boolean): Promise<void>;
  readonly log: string;
  stop(): Promise<void>;
}

/** Traefik follows the API server. */
export async function traefik(plane: ControlPlane, namespace: string): Promise<Controller> {
  const crds = join(await sourcesOf('traefik'), 'docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml');
  await createAll(plane, [crds]);
  const api = await LoopbackApi.start(plane.api.access);
  const server = await TraefikServer.start(api, namespace);
  return {
    url: `http://localhost:${server.port}`,
    configure: async (algorithm, farm) => {
      const [route] = example('Others', 'Traefik.');
      const [more] = farm ? example('Long polling, to gateways of its own', 'Traefik') : [];
      const { routes, ...spec } = (route?.spec ?? {}) as { readonly routes?: readonly Tree[] };
      const all = [...(routes ?? []), ...((more?.routes ?? []) as readonly Tree[])];
      await apply(
        plane,
        namespace,
        'ingressroutes',
        changed({ ...route, spec: { ...spec, routes: all } }, 'strategy', STRATEGIES[algorithm]),
      );
    },
    get log() {
      return server.log;
    },
    stop: async () => {
      await server.stop();
      api.stop();
    },
  };
}

const STRATEGIES = { RoundRobin: 'wrr', LeastConnections: 'p2c', Hash: 'hrw' } as const;

/** Envoy Gateway has what the API server took as valid, and where that leads to a Service, what its EndpointSlices say. */
export async function envoyGateway(plane: ControlPlane, namespace: string): Promise<Controller> {
  const crds = join(await sourcesOf('envoy-gateway'), 'charts/gateway-helm/charts/crds/crds');
  const own = readdirSync(join(crds, 'generated')).map((file) => join(crds, 'generated', file));
  await createAll(plane, [join(crds, 'gatewayapi-crds.yaml'), ...own]);
  const server = await EnvoyGatewayServer.start();
  const services = await Promise.all(
    ['chat', 'chat-longpoll'].map((service) => ServiceProxy.start(plane, { namespace, service, portName: 'client' })),
  );
  let routes: readonly Tree[] = [];
  const life = new AbortController();
  const following = follow(
    life.signal,
    () => [...routes, ...['chat', 'chat-longpoll'].flatMap((name, i) => backend(name, services[i]))],
    server,
  );
  return {
    url: `http://localhost:${server.port}`,
    configure: async (algorithm, farm) => {
      const [route, policy] = example('Others', 'Envoy Gateway.');
      const [more] = farm ? example('Long polling, to gateways of its own', 'Envoy Gateway') : [];
      const spec = { ...(route?.spec as Tree), ...more };
      const balanced = { ...(policy?.spec as Tree), loadBalancer: LOAD_BALANCERS[algorithm] };
      await apply(plane, namespace, 'httproutes', { ...route, spec });
      await apply(plane, namespace, 'backendtrafficpolicies', { ...policy, spec: balanced });
      const metadata = { name: 'chat', namespace: 'default' };
      routes = [
        { ...route, metadata, spec: toBackends(spec) as Tree },
        { ...policy, metadata, spec: balanced },
      ];
    },
    get log() {
      return server.log;
    },
    stop: async () => {
      life.abort();
      await following;
      await Promise.all(services.map((service) => service.stop()));
      await server.stop();
    },
  };
}

/** `Hash` is taken as valid, but can't be run: outside Kubernetes Envoy Gateway 1.9 ends with "unsupported type: uint64", a default of its own. */
const LOAD_BALANCERS = {
  RoundRobin: { type: 'RoundRobin' },
  LeastConnections: { type: 'LeastRequest' },
  Hash: { type: 'ConsistentHash', consistentHash: { type: 'QueryParams', queryParams: [{ name: 'session' }] } },
} as const;

/** Puts what there is whenever it is another, until the signal. */
async function follow(signal: AbortSignal, now: () => readonly Tree[], server: EnvoyGatewayServer): Promise<void> {
  let last = '[]';
  while (!signal.aborted) {
    const objects = now();
    if (JSON.stringify(objects) !== last) server.put(objects);
    last = JSON.stringify(objects);
    await sleep(FOLLOW_MS, undefined, { signal }).catch(() => {});
  }
}

function backend(name: string, service: ServiceProxy | undefined): readonly Tree[] {
  const endpoints = (service?.endpoints() ?? []).map((endpoint) => {
    const [address, port] = endpoint.split(':');
    return { ip: { address, port: Number(port) } };
  });
  if (endpoints.length === 0) return [];
  return [{ apiVersion: 'gateway.envoyproxy.io/v1alpha1', kind: 'Backend', metadata: { name, namespace: 'default' }, spec: { endpoints } }];
}

/** Services exchanged for the Backends of the same names. */
function toBackends(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toBackends);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => {
    if (key !== 'backendRefs') return [key, toBackends(inner)] as const;
    const refs = inner as readonly { readonly name: string }[];
    return [key, refs.map(({ name }) => ({ group: 'gateway.envoyproxy.io', kind: 'Backend', name }))] as const;
  });
  return Object.fromEntries(entries);
}

function example(heading: string, controller: string): readonly Tree[] {
  const text = JSON.stringify(documented(heading, controller)).replaceAll(...HOSTS);
  return JSON.parse(text) as readonly Tree[];
}

/** The same with another value for this key, wherever it is. */
function changed(object: Tree, key: string, value: string): Tree {
  return JSON.parse(JSON.stringify(object), (name, before: unknown) => (name === key ? value : before)) as Tree;
}

/** As a person who is told of each field that there isn't. */
async function apply(plane: ControlPlane, namespace: string, plural: string, object: Tree): Promise<void> {
  const { name } = object.metadata as { readonly name: string };
  const path = `/apis/${object.apiVersion}/namespaces/${namespace}/${plural}/${name}`;
  const given = { ...object, metadata: { name, namespace } };
  await plane.api.patch(`${path}?fieldManager=test&force=true&fieldValidation=Strict`, given, 'apply');
}

async function createAll(plane: ControlPlane, files: readonly string[]): Promise<void> {
  const objects = files.flatMap((file) => parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as Tree | null));
  for (const object of objects) if (object?.kind === 'CustomResourceDefinition') await plane.api.create(CRDS, object);
}

import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { makeCertificate } from '../servers/tls.ts';
import { AddressBlock, podAddress } from './addresses.ts';
import type { ControlPlane } from './control-plane.ts';

const GROUP = 'external.metrics.k8s.io';
const VERSION = `${GROUP}/v1beta1`;
const NAME = 'external-metrics';

/** What KEDA and Prometheus' adapter are to a HorizontalPodAutoscaler: an API of the cluster that tells the value of metrics, here those that a test sets. */
export class ExternalMetrics {
  /** By name. One that isn't there is not found. */
  readonly values = new Map<string, number>();
  readonly #server: Server;
  readonly #addresses: AddressBlock;

  private constructor(server: Server, addresses: AddressBlock) {
    this.#server = server;
    this.#addresses = addresses;
  }

  /** Registers it: the API server asks it from soon on. */
  static async start(plane: ControlPlane): Promise<ExternalMetrics> {
    const folder = join(plane.folder, NAME);
    mkdirSync(folder);
    const { certFile, keyFile } = await makeCertificate(folder, []);
    const addresses = await AddressBlock.take();
    const server = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) });
    const metrics = new ExternalMetrics(server, addresses);
    server.on('request', (request, response) => {
      const answer = metrics.#answer(new URL(request.url ?? '/', 'https://metrics').pathname);
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404 }));
    });
    const ip = addresses.next();
    server.listen(0, podAddress(ip));
    await once(server, 'listening');
    await register(plane, ip, (server.address() as AddressInfo).port);
    return metrics;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
    await this.#addresses.release();
  }

  #answer(path: string): object | undefined {
    const resources = [{ name: 'any', namespaced: true, kind: 'ExternalMetricValueList', verbs: ['get'] }];
    if (path === `/apis/${VERSION}`) return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: VERSION, resources };
    const name = /\/namespaces\/[^/]+\/([^/]+)$/.exec(path)?.[1] ?? '';
    const value = this.values.get(name);
    if (value === undefined) return undefined;
    const item = { metricName: name, metricLabels: {}, timestamp: new Date().toISOString(), value: String(value) };
    return { kind: 'ExternalMetricValueList', apiVersion: VERSION, metadata: {}, items: [item] };
  }
}

/** A Service without a selector, whose only endpoint is the server, and the part of the API that it answers for. */
async function register({ api }: ControlPlane, ip: string, port: number): Promise<void> {
  await api.create('/api/v1/namespaces/default/services', {
    metadata: { name: NAME },
    spec: { ports: [{ name: 'https', port: 443, targetPort: port }] },
  });
  await api.create('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
    metadata: { name: NAME, labels: { 'kubernetes.io/service-name': NAME } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [ip], conditions: { ready: true } }],
    ports: [{ name: 'https', port, protocol: 'TCP' }],
  });
  await api.create('/apis/apiregistration.k8s.io/v1/apiservices', {
    metadata: { name: `v1beta1.${GROUP}` },
    spec: {
      group: GROUP,
      version: 'v1beta1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
      insecureSkipTLSVerify: true,
      service: { namespace: 'default', name: NAME, port: 443 },
    },
  });
}

import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ingressControllers } from '../../kube/binaries.ts';
import { Child } from '../child.ts';
import { makeFolder } from '../leftovers.ts';
import { freePort } from '../ports.ts';
import { until } from '../until.ts';
import { ENVOY_VERSION, envoyPath } from './install.ts';

const START_MS = 60_000;
const ENVOY = 'gateway.envoyproxy.io';
const CONTROLLER = `${ENVOY}/gatewayclass-controller`;

/**
 * One real Envoy Gateway with the Envoy that it starts and configures. It reads its resources from a file, for on one machine it knows no Pods
 * to lead to: a route leads to a `Backend` where on Kubernetes it leads to a Service. Its own ports are fixed, so a machine runs one.
 */
export class EnvoyGatewayServer {
  /** Where Envoy listens when a route has been put. */
  readonly port: number;
  readonly #child: Child;
  readonly #folder: string;

  private constructor(child: Child, folder: string, port: number) {
    this.#child = child;
    this.#folder = folder;
    this.port = port;
  }

  /** Resolves when Envoy takes connections; rejects with its log when it doesn't. */
  static async start(): Promise<EnvoyGatewayServer> {
    const [{ 'envoy-gateway': program }, envoy, port, folder] = [
      await ingressControllers(),
      await envoyPath(),
      await freePort(),
      makeFolder('envoy-gateway'),
    ];
    const homes = { configHome: join(folder, 'config'), dataHome: join(folder, 'data'), stateHome: join(folder, 'state') };
    const installed = join(homes.dataHome, 'envoy-versions', ENVOY_VERSION, 'bin');
    mkdirSync(installed, { recursive: true });
    copyFileSync(envoy, join(installed, 'envoy'));
    mkdirSync(join(folder, 'resources'));
    const provider = {
      type: 'Custom',
      custom: {
        resource: { type: 'File', file: { paths: [join(folder, 'resources')] } },
        infrastructure: { type: 'Host', host: { ...homes, runtimeDir: join(folder, 'run') } },
      },
    };
    const config = {
      apiVersion: `${ENVOY}/v1alpha1`,
      kind: 'EnvoyGateway',
      gateway: { controllerName: CONTROLLER },
      provider,
      extensionApis: { enableBackend: true },
    };
    writeFileSync(join(folder, 'config.yaml'), stringify(config));
    const env = { ENVOY_GATEWAY_NAMESPACE: 'envoy-gateway-system' };
    const log = join(folder, 'log');
    await ended(new Child({ program, args: ['certgen', '--local', '--config-home', homes.configHome], folder, log, env }));
    const child = new Child({ program, args: ['server', '--config-path', join(folder, 'config.yaml')], folder, log, env });
    const server = new EnvoyGatewayServer(child, folder, port);
    try {
      server.put([]);
      await until('Envoy answers', START_MS, async () => {
        if (!child.running) return null;
        return (await fetch(`http://127.0.0.1:${port}/`)).status === 404 || undefined;
      });
      if (!child.running) throw new Error('Envoy Gateway ended');
    } catch (error) {
      throw new Error(`${String(error)}: ${child.output()}`);
    }
    return server;
  }

  /** What it has from now on, beside the Gateway "eg": HTTPRoutes, policies and backends. */
  put(objects: readonly object[]): void {
    const all = [...this.#gateway(), ...objects];
    const file = join(this.#folder, 'resources.yaml');
    writeFileSync(file, all.map((object) => stringify(object)).join('---\n'));
    renameSync(file, join(this.#folder, 'resources/resources.yaml'));
  }

  /** What it said last. */
  get log(): string {
    return this.#child.output();
  }

  /** Cuts all connections. */
  async stop(): Promise<void> {
    await this.#child.stop(5_000);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #gateway(): readonly object[] {
    const [group, gateways] = [`${ENVOY}/v1alpha1`, 'gateway.networking.k8s.io/v1'];
    const provider = { type: 'Host', host: { envoyVersion: ENVOY_VERSION } };
    const parametersRef = { group: ENVOY, kind: 'EnvoyProxy', name: 'host', namespace: 'default' };
    return [
      { apiVersion: group, kind: 'EnvoyProxy', metadata: { name: 'host', namespace: 'default' }, spec: { provider } },
      { apiVersion: gateways, kind: 'GatewayClass', metadata: { name: 'eg' }, spec: { controllerName: CONTROLLER, parametersRef } },
      {
        apiVersion: gateways,
        kind: 'Gateway',
        metadata: { name: 'eg', namespace: 'default' },
        spec: { gatewayClassName: 'eg', listeners: [{ name: 'http', protocol: 'HTTP', port: this.port }] },
      },
    ];
  }
}

async function ended(child: Child): Promise<void> {
  const how = await child.ended;
  if (how !== 'exit code 0') throw new Error(`envoy-gateway certgen: ${how}: ${child.output()}`);
}

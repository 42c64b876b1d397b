import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { LOAD_DEFAULTS, loadOptions } from '../../load/options.ts';
import { runLoad } from '../../load/run.ts';
import { chartTools } from '../kube/binaries.ts';
import { ControlPlane } from '../kube/control-plane.ts';
import { ProcessNode } from '../kube/process-node.ts';
import { ServiceProxy } from '../kube/service-proxy.ts';
import { Asking } from '../servers/prometheus/asking.ts';
import { PrometheusServer } from '../servers/prometheus/server.ts';
import { RedisServer } from '../servers/redis/server.ts';
import { until } from '../servers/until.ts';
import { Discovery } from './discovery.ts';
import { CHART, helm, ROOT, render, type Values, valuesFile } from './helm.ts';
import { scrapeConfigs } from './monitors.ts';

const OPERATORS = 'chat-system';
const GATEWAYS = 'chat-a';
const APP_VERSION = (parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8')) as { appVersion: string }).appVersion;
const IMAGE = `ghcr.io/chatcluster/chatcluster:${APP_VERSION}`;
const SOON_MS = 60_000;

/** Clients that are connected all the time. */
export const CLIENTS = 40;
/** Between two scrapes, s. */
export const SCRAPE_SECONDS = 1;

/** A release of the chart on a real control plane, and a real Prometheus that scrapes what the chart's monitors select. */
export interface ScrapedWorld {
  /** The gateways' broker. */
  readonly redis: RedisServer;
  readonly prometheus: Asking;
  /** When Prometheus began, ms since 1970. */
  readonly startedAt: number;
  /** Changes `spec.scaling` of the ChatCluster `chat-a/chat`. */
  readonly scale: (scaling: object) => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

/** Two operators, two gateways in another namespace, clients that talk. `rules`: a file of rules for Prometheus. Resolves when Prometheus has seen all of it. */
export async function openScrapedWorld(rules: string): Promise<ScrapedWorld> {
  const undo: (() => unknown)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    await chartTools();
    const [plane, redis] = await Promise.all([ControlPlane.start(), RedisServer.start()]);
    undo.push(
      () => plane.stop(),
      () => redis.stop(),
    );
    const images = { [IMAGE]: { folder: ROOT, entrypoint: ['node', 'bin/chatcluster.js'] } };
    const node = await ProcessNode.start(plane, { name: 'node-1', images });
    undo.push(() => node.stop());
    for (const name of [OPERATORS, GATEWAYS]) await plane.createNamespace(name);
    const discovery = await Discovery.start(plane.api);
    undo.push(() => discovery.stop());
    const startedAt = Date.now();
    const [prometheus] = await Promise.all([scraping(discovery, rules), install(plane, redis)]);
    undo.push(() => prometheus.stop());
    const asking = new Asking(prometheus.url);
    undo.push(await talking(plane));
    await until('Prometheus has seen all', SOON_MS, async () => {
      const [connections] = await asking.query('sum(chatcluster_gateway_connections) == sum(chatcluster_connections)');
      const [delivered] = await asking.query(`sum(rate(chatcluster_gateway_delivered_total[${4 * SCRAPE_SECONDS}s]))`);
      if (connections?.value === CLIENTS && (delivered?.value ?? 0) > 0) return true;
      const targets = (await asking.targets()).map(({ labels, health, lastError }) => [labels.pod, health, lastError]);
      throw new Error(`${connections?.value} connections, ${delivered?.value} messages a second; ${JSON.stringify(targets)}`);
    });
    const path = `/apis/chatcluster.io/v1alpha1/namespaces/${GATEWAYS}/chatclusters/chat`;
    return { redis, prometheus: asking, startedAt, scale: (scaling) => plane.api.patch(path, { spec: { scaling } }), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A Prometheus as the Prometheus Operator would run it for this release. */
async function scraping(discovery: Discovery, rules: string): Promise<PrometheusServer> {
  const interval = `${SCRAPE_SECONDS}s`;
  const monitor = { enabled: true, interval };
  const objects = await render({ ...WATCHED, metrics: { serviceMonitor: monitor, podMonitor: monitor } });
  const monitors = objects.filter(({ kind }) => kind === 'ServiceMonitor' || kind === 'PodMonitor');
  return PrometheusServer.configured({
    global: { evaluation_interval: interval },
    rule_files: [rules],
    scrape_configs: scrapeConfigs(monitors, discovery),
  });
}

const WATCHED = { watch: { namespaces: [OPERATORS, GATEWAYS] } };

async function install(plane: ControlPlane, redis: RedisServer): Promise<void> {
  const spec = {
    broker: { url: `redis://127.0.0.1:${redis.port}/0` },
    gateway: { connectionsPerGateway: 50 },
    scaling: { minReplicas: 2, maxReplicas: 4, behavior: { scaleDown: { stabilizationWindowSeconds: 0 } } },
    // So slow that several scrapes see it.
    drain: { timeout: '60s', maxConnectionsPerSecond: 4 },
  };
  const values: Values = { ...WATCHED, operator: { replicas: 2 }, clusters: [{ name: 'chat', namespace: GATEWAYS, spec }] };
  const args = ['install', 'demo', CHART, '--namespace', OPERATORS, '--values', valuesFile(values), '--wait', '--timeout', '2m'];
  await helm(args, plane.kubeconfig);
}

/** Clients that publish and listen. Resolves to what ends them. */
async function talking(plane: ControlPlane): Promise<() => Promise<unknown>> {
  const proxy = await ServiceProxy.start(plane, { namespace: GATEWAYS, service: 'chat' });
  await until('both gateways take connections', SOON_MS, async () => proxy.endpoints().length === 2 || undefined);
  const url = `http://127.0.0.1:${proxy.port}`;
  const words = { url, clients: String(CLIENTS), channels: '4', rate: '20', connectRate: '40', duration: '10m', settle: '0s' };
  const ending = new AbortController();
  const running = runLoad(loadOptions({ ...LOAD_DEFAULTS, ...words }), ending.signal, () => undefined);
  running.catch(() => undefined);
  return async () => {
    ending.abort();
    await Promise.all([running, proxy.stop()]);
  };
}

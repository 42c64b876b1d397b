import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import type { PrometheusSpec } from '../../operator/api/spec.ts';
import { PrometheusSource } from '../../operator/sources/prometheus/source.ts';
import type { ClusterStatus } from '../../operator/status/status.ts';
import { CliProcess } from '../fakes/cli-process.ts';
import { GatewayProcess } from '../fakes/gateway-process.ts';
import { PlainClient } from '../fakes/plain-client.ts';
import { FAULTS, FakePrometheus, vector } from '../fakes/prometheus-server.ts';
import { makeFolder } from '../servers/leftovers.ts';
import { PrometheusServer } from '../servers/prometheus/server.ts';
import { until } from '../servers/until.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** What is promised of a Prometheus that is back, ms. */
const RECOVERY_MS = 10_000;
/** How long each fault lasts at least once it is noticed, ms: two more questions, and two more decisions of each. */
const FAULT_MS = 2_500;

/** A ChatCluster that one query scales, at once in both directions: 5 of it for each gateway. */
const clusterFile = (serverAddress: string) => `apiVersion: chatcluster.io/v1alpha1
kind: ChatCluster
metadata: {name: t}
spec:
  scaling:
    minReplicas: 1
    maxReplicas: 5
    behavior: {scaleDown: {stabilizationWindowSeconds: 0}}
    metrics:
    - type: Prometheus
      name: people
      target: {type: AverageValue, averageValue: 5}
      prometheus:
        serverAddress: ${serverAddress}
        query: sum(chatcluster_gateway_connections)
        interval: 1s
        timeout: 800ms
        maxSampleAge: 5s
        bearerTokenSecret: {name: prometheus, key: token}
`;

class Up {
  readonly #file: string;
  readonly #url: string;

  private constructor(file: string, url: string) {
    this.#file = file;
    this.#url = url;
  }

  static async start(serverAddress: string): Promise<Up> {
    const folder = makeFolder('up');
    const file = join(folder, 'cluster.yaml');
    writeFileSync(file, clusterFile(serverAddress));
    mkdirSync(join(folder, 'secrets/prometheus'), { recursive: true });
    writeFileSync(join(folder, 'secrets/prometheus/token'), 'of-the-test\n');
    const env = { TMPDIR: folder, CHATCLUSTER_SECRETS_FOLDER: join(folder, 'secrets') };
    const cli = new CliProcess(['up', '-f', file, '--port', '0'], { env });
    undo.push(async () => {
      cli.kill('SIGKILL');
      await cli.ended;
    });
    const [, url = ''] = await cli.until(/Dashboard +(http:\/\/[\d.:]+)\/dashboard/);
    return new Up(file, url);
  }

  asks(serverAddress: string): void {
    writeFileSync(this.#file, clusterFile(serverAddress));
  }

  async status(): Promise<ClusterStatus> {
    return (await (await fetch(`${this.#url}/api/status`)).json()) as ClusterStatus;
  }

  async scalingActive() {
    const condition = (await this.status()).conditions.find(({ type }) => type === 'ScalingActive');
    return condition ?? expect.fail('no condition ScalingActive');
  }

  /** Resolves to the time that it took, ms. */
  async knows(ms: number): Promise<number> {
    const from = performance.now();
    await until('the metric is known', ms, async () => ((await this.scalingActive()).status === 'True' ? true : undefined));
    return performance.now() - from;
  }

  misses(why: string): Promise<unknown> {
    return until(`the condition tells of ${why}`, RECOVERY_MS, async () => {
      const { status, reason, message } = await this.scalingActive();
      return status === 'False' && reason === 'MetricsMissing' && message.includes(why) ? true : undefined;
    });
  }

  desires(gateways: number): Promise<unknown> {
    return until(`${gateways} gateways are desired`, 20_000, async () => ((await this.status()).desired === gateways ? true : undefined));
  }

  /** How many gateways each decision was for, the first decision first. */
  async scaled(): Promise<number[]> {
    const { decisions } = await this.status();
    return decisions
      .filter(({ kind }) => kind === 'scale')
      .map(({ summary }) => Number.parseInt(summary, 10))
      .reverse();
  }
}

async function gatewayWith(clients: number): Promise<{ readonly metrics: string; readonly come: (more: number) => Promise<void> }> {
  const gateway = await GatewayProcess.start((started) => undo.push(() => started.kill()));
  const come = async (more: number) => {
    for (let i = 0; i < more; i++) {
      const client = await PlainClient.connect(gateway.websocketUrl);
      undo.push(() => client.close());
    }
  };
  await come(clients);
  return { metrics: gateway.metricsAddress, come };
}

async function prometheusOf(...targets: readonly string[]): Promise<PrometheusServer> {
  const prometheus = await PrometheusServer.start({ targets, interval: '1s' });
  undo.push(() => prometheus.stop());
  return prometheus;
}

it('a real Prometheus scales; killed, it removes nothing; back, it is believed again within 10 s', async () => {
  const gateway = await gatewayWith(7);
  const prometheus = await prometheusOf(gateway.metrics);
  const up = await Up.start(prometheus.url);
  await up.desires(2);
  await gateway.come(6);
  await up.desires(3);
  await prometheus.kill();
  await up.misses('ECONNREFUSED');
  await new Promise((resolve) => setTimeout(resolve, FAULT_MS));
  expect(await up.scaled()).toEqual([1, 2, 3]);
  await prometheus.restart();
  expect(await up.knows(RECOVERY_MS)).toBeLessThan(RECOVERY_MS);
  expect(await up.scaled()).toEqual([1, 2, 3]);
});

/** Has a ChatCluster of its own go through some faults, one after the other. */
async function suffers(faults: typeof FAULTS): Promise<void> {
  const fake = await FakePrometheus.start();
  undo.push(() => fake.stop());
  fake.answering = vector('14');
  const up = await Up.start(fake.url);
  await up.desires(3);
  expect(fake.requests[0]?.authorization).toBe('Bearer of-the-test');
  const took: Record<string, number> = {};
  for (const [name, answering, said] of faults) {
    fake.answering = answering;
    await up.misses(said);
    await new Promise((resolve) => setTimeout(resolve, FAULT_MS));
    fake.answering = vector('14');
    took[name] = await up.knows(RECOVERY_MS);
  }
  expect(await up.scaled()).toEqual([1, 3]);
  expect(Math.max(...Object.values(took))).toBeLessThan(RECOVERY_MS);
  // It would have removed some at once, had it been a value.
  fake.answering = vector('4');
  await up.desires(1);
}

it('whatever Prometheus answers that is no value removes nothing, is told, and is over soon', async () => {
  const some = Math.ceil(FAULTS.length / 4);
  await Promise.all([0, 1, 2, 3].map((i) => suffers(FAULTS.slice(i * some, (i + 1) * some))));
});

it('an edit asks elsewhere from then on, and begins without a value', async () => {
  const [first, second] = [await FakePrometheus.start(), await FakePrometheus.start()];
  undo.push(
    () => first.stop(),
    () => second.stop(),
  );
  first.answering = vector('14');
  second.answering = vector();
  const up = await Up.start(first.url);
  await up.desires(3);
  up.asks(second.url);
  await up.misses('no series');
  expect((await up.status()).desired).toBe(3);
  const asked = first.requests.length;
  second.answering = vector('24');
  await up.desires(5);
  expect(first.requests.length).toBe(asked);
});

it('what Prometheus can no longer scrape is missing at once, and back as soon as it can', async () => {
  const gateway = await GatewayProcess.start((started) => undo.push(() => started.kill()));
  const prometheus = await prometheusOf(gateway.metricsAddress);
  const spec: PrometheusSpec = {
    serverAddress: prometheus.url,
    query: 'sum(chatcluster_gateway_capacity)',
    intervalMs: 200,
    timeoutMs: 2_000,
    maxSampleAgeMs: 300_000,
    measures: null,
    caSecret: null,
    insecureSkipVerify: false,
    login: { kind: 'none' },
  };
  const source = new PrometheusSource('capacity', spec, () => Promise.reject(new Error('no Secrets here')));
  const ending = new AbortController();
  const ended = source.run(ending.signal);
  undo.push(() => {
    ending.abort();
    return ended;
  });
  const value = () => until('a value', RECOVERY_MS, async () => (source.reading.problem === null ? source.reading.good?.value : undefined));
  const capacity = await value();
  await gateway.kill();
  expect(await until('a problem', RECOVERY_MS, async () => source.reading.problem ?? undefined)).toBe('the query answers no series');
  expect(source.reading.good?.value).toBe(capacity);
  const adminPort = new URL(`http://${gateway.metricsAddress}`).port;
  await GatewayProcess.start((started) => undo.push(() => started.kill()), { adminPort, maxConnections: '77' });
  expect(await until('the new value', RECOVERY_MS, async () => (source.reading.good?.value === 77 ? 77 : undefined))).toBe(77);
});

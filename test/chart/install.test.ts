import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { chartTools } from '../kube/binaries.ts';
import { ControlPlane } from '../kube/control-plane.ts';
import { ProcessNode } from '../kube/process-node.ts';
import { makeFolder } from '../servers/leftovers.ts';
import { RedisServer } from '../servers/redis/server.ts';
import { until } from '../servers/until.ts';
import { CHART, HelmFailure, helm, ROOT, type Values, valuesFile } from './helm.ts';

const NAMESPACE = 'chat-system';
const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/chatclusters.chatcluster.io';
const CLUSTERS = '/apis/chatcluster.io/v1alpha1/namespaces';
const APP_VERSION = (parse(readFileSync(join(CHART, 'Chart.yaml'), 'utf8')) as { appVersion: string }).appVersion;
const IMAGE = `ghcr.io/chatcluster/chatcluster:${APP_VERSION}`;
const LONG_MS = 180_000;
const SOON_MS = 60_000;

interface Pod {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly deletionTimestamp?: string };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

interface Cluster {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly readyReplicas?: number;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

let plane: ControlPlane;
let node: ProcessNode;
let redis: RedisServer;

beforeAll(async () => {
  await chartTools();
  plane = await ControlPlane.start();
  redis = await RedisServer.start();
  // The image's working folder has what a checkout has.
  node = await ProcessNode.start(plane, {
    name: 'node-1',
    images: { [IMAGE]: { folder: ROOT, entrypoint: ['node', 'bin/chatcluster.js'] } },
  });
  for (const name of [NAMESPACE, 'chat-a']) await plane.createNamespace(name, { 'pod-security.kubernetes.io/enforce': 'restricted' });
}, 2_400_000);

afterAll(async () => {
  await node?.lose();
  await plane?.stop();
  await redis?.stop();
});

describe('a release', () => {
  it(
    'is installed: two operators, and the ChatCluster of its values has gateways',
    async () => {
      await release('install', values());
      expect(await ready('app.kubernetes.io/component=operator', NAMESPACE)).toHaveLength(2);
      await until('the gateways are ready', SOON_MS, async () => {
        const gateways = await ready('chatcluster.io/cluster=own', NAMESPACE);
        return gateways.length === 2 || undefined;
      });
      await until('the status tells it', SOON_MS, async () => {
        const { status } = await plane.api.get<Cluster>(`${CLUSTERS}/${NAMESPACE}/chatclusters/own`);
        const available = status?.conditions?.some(({ type, status: is }) => type === 'Available' && is === 'True');
        return (status?.readyReplicas === 2 && available) || undefined;
      });
    },
    LONG_MS,
  );

  it('its operator may do all that it does', async () => {
    const pods = await ready('app.kubernetes.io/component=operator', NAMESPACE);
    const logs = pods.map(({ metadata }) => node.log(NAMESPACE, metadata.name)).join('');
    expect(logs).toContain('"msg"');
    expect(logs.split('\n').filter((line) => /forbidden/i.test(line) && !/\bnodes\b/.test(line))).toEqual([]);
  });

  it(
    'is upgraded, and with it the CustomResourceDefinition, though Helm leaves that alone',
    async () => {
      await plane.api.patch(CRD, { spec: { names: { categories: null } } });
      const before = await plane.api.get<{ spec: { names: object } }>(CRD);
      expect(before.spec.names).not.toHaveProperty('categories');
      await release('upgrade', { ...values(), operator: { replicas: 1, logLevel: 'debug' } });
      expect(await plane.api.get(CRD)).toMatchObject({ spec: { names: { categories: ['all'] } } });
      // What the Job needed is gone with it.
      expect(await plane.kubectl('get', 'jobs,serviceaccounts,configmaps', '-n', NAMESPACE, '-o', 'name')).not.toContain(
        'demo-chatcluster-crd',
      );
    },
    LONG_MS,
  );

  it(
    'an upgrade stops when the CustomResourceDefinition there is newer',
    async () => {
      const crd = await plane.api.get<{ status: { storedVersions: string[] } }>(CRD);
      const stored = crd.status.storedVersions;
      await plane.api.patch(`${CRD}/status`, { status: { storedVersions: [...stored, 'v2'] } });
      const refusal = await failure(release('upgrade', { ...values(), operator: { replicas: 1 } }));
      expect(refusal).toMatch(/demo-chatcluster-crd/);
      const [job] = await jobPods('demo-chatcluster-crd');
      expect(node.log(NAMESPACE, job ?? '')).toMatch(/ChatClusters are stored as v2, which this chart does not know/);
      await plane.api.patch(`${CRD}/status`, { status: { storedVersions: stored } });
      // Tried again, it is done, and what was left of the Job for people to look at goes.
      await release('upgrade', { ...values(), operator: { replicas: 1 } });
      expect(await jobPods('demo-chatcluster-crd')).toEqual([]);
    },
    LONG_MS,
  );
});

describe('an uninstall', () => {
  it(
    'stops while there are ChatClusters that somebody else applied, and takes nothing away',
    async () => {
      const spec = { ...small(), deletionPolicy: 'Drain' };
      await plane.api.create(`${CLUSTERS}/chat-a/chatclusters`, {
        apiVersion: 'chatcluster.io/v1alpha1',
        kind: 'ChatCluster',
        metadata: { name: 'foreign' },
        spec,
      });
      await until(
        'it has gateways',
        LONG_MS,
        async () => (await ready('chatcluster.io/cluster=foreign', 'chat-a')).length === 2 || undefined,
      );
      const refusal = await failure(helm(['uninstall', 'demo', '--namespace', NAMESPACE, '--timeout', '2m'], plane.kubeconfig));
      expect(refusal).toMatch(/Job\/chat-system\/demo-chatcluster-uninstall not ready. status: Failed/);
      const [job] = await jobPods('demo-chatcluster-uninstall');
      expect(node.log(NAMESPACE, job ?? '')).toMatch(/ChatClusters that this release did not make: chat-a\/foreign\. Delete them first/);
      expect(await ready('chatcluster.io/cluster=own', NAMESPACE)).toHaveLength(2);
      expect(await ready('app.kubernetes.io/component=operator', NAMESPACE)).not.toEqual([]);
    },
    LONG_MS,
  );

  it(
    'sees its own ChatClusters off when there are no others, and leaves nothing but the CustomResourceDefinition',
    async () => {
      await plane.api.delete(`${CLUSTERS}/chat-a/chatclusters/foreign`);
      await until('the other is gone', SOON_MS, async () => (await clusters('chat-a')).length === 0 || undefined);
      await helm(['uninstall', 'demo', '--namespace', NAMESPACE, '--timeout', '2m', '--wait'], plane.kubeconfig);
      expect(await clusters(NAMESPACE)).toEqual([]);
      await until('all Pods are gone', SOON_MS, async () => {
        const { items } = await plane.api.get<{ items: Pod[] }>('/api/v1/pods');
        if (items.length > 0) throw new Error(`there are ${items.map(({ metadata }) => metadata.name).join(', ')}`);
        return true;
      });
      const left = await plane.kubectl(
        'get',
        'deployments,roles,rolebindings,services,networkpolicies,poddisruptionbudgets',
        '-A',
        '-o',
        'name',
        '-l',
        'app.kubernetes.io/instance=demo',
      );
      expect(left).toBe('');
      expect(await plane.api.get(CRD)).toMatchObject({ metadata: { name: 'chatclusters.chatcluster.io' } });
    },
    LONG_MS,
  );
});

it(
  'is installed again by a chart with another CustomResourceDefinition than the one that was left',
  async () => {
    const chart = makeFolder('chart');
    cpSync(CHART, chart, { recursive: true });
    const file = join(chart, 'crds/chatclusters.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('description:', 'description: Of another version.'));
    await release('install', { ...values(), clusters: [] }, chart);
    expect(JSON.stringify(await plane.api.get(CRD))).toContain('Of another version.');
  },
  LONG_MS,
);

/** With the least rights that an operator may have. */
function values(): Values {
  return {
    watch: { namespaces: [NAMESPACE, 'chat-a'] },
    rbac: { readNodes: false },
    operator: { replicas: 2, leaseDuration: '3s' },
    // With a farm for long polling: it is nobody's but the other's, and goes with it.
    clusters: [{ name: 'own', spec: { ...small(), longPolling: { requestsPerGateway: 50, scaling: { minReplicas: 1, maxReplicas: 1 } } } }],
  };
}

function small(): object {
  return {
    broker: { url: `redis://127.0.0.1:${redis.port}/0` },
    gateway: { connectionsPerGateway: 50 },
    scaling: { minReplicas: 2, maxReplicas: 3 },
    drain: { timeout: '5s' },
  };
}

async function release(verb: 'install' | 'upgrade', given: Values, chart = CHART): Promise<void> {
  const args = [verb, 'demo', chart, '--namespace', NAMESPACE, '--values', valuesFile(given), '--wait', '--timeout', '2m'];
  await helm(args, plane.kubeconfig);
}

async function failure(running: Promise<unknown>): Promise<string> {
  const error = await running.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(HelmFailure);
  return (error as HelmFailure).message;
}

async function ready(selector: string, namespace: string): Promise<readonly Pod[]> {
  const { items } = await plane.api.get<{ items: Pod[] }>(
    `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selector)}`,
  );
  return items.filter(
    ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined && status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
  );
}

async function jobPods(job: string): Promise<readonly string[]> {
  const { items } = await plane.api.get<{ items: Pod[] }>(`/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=job-name%3D${job}`);
  return items.map(({ metadata }) => metadata.name);
}

async function clusters(namespace: string): Promise<readonly Cluster[]> {
  return (await plane.api.get<{ items: Cluster[] }>(`${CLUSTERS}/${namespace}/chatclusters`)).items;
}

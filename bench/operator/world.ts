import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { ControlPlane } from '../../test/kube/control-plane.ts';
import { runPods } from './pods.ts';

const root = new URL('../../', import.meta.url);
const READY_MS = 300_000;
const CALM_MS = 45_000;
/** What Node sets by itself in a container with the chart's memory limit (512Mi), and what the chart sets. Without a limit its heap grows by more before it is tidied up. */
const IN_ITS_LIMIT = ['--max-old-space-size=256', '--max-semi-space-size=8'];

/** What an operator costs in one minute in which nothing happens. */
export interface Rest {
  /** Of one core, percent. */
  readonly cpuPercent: number;
  readonly memoryMb: number;
  /** Reads, lists and writes other than of the Lease. */
  readonly requests: number;
}

/** An operator that looks after so many ChatClusters of ten gateways each, on a real API server, with gateways that only tell how they are. */
export async function operatorAtRest(clusters: number, restMs: number, progress: (text: string) => void): Promise<Rest> {
  const plane = await ControlPlane.start({ audit: true, scheduler: false });
  const over = new AbortController();
  const children: { kill(): void }[] = [];
  try {
    const crd = parse(readFileSync(new URL('crds/chatcluster.io_chatclusters.yaml', root), 'utf8')) as object;
    await plane.api.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd);
    const gateways = start('bench/operator/gateways.ts', [], {}, 'pipe');
    children.push(gateways);
    const [port] = (await once(createInterface(gateways.stdout as NodeJS.ReadableStream), 'line')) as [string];
    const pods = runPods(plane.api, over.signal);
    const operator = start('operator/main.ts', [...IN_ITS_LIMIT, '--import', fileURLToPath(new URL('bench/operator/reroute.ts', root))], {
      BENCH_GATEWAYS_PORT: port,
      ...(await podOf(plane)),
      CHATCLUSTER_GATEWAY_IMAGE: 'bench',
      CHATCLUSTER_HTTP_HOST: '127.0.0.1',
      CHATCLUSTER_HTTP_PORT: '0',
      CHATCLUSTER_LOG_LEVEL: 'error',
    });
    children.push(operator);
    await createClusters(plane, clusters);
    await untilReady(plane, clusters, progress);
    // The last writes of the beginning: figures are told up to half a minute late.
    await sleep(CALM_MS);
    progress('at rest');
    const cpu = cpuSecondsOf(operator.pid ?? 0);
    const since = Date.now();
    await sleep(restMs);
    const rest = {
      cpuPercent: ((cpuSecondsOf(operator.pid ?? 0) - cpu) / (restMs / 1000)) * 100,
      memoryMb: memoryMbOf(operator.pid ?? 0),
      requests: requestsSince(plane.auditLog ?? '', since),
    };
    over.abort();
    await pods;
    return rest;
  } finally {
    over.abort();
    for (const child of children) child.kill();
    await plane.stop();
  }
}

/** What a Pod of the cluster has: the operator is measured as it runs there, where it needs no kubeconfig. */
async function podOf(plane: ControlPlane): Promise<Readonly<Record<string, string>>> {
  const folder = join(plane.folder, 'serviceaccount');
  mkdirSync(folder);
  const subject = { kind: 'ServiceAccount', namespace: 'default', name: 'default' };
  await plane.api.create('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name: 'operator' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [subject],
  });
  writeFileSync(join(folder, 'token'), await plane.serviceAccountToken(subject.namespace, subject.name));
  writeFileSync(join(folder, 'namespace'), subject.namespace);
  copyFileSync(plane.caFile, join(folder, 'ca.crt'));
  const { hostname, port } = new URL(plane.server);
  return {
    KUBECONFIG: '',
    CHATCLUSTER_KUBECONFIG: '',
    CHATCLUSTER_SERVICE_ACCOUNT_FOLDER: folder,
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: port,
  };
}

function start(program: string, args: readonly string[], env: Readonly<Record<string, string>>, stdout: 'pipe' | 'ignore' = 'ignore') {
  return spawn(process.execPath, [...args, fileURLToPath(new URL(program, root))], {
    env: { ...process.env, ...env },
    stdio: ['ignore', stdout, 'inherit'],
  });
}

async function createClusters({ api }: ControlPlane, clusters: number): Promise<void> {
  for (let n = 1; n <= clusters; n++) {
    await api.create('/apis/chatcluster.io/v1alpha1/namespaces/default/chatclusters', {
      apiVersion: 'chatcluster.io/v1alpha1',
      kind: 'ChatCluster',
      metadata: { name: `chat-${n}` },
      spec: { broker: { url: 'redis://redis' }, gateway: { connectionsPerGateway: 1_000 }, scaling: { minReplicas: 10, maxReplicas: 10 } },
    });
  }
}

async function untilReady({ api }: ControlPlane, clusters: number, progress: (text: string) => void): Promise<void> {
  const end = performance.now() + READY_MS;
  for (;;) {
    const { items } = await api.get<{ items: { status?: { readyReplicas?: number } }[] }>('/apis/chatcluster.io/v1alpha1/chatclusters');
    const ready = items.filter(({ status }) => status?.readyReplicas === 10).length;
    progress(`${ready} of ${clusters} ChatClusters ready`);
    if (ready === clusters) return;
    if (performance.now() > end) throw new Error(`Only ${ready} of ${clusters} ChatClusters became ready.`);
    await sleep(1_000);
  }
}

/** User and system time of a process. */
function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function memoryMbOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

interface Audited {
  readonly verb: string;
  readonly userAgent?: string;
  readonly requestReceivedTimestamp: string;
  readonly objectRef?: { readonly resource?: string };
}

function requestsSince(auditLog: string, since: number): number {
  const lines = readFileSync(auditLog, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'));
  return lines.filter((line) => {
    const { verb, userAgent, requestReceivedTimestamp, objectRef } = JSON.parse(line) as Audited;
    const isAtRest = verb === 'watch' || objectRef?.resource === 'leases';
    return userAgent === 'chatcluster' && !isAtRest && Date.parse(requestReceivedTimestamp) >= since;
  }).length;
}

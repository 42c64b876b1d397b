import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The processes of a control plane. */
export type Component = 'etcd' | 'apiserver' | 'controller-manager' | 'scheduler';

/** How soon what happens after a node fell silent; the system's own defaults are minutes. */
export interface NodeTimes {
  /** Without a heartbeat for so long a node is NotReady, and its Pods leave their Services, ms. Default 60,000: a busy machine, or an API server that is away, loses none. */
  readonly nodeGraceMs: number;
  /** Pods that don't say otherwise are evicted from it after so long, s. Default 5. The API server writes it into each Pod. */
  readonly evictionSeconds: number;
}

/** Ports and files of one control plane. */
export interface Layout {
  readonly folder: string;
  readonly ports: { readonly etcd: number; readonly peer: number; readonly apiserver: number };
  readonly certFile: string;
  readonly keyFile: string;
  readonly tokensFile: string;
  readonly serviceAccountKey: string;
  readonly kubeconfigs: { readonly controllers: string; readonly scheduler: string };
  readonly auditLog: string | undefined;
  /** A Unix socket, of what connects the API server to Pods. */
  readonly podNetwork: string;
}

/** As Kubernetes names the network of Services. No process listens there. */
const SERVICE_NETWORK = '10.96.0.0/16';
/** What the API server says that its own address is; nothing of ours uses it. */
const ADVERTISED = '10.89.255.1';
export const ISSUER = 'https://kubernetes.default.svc.cluster.local';

/** What gateways, their operator and a chart's objects need. */
const CONTROLLERS = [
  'clusterrole-aggregation-controller',
  'deployment-controller',
  'disruption-controller',
  'endpointslice-controller',
  'garbage-collector-controller',
  'horizontal-pod-autoscaler-controller',
  'job-controller',
  'namespace-controller',
  'node-lifecycle-controller',
  'pod-garbage-collector-controller',
  'replicaset-controller',
  'resourcequota-controller',
  'root-ca-certificate-publisher-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'taint-eviction-controller',
];

/** The arguments of each process. */
export function argumentsOf(component: Component, layout: Layout, times: NodeTimes): readonly string[] {
  switch (component) {
    case 'etcd':
      return etcd(layout);
    case 'apiserver':
      return apiserver(layout, times);
    case 'controller-manager':
      return controllerManager(layout, times);
    case 'scheduler':
      return scheduler(layout);
  }
}

function etcd({ folder, ports }: Layout): readonly string[] {
  const client = `http://127.0.0.1:${ports.etcd}`;
  const peer = `http://127.0.0.1:${ports.peer}`;
  return [
    '--name=test',
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=test=${peer}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

function apiserver(layout: Layout, { evictionSeconds }: NodeTimes): readonly string[] {
  const { ports, certFile, keyFile, tokensFile, serviceAccountKey, auditLog } = layout;
  return [
    `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${ports.apiserver}`,
    `--advertise-address=${ADVERTISED}`,
    '--endpoint-reconciler-type=none',
    `--service-cluster-ip-range=${SERVICE_NETWORK}`,
    '--authorization-mode=Node,RBAC',
    `--token-auth-file=${tokensFile}`,
    `--tls-cert-file=${certFile}`,
    `--tls-private-key-file=${keyFile}`,
    `--service-account-issuer=${ISSUER}`,
    `--service-account-key-file=${serviceAccountKey}`,
    `--service-account-signing-key-file=${serviceAccountKey}`,
    `--default-not-ready-toleration-seconds=${evictionSeconds}`,
    `--default-unreachable-toleration-seconds=${evictionSeconds}`,
    '--allow-privileged=true',
    '--enable-aggregator-routing=true',
    '--profiling=false',
    `--egress-selector-config-file=${egress(layout)}`,
    ...(auditLog === undefined ? [] : [`--audit-log-path=${auditLog}`, `--audit-policy-file=${auditPolicy(layout)}`]),
  ];
}

function controllerManager(layout: Layout, { nodeGraceMs }: NodeTimes): readonly string[] {
  const { kubeconfigs, serviceAccountKey, certFile } = layout;
  return [
    `--kubeconfig=${kubeconfigs.controllers}`,
    `--controllers=${CONTROLLERS.join(',')}`,
    '--secure-port=0',
    '--leader-elect=false',
    `--service-account-private-key-file=${serviceAccountKey}`,
    `--root-ca-file=${certFile}`,
    '--use-service-account-credentials=false',
    '--kube-api-qps=1000',
    '--kube-api-burst=2000',
    '--horizontal-pod-autoscaler-sync-period=1s',
    `--node-monitor-period=${Math.max(100, Math.round(nodeGraceMs / 8))}ms`,
    `--node-monitor-grace-period=${nodeGraceMs}ms`,
    `--node-startup-grace-period=${nodeGraceMs}ms`,
    '--node-eviction-rate=100',
    '--secondary-node-eviction-rate=100',
    '--large-cluster-size-threshold=1',
  ];
}

function scheduler({ folder, kubeconfigs }: Layout): readonly string[] {
  const config = {
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    clientConnection: { kubeconfig: kubeconfigs.scheduler, qps: 1_000, burst: 2_000 },
    leaderElection: { leaderElect: false },
  };
  const file = join(folder, 'scheduler.json');
  writeFileSync(file, JSON.stringify(config));
  return [`--config=${file}`, '--secure-port=0'];
}

/** Says that Pods and webhooks are reached through the `PodNetwork`. */
function egress({ folder, podNetwork }: Layout): string {
  const file = join(folder, 'egress.json');
  const connection = { proxyProtocol: 'HTTPConnect', transport: { uds: { udsName: podNetwork } } };
  const selection = {
    apiVersion: 'apiserver.k8s.io/v1beta1',
    kind: 'EgressSelectorConfiguration',
    egressSelections: [{ name: 'cluster', connection }],
  };
  writeFileSync(file, JSON.stringify(selection));
  return file;
}

/** One line for each request that was answered, without its body. */
function auditPolicy({ folder }: Layout): string {
  const file = join(folder, 'audit-policy.json');
  mkdirSync(folder, { recursive: true });
  const policy = {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived', 'ResponseStarted'],
    rules: [{ level: 'Metadata' }],
  };
  writeFileSync(file, JSON.stringify(policy));
  return file;
}

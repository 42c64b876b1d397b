/** What a node says of itself. */
export interface NodeTraits {
  readonly name: string;
  readonly zone?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly podCapacity?: number;
}

const LEASE_SECONDS = 40;
/** All that the addresses of one block allow, and some to spare for Pods that are ending. */
const POD_CAPACITY = 240;

/** The Node as it registers. */
export function nodeObject({ name, zone, labels }: NodeTraits): object {
  const own = {
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    'kubernetes.io/arch': process.arch === 'arm64' ? 'arm64' : 'amd64',
    ...(zone === undefined ? null : { 'topology.kubernetes.io/zone': zone }),
  };
  return { metadata: { name, labels: { ...own, ...labels } } };
}

/** The status of a node that is Ready and has plenty of everything. */
export function nodeStatus({ name, podCapacity = POD_CAPACITY }: NodeTraits, hostIp: string, now: Date): object {
  const capacity = { cpu: '64', memory: '256Gi', 'ephemeral-storage': '1Ti', pods: String(podCapacity) };
  const lastHeartbeatTime = now.toISOString().replace(/\.\d+/, '');
  const condition = (type: string, status: 'True' | 'False', reason: string) => ({
    type,
    status,
    reason,
    message: reason,
    lastHeartbeatTime,
  });
  return {
    capacity,
    allocatable: capacity,
    addresses: [
      { type: 'InternalIP', address: hostIp },
      { type: 'Hostname', address: name },
    ],
    conditions: [
      condition('Ready', 'True', 'KubeletReady'),
      condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory'),
      condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure'),
      condition('PIDPressure', 'False', 'KubeletHasSufficientPID'),
    ],
  };
}

/** The heartbeat. */
export function nodeLease(name: string, now: Date): object {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: 'kube-node-lease' },
    spec: { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS, renewTime: now.toISOString().replace('Z', '000Z') },
  };
}

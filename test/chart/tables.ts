import type { Values } from './helm.ts';

/** Values that people set, by what they are for. */
export const GOOD_VALUES: Readonly<Record<string, Values>> = {
  'nothing set': {},
  'to try it out': { valkey: { enabled: true }, clusters: [{ name: 'chat' }] },
  'two namespaces': { watch: { namespaces: ['chat-a', 'chat-b'] } },
  'two namespaces, without rights of the cluster': {
    watch: { namespaces: ['chat-a', 'chat-b'] },
    rbac: { readNodes: false, aggregate: false },
  },
  'all that can be switched off': {
    operator: { replicas: 1, podDisruptionBudget: { enabled: false } },
    rbac: { create: false },
    serviceAccount: { create: false, name: 'mine' },
    crds: { upgrade: false },
    networkPolicy: { enabled: false },
  },
  'all that can be switched on': {
    metrics: {
      serviceMonitor: { enabled: true, labels: { release: 'prometheus' } },
      podMonitor: { enabled: true },
      rules: { enabled: true },
      dashboard: { enabled: true, annotations: { grafana_folder: 'Chat' } },
    },
    valkey: { enabled: true, nodeSelector: { 'kubernetes.io/os': 'linux' } },
  },
  'everything else set': {
    nameOverride: 'fleet',
    commonLabels: { team: 'chat' },
    image: { repository: 'registry.example.com:5000/chat/cluster', tag: '1.2.3-rc.1', pullPolicy: 'Always' },
    imagePullSecrets: [{ name: 'registry' }],
    operator: {
      replicas: 3,
      leaseDuration: '30s',
      logLevel: 'debug',
      resources: { requests: { cpu: 1, memory: '1Gi' }, limits: { memory: '1Gi' } },
      priorityClassName: 'system-cluster-critical',
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      tolerations: [{ key: 'dedicated', operator: 'Exists', effect: 'NoSchedule' }],
      affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule' }],
      podLabels: { a: 'b' },
      podAnnotations: { c: 'd' },
      extraEnv: [{ name: 'NODE_OPTIONS', value: '--max-old-space-size=384' }],
    },
    serviceAccount: { annotations: { note: 'x' } },
    uninstall: { chatClusters: 'Delete', timeout: '1h' },
    networkPolicy: {
      gatewayNamespaces: ['chat-a', 'chat-system'],
      clients: [{ ipBlock: { cidr: '10.0.0.0/8' } }],
      prometheus: [{ namespaceSelector: { matchLabels: { name: 'monitoring' } } }],
      extraGatewayIngress: [{ ports: [{ port: 9100 }] }],
    },
    clusters: [
      {
        name: 'support',
        namespace: 'chat-a',
        labels: { tier: 'gold' },
        annotations: { note: 'x' },
        spec: { broker: { url: 'redis://redis:6379/0' }, scaling: { maxReplicas: 20 } },
      },
    ],
  },
  'HAProxy for two ChatClusters': {
    haproxy: { enabled: true },
    networkPolicy: { gatewayNamespaces: ['chat-a'] },
    clusters: [
      { name: 'chat', spec: { broker: { url: 'redis://redis:6379/0' }, balancing: { algorithm: 'Hash' }, rebalance: { maxSkew: 30 } } },
      { name: 'support', namespace: 'chat-a', spec: { broker: { url: 'redis://redis:6379/1' }, longPolling: {} } },
    ],
  },
  'HAProxy with everything set': {
    haproxy: {
      enabled: true,
      replicas: 1,
      image: { repository: 'registry.example.com/haproxy', tag: '3.0', pullPolicy: 'Always' },
      maxGateways: 500,
      maxConnections: 100_000,
      threads: 8,
      stopTimeout: '1h',
      clusterDomain: 'k8s.example.com',
      service: { type: 'LoadBalancer', port: 443, annotations: { note: 'x' } },
      resources: { requests: { cpu: 2, memory: '2Gi' }, limits: { memory: '2Gi' } },
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      tolerations: [{ key: 'dedicated', operator: 'Exists', effect: 'NoSchedule' }],
    },
    networkPolicy: { clients: [{ ipBlock: { cidr: '10.0.0.0/8' } }] },
    clusters: [{ name: 'chat', spec: { broker: { url: 'redis://redis:6379/0' }, scaling: { maxReplicas: 499 } } }],
  },
  'an image by digest': { image: { digest: `sha256:${'0'.repeat(64)}` } },
};

/** Values that are wrong, with what is said about them. */
export const BAD_VALUES: readonly { readonly values: Values; readonly says: RegExp }[] = [
  { values: { replicas: 2 }, says: /additional properties 'replicas' not allowed/ },
  { values: { operator: { replica: 2 } }, says: /at '\/operator': additional properties 'replica' not allowed/ },
  { values: { operator: { replicas: -1 } }, says: /at '\/operator\/replicas': minimum: got -1, want 0/ },
  { values: { operator: { replicas: '2' } }, says: /at '\/operator\/replicas': got string, want integer/ },
  { values: { operator: { leaseDuration: '15' } }, says: /at '\/operator\/leaseDuration': '15' does not match pattern/ },
  { values: { operator: { leaseDuration: '1s' } }, says: /at '\/operator\/leaseDuration'/ },
  { values: { operator: { logLevel: 'verbose' } }, says: /at '\/operator\/logLevel': value must be one of 'trace', 'debug'/ },
  { values: { operator: { resources: { limits: { memory: 'lots' } } } }, says: /at '\/operator\/resources\/limits\/memory'/ },
  { values: { operator: { extraEnv: [{ value: 'x' }] } }, says: /at '\/operator\/extraEnv\/0': missing property 'name'/ },
  { values: { image: { repository: 'registry.example.com/chat:1.0' } }, says: /at '\/image\/repository'/ },
  { values: { image: { digest: 'latest' } }, says: /at '\/image\/digest'/ },
  { values: { image: { pullPolicy: 'always' } }, says: /at '\/image\/pullPolicy': value must be one of 'Always', 'IfNotPresent', 'Never'/ },
  { values: { imagePullSecrets: ['registry'] }, says: /at '\/imagePullSecrets\/0': got string, want object/ },
  { values: { watch: { namespaces: 'chat' } }, says: /at '\/watch\/namespaces': got string, want array/ },
  { values: { watch: { namespaces: ['*'] } }, says: /at '\/watch\/namespaces\/0': '\*' does not match pattern/ },
  { values: { uninstall: { chatClusters: 'Keep' } }, says: /at '\/uninstall\/chatClusters': value must be one of 'Refuse', 'Delete'/ },
  { values: { uninstall: { timeout: 600 } }, says: /at '\/uninstall\/timeout': got number, want string/ },
  { values: { networkPolicy: { prometheus: [{}] } }, says: /at '\/networkPolicy\/prometheus\/0': minProperties: got 0, want 1/ },
  { values: { networkPolicy: { clients: [{ cidr: '10.0.0.0/8' }] } }, says: /additional properties 'cidr' not allowed/ },
  { values: { metrics: { podMonitor: { interval: '15' } } }, says: /at '\/metrics\/podMonitor\/interval'/ },
  { values: { metrics: { rules: { enabled: 'yes' } } }, says: /at '\/metrics\/rules\/enabled': got string, want boolean/ },
  { values: { valkey: { runAsUser: 0 } }, says: /at '\/valkey\/runAsUser': minimum: got 0, want 1/ },
  { values: { valkey: { maxMemory: '128Mi' } }, says: /at '\/valkey\/maxMemory'/ },
  { values: { haproxy: { replicas: 0 } }, says: /at '\/haproxy\/replicas': minimum: got 0, want 1/ },
  { values: { haproxy: { stopTimeout: '10' } }, says: /at '\/haproxy\/stopTimeout'/ },
  { values: { haproxy: { service: { type: 'ExternalName' } } }, says: /at '\/haproxy\/service\/type': value must be one of 'ClusterIP'/ },
  { values: { clusters: [{ spec: {} }] }, says: /at '\/clusters\/0': missing property 'name'/ },
  { values: { clusters: [{ name: 'Chat' }] }, says: /at '\/clusters\/0\/name': 'Chat' does not match pattern/ },
  // What no schema can tell.
  {
    values: { clusters: [{ name: 'chat' }] },
    says: /clusters: chat has no spec\.broker\.url; name a Redis there, or set valkey\.enabled=true/,
  },
  {
    values: {
      watch: { namespaces: ['chat-a'] },
      clusters: [{ name: 'chat', namespace: 'chat-b', spec: { broker: { url: 'redis://r' } } }],
    },
    says: /clusters: chat is in the namespace chat-b, which watch\.namespaces does not list; add it there/,
  },
  {
    values: {
      haproxy: { enabled: true },
      clusters: [{ name: 'chat', spec: { broker: { url: 'redis://r' }, scaling: { maxReplicas: 100 } } }],
    },
    says: /haproxy\.maxGateways: chat may have 101 gateways .*, but its HAProxy knows 100 at most; raise it/,
  },
  {
    values: { serviceAccount: { create: false } },
    says: /serviceAccount\.name: with serviceAccount\.create false, name the ServiceAccount/,
  },
];

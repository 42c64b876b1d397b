/** The API group, and the prefix of labels and annotations. */
export const GROUP = 'chatcluster.io';
export const VERSION = 'v1alpha1';
export const PLURAL = 'chatclusters';

/** On what the operator creates for a ChatCluster. */
export const LABELS = {
  /** The ChatCluster's name. */
  cluster: `${GROUP}/cluster`,
  /** On a gateway's Pod: the hash of its template. */
  revision: `${GROUP}/revision`,
  /** On a gateway's Pod: "true" while it takes new connections, which the Service selects; else "false". */
  accepting: `${GROUP}/accepting`,
  /** On a gateway's Pod: the number at the end of its name. */
  ordinal: `${GROUP}/ordinal`,
} as const;

export const ANNOTATIONS = {
  /** On a ChatCluster, by people: "up", "down" or "both". */
  pauseScaling: `${GROUP}/pause-scaling`,
  /** On a ChatCluster, by people: any new value (such as the time) asks once to even out the connections. */
  rebalance: `${GROUP}/rebalance`,
  /** On a gateway's Pod, by people: "requested" asks to move all its connections away and remove it; taken away, the drain is taken back. */
  drain: `${GROUP}/drain`,
  /** On a gateway's Pod, by the operator: JSON of the drain that goes on (`DrainView` and the reason), so that it outlives both. */
  draining: `${GROUP}/draining`,
} as const;

/** On a ChatCluster until its connections were drained at its end. */
export const FINALIZER = `${GROUP}/drain`;
/** The operator's name as a field manager, in Events and in the Lease. */
export const MANAGER = 'chatcluster-operator';
/** The container of a gateway's Pod that the gateway runs in. */
export const GATEWAY_CONTAINER = 'gateway';
/** The ports of a gateway's Pod. */
export const GATEWAY_PORTS = { client: 8080, admin: 9090 } as const;
/** Names of what belongs to a ChatCluster: the Service for clients has the ChatCluster's own name. */
export const NAMES = {
  service: (cluster: string) => cluster,
  headless: (cluster: string) => `${cluster}-gateways`,
  disruptionBudget: (cluster: string) => cluster,
  adminToken: (cluster: string) => `${cluster}-admin-token`,
  serviceAccount: (cluster: string) => `${cluster}-gateway`,
  /** The ChatCluster that is its farm for long polling. */
  longPollFarm: (cluster: string) => `${cluster}-longpoll`,
} as const;

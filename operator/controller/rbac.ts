/** What the operator may do on the API server, as a rule of a Role has it. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/**
 * In each namespace that it looks after: by a ClusterRole for all of them, else by a Role in each. Server-side apply needs `patch`, and `create` for
 * what isn't there yet. ChatClusters are made and deleted as farms for long polling of others. Secrets are never listed: those that metrics need are read by their names, as is the one with the admin token, which is made once.
 */
export const NAMESPACE_RULES: readonly Rule[] = [
  { apiGroups: ['chatcluster.io'], resources: ['chatclusters'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  { apiGroups: ['chatcluster.io'], resources: ['chatclusters/status'], verbs: ['patch'] },
  // Owner references that block the owner's deletion need it where the API server enforces that.
  { apiGroups: ['chatcluster.io'], resources: ['chatclusters/finalizers'], verbs: ['update'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  { apiGroups: [''], resources: ['services', 'serviceaccounts'], verbs: ['get', 'list', 'watch', 'create', 'patch'] },
  { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'create'] },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: ['get', 'list', 'watch', 'create', 'patch'] },
  { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
];

/** In the namespace of the Lease, by a Role. */
export const LEASE_RULES: readonly Rule[] = [
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] },
];

/** Of the whole cluster, in either case: by it a node that is lost is told from one that answers late. Without this right only the Pods tell. */
export const CLUSTER_RULES: readonly Rule[] = [{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] }];

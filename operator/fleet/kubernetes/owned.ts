import { farmSpec, type WrittenSpec } from '../../api/long-poll-farm.ts';
import { GATEWAY_PORTS, LABELS, NAMES } from '../../api/names.ts';
import type { ChatCluster } from '../../api/spec.ts';
import { apiVersionOf, type KubeObject, type OwnerReference, RESOURCES, type ResourceType } from '../../kube/object.ts';
import { ADMIN_TOKEN_KEY, labelsOf } from './pod-template.ts';

/** The ChatCluster that objects belong to. */
export interface Owner {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** An object, as far as the operator says what is in it. */
export interface OwnedObject {
  readonly type: ResourceType;
  readonly object: KubeObject & Readonly<Record<string, unknown>>;
}

/** The reference by which what belongs to a ChatCluster goes with it. */
export function ownerReference({ name, uid }: Owner): OwnerReference {
  const { kind } = RESOURCES.chatclusters;
  return { apiVersion: apiVersionOf(RESOURCES.chatclusters), kind, name, uid, controller: true, blockOwnerDeletion: true };
}

/** What a ChatCluster needs beside its Pods and the admin token, to be applied. `gateways`: how many there should be. */
export function ownedObjects(cluster: ChatCluster, owner: Owner, gateways: number): readonly OwnedObject[] {
  return [
    { type: RESOURCES.serviceaccounts, object: serviceAccount(owner) },
    { type: RESOURCES.services, object: clientService(cluster, owner) },
    { type: RESOURCES.services, object: headlessService(owner) },
    { type: RESOURCES.poddisruptionbudgets, object: disruptionBudget(owner, gateways) },
  ];
}

/** The ChatCluster that answers the long polls of this one; `null` when it asks for none. `written`: its spec as the API server has it. */
export function longPollFarm(written: WrittenSpec, owner: Owner): OwnedObject | null {
  const spec = farmSpec(written, owner.name);
  if (spec === null) return null;
  return { type: RESOURCES.chatclusters, object: { metadata: metaOf(NAMES.longPollFarm(owner.name), owner), spec } };
}

/** By which clients reach the gateways that take connections. */
function clientService({ spec: { service } }: ChatCluster, owner: Owner): OwnedObject['object'] {
  return {
    metadata: { ...metaOf(NAMES.service(owner.name), owner), annotations: service.annotations },
    spec: {
      type: service.type,
      selector: { ...gatewaysOf(owner), [LABELS.accepting]: 'true' },
      ports: [{ name: 'client', port: service.port, targetPort: GATEWAY_PORTS.client, protocol: 'TCP', appProtocol: 'http' }],
    },
  };
}

/** Names every gateway, ready or not: for looking at them, and for their metrics. */
function headlessService(owner: Owner): OwnedObject['object'] {
  return {
    metadata: metaOf(NAMES.headless(owner.name), owner),
    spec: {
      type: 'ClusterIP',
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: gatewaysOf(owner),
      ports: [
        { name: 'client', port: GATEWAY_PORTS.client, targetPort: GATEWAY_PORTS.client, protocol: 'TCP' },
        { name: 'admin', port: GATEWAY_PORTS.admin, targetPort: GATEWAY_PORTS.admin, protocol: 'TCP' },
      ],
    },
  };
}

/**
 * At most one of the gateways there should be is taken away at a time by node drains and the like; those that don't work anyway may be. The number is
 * ours to say: "maxUnavailable" would have the disruption controller ask for `spec.replicas`, which is there only when somebody else scales.
 */
function disruptionBudget(owner: Owner, gateways: number): OwnedObject['object'] {
  return {
    metadata: metaOf(NAMES.disruptionBudget(owner.name), owner),
    spec: {
      minAvailable: Math.max(0, gateways - 1),
      selector: { matchLabels: gatewaysOf(owner) },
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    },
  };
}

/** Without any right: gateways don't speak to the API server. */
function serviceAccount(owner: Owner): OwnedObject['object'] {
  return { metadata: metaOf(NAMES.serviceAccount(owner.name), owner), automountServiceAccountToken: false };
}

/** To be created once, and never overwritten: gateways that run have this token. */
export function adminTokenSecret(owner: Owner, token: string): OwnedObject['object'] {
  return {
    metadata: metaOf(NAMES.adminToken(owner.name), owner),
    type: 'Opaque',
    data: { [ADMIN_TOKEN_KEY]: Buffer.from(token).toString('base64') },
  };
}

function metaOf(name: string, owner: Owner): KubeObject['metadata'] {
  return { name, namespace: owner.namespace, labels: labelsOf(owner.name), ownerReferences: [ownerReference(owner)] };
}

function gatewaysOf({ name }: Owner): Readonly<Record<string, string>> {
  return { [LABELS.cluster]: name };
}

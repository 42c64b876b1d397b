import { GATEWAY_ENV } from '../../../protocol/gateway-env.ts';
import { gatewayEnvironment } from '../../api/gateway-environment.ts';
import { gracePeriodSeconds } from '../../api/grace-period.ts';
import { GATEWAY_CONTAINER, GATEWAY_PORTS, LABELS, NAMES } from '../../api/names.ts';
import type { ChatCluster, ChatClusterSpec } from '../../api/spec.ts';
import type { OwnerReference } from '../../kube/object.ts';
import type { EnvVar, Pod, PodTemplateObject } from './pod.ts';
import { revisionOfTemplate } from './revision.ts';
import { strategicMerge } from './strategic-merge.ts';

/** The key in a ChatCluster's admin-token Secret. */
export const ADMIN_TOKEN_KEY = 'token';

/** Relative to the image's working directory, and to a checkout. */
const COMMAND = ['node', 'bin/chatcluster.js', 'gateway'];
const FILES = { jwt: '/var/run/chatcluster/jwt', ca: '/var/run/chatcluster/redis-ca' } as const;

/** A gateway on a node that is not heard of is given up after this time: Kubernetes' own 300 s are long for who has lost a connection. */
const LOST_NODE_SECONDS = 30;

/** What gateways' Pods are made from now: the template, and its revision. */
export interface PodBlueprint {
  readonly revision: string;
  readonly template: PodTemplateObject;
}

/**
 * The Pod template of a ChatCluster. `image` is what runs when the ChatCluster names none. The revision is that of all but the drain's timeout: that
 * applies to the drains of running gateways without a rollout.
 */
export function podBlueprint({ name, spec }: ChatCluster, image: string): PodBlueprint {
  const timeless = { ...spec, drain: { ...spec.drain, timeoutMs: 0 } };
  const revision = revisionOfTemplate(templateOf(name, timeless, image));
  return { revision, template: templateOf(name, spec, image) };
}

/** A gateway's Pod, to be created. */
export function gatewayPod(
  blueprint: PodBlueprint,
  pod: { readonly name: string; readonly namespace: string; readonly owner: OwnerReference },
): Pod {
  const { revision, template } = blueprint;
  const { containers } = template.spec;
  return {
    metadata: {
      name: pod.name,
      namespace: pod.namespace,
      labels: {
        ...template.metadata.labels,
        [LABELS.revision]: revision,
        [LABELS.accepting]: 'true',
        [LABELS.ordinal]: ordinalOf(pod.name),
      },
      annotations: { ...template.metadata.annotations },
      ownerReferences: [pod.owner],
    },
    spec: {
      ...template.spec,
      containers: containers.map((container) =>
        container.name === GATEWAY_CONTAINER
          ? { ...container, env: [...(container.env ?? []), { name: GATEWAY_ENV.revision, value: revision }] }
          : container,
      ),
    },
  };
}

/** The labels of all the objects of one ChatCluster, and by the first of them they are found. */
export function labelsOf(cluster: string): Readonly<Record<string, string>> {
  return {
    [LABELS.cluster]: cluster,
    'app.kubernetes.io/name': 'chatcluster',
    'app.kubernetes.io/instance': cluster,
    'app.kubernetes.io/managed-by': 'chatcluster-operator',
  };
}

function ordinalOf(name: string): string {
  return /\d+$/.exec(name)?.[0] ?? '0';
}

function templateOf(name: string, spec: ChatClusterSpec, image: string): PodTemplateObject {
  const ours = ourTemplate(name, spec, image);
  const merged = strategicMerge(ours, spec.pods.template);
  // The Service, the budget and we ourselves find the Pods by this one. All others are the user's to change.
  return { ...merged, metadata: { ...merged.metadata, labels: { ...merged.metadata.labels, [LABELS.cluster]: name } } };
}

function ourTemplate(name: string, spec: ChatClusterSpec, image: string): PodTemplateObject {
  const { jwtSecret } = spec.authentication;
  const { caSecret } = spec.broker;
  const secretVolume = (volume: string, secret: { name: string; key: string }, file: string) => ({
    name: volume,
    secret: { secretName: secret.name, items: [{ key: secret.key, path: file }] },
  });
  return {
    metadata: { labels: { ...labelsOf(name), 'app.kubernetes.io/component': 'gateway' } },
    spec: {
      restartPolicy: 'Always',
      serviceAccountName: NAMES.serviceAccount(name),
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: gracePeriodSeconds(spec.drain.timeoutMs),
      // What the "restricted" pod security standard asks for. The image names its user.
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      tolerations: ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].map((key) => ({
        key,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: LOST_NODE_SECONDS,
      })),
      topologySpreadConstraints: ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
        topologyKey,
        maxSkew: 1,
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: { [LABELS.cluster]: name } },
        // Old gateways leave in a rollout: the new ones are spread among themselves.
        matchLabelKeys: [LABELS.revision],
      })),
      containers: [
        {
          name: GATEWAY_CONTAINER,
          image: spec.pods.image ?? image,
          command: COMMAND,
          ports: [
            { name: 'client', containerPort: GATEWAY_PORTS.client, protocol: 'TCP' },
            { name: 'admin', containerPort: GATEWAY_PORTS.admin, protocol: 'TCP' },
          ],
          env: environmentOf(name, spec),
          // Started: its process answers. Only then the others count. Ready: it takes connections. Alive: its event loop turns.
          startupProbe: { ...probe('/healthz'), periodSeconds: 1, timeoutSeconds: 2, failureThreshold: 60 },
          readinessProbe: { ...probe('/readyz'), periodSeconds: 2, timeoutSeconds: 3, failureThreshold: 3 },
          livenessProbe: { ...probe('/healthz'), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
          volumeMounts: [
            { name: 'tmp', mountPath: '/tmp' },
            ...(jwtSecret === null ? [] : [{ name: 'jwt', mountPath: FILES.jwt, readOnly: true }]),
            ...(caSecret === null ? [] : [{ name: 'redis-ca', mountPath: FILES.ca, readOnly: true }]),
          ],
        },
      ],
      volumes: [
        { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
        ...(jwtSecret === null ? [] : [secretVolume('jwt', jwtSecret, 'secret')]),
        ...(caSecret === null ? [] : [secretVolume('redis-ca', caSecret, 'ca.pem')]),
      ],
    },
  };
}

function environmentOf(name: string, spec: ChatClusterSpec): EnvVar[] {
  const { passwordSecret, caSecret } = spec.broker;
  return [
    { name: GATEWAY_ENV.name, valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: GATEWAY_ENV.port, value: String(GATEWAY_PORTS.client) },
    { name: GATEWAY_ENV.adminPort, value: String(GATEWAY_PORTS.admin) },
    { name: GATEWAY_ENV.adminHost, value: '0.0.0.0' },
    { name: GATEWAY_ENV.adminToken, valueFrom: { secretKeyRef: { name: NAMES.adminToken(name), key: ADMIN_TOKEN_KEY } } },
    ...Object.entries(gatewayEnvironment(spec)).map(([variable, value]) => ({ name: variable, value })),
    ...(passwordSecret === null ? [] : [{ name: GATEWAY_ENV.redisPassword, valueFrom: { secretKeyRef: passwordSecret } }]),
    ...(caSecret === null ? [] : [{ name: GATEWAY_ENV.redisCaFile, value: `${FILES.ca}/ca.pem` }]),
    ...(spec.authentication.jwtSecret === null ? [] : [{ name: GATEWAY_ENV.jwtSecretFile, value: `${FILES.jwt}/secret` }]),
  ];
}

function probe(path: string) {
  return { httpGet: { path, port: GATEWAY_PORTS.admin, scheme: 'HTTP' } };
}

import { describe, expect, it } from 'vitest';
import { parseGatewaySettings } from '../../../../../gateway/settings.ts';
import { ownerReference } from '../../../../../operator/fleet/kubernetes/owned.ts';
import type { Container, Pod } from '../../../../../operator/fleet/kubernetes/pod.ts';
import { gatewayPod, podBlueprint } from '../../../../../operator/fleet/kubernetes/pod-template.ts';
import { cluster, type SpecChanges } from '../../../../fakes/chat-cluster.ts';

const REDIS = { url: 'redis://redis:6379', keyPrefix: 'chat:' };
const owner = ownerReference({ namespace: 'shop', name: 'chat', uid: 'uid-of-chat' });
const blueprint = (changes: SpecChanges = {}, image = 'chatcluster:1') => podBlueprint(cluster({ broker: REDIS, ...changes }), image);
const podOf = (changes: SpecChanges = {}): Pod => gatewayPod(blueprint(changes), { name: 'chat-12', namespace: 'shop', owner });
const gatewayOf = (made: Pod): Container => made.spec.containers.find(({ name }) => name === 'gateway') as Container;
/** As the container gets it; what comes from elsewhere has its source instead of a value. */
const environmentOf = (made: Pod) =>
  Object.fromEntries((gatewayOf(made).env ?? []).map(({ name, value, valueFrom }) => [name, value ?? JSON.stringify(valueFrom)]));

describe('the Pod of a gateway', () => {
  it('belongs to its ChatCluster, and says by labels what it is', () => {
    const { metadata } = podOf();
    expect(metadata).toMatchObject({
      name: 'chat-12',
      namespace: 'shop',
      ownerReferences: [{ kind: 'ChatCluster', name: 'chat', uid: 'uid-of-chat', controller: true }],
      labels: {
        'chatcluster.io/cluster': 'chat',
        'chatcluster.io/revision': blueprint().revision,
        'chatcluster.io/accepting': 'true',
        'chatcluster.io/ordinal': '12',
        'app.kubernetes.io/name': 'chatcluster',
        'app.kubernetes.io/instance': 'chat',
      },
    });
  });

  it('gives the gateway settings that it takes', () => {
    const environment = environmentOf(podOf({ gateway: { connectionsPerGateway: 123 }, drain: { timeoutMs: 90_000 } }));
    const filled = { ...environment, CHATCLUSTER_GATEWAY_NAME: 'chat-12', CHATCLUSTER_ADMIN_TOKEN: 'a-token-of-the-test' };
    expect(parseGatewaySettings(filled)).toMatchObject({
      kind: 'settings',
      settings: {
        name: 'chat-12',
        revision: blueprint({ gateway: { connectionsPerGateway: 123 } }).revision,
        host: '0.0.0.0',
        port: 8080,
        adminHost: '0.0.0.0',
        adminPort: 9090,
        maxConnections: 123,
        drainTimeoutMs: 90_000,
        broker: 'redis://redis:6379',
      },
    });
  });

  it('has its name from its Pod, and every secret from a Secret', () => {
    const made = podOf({
      broker: { ...REDIS, passwordSecret: { name: 'redis', key: 'password' }, caSecret: { name: 'redis-ca', key: 'ca.crt' } },
      authentication: { jwtSecret: { name: 'jwt', key: 'hs256' } },
    });
    expect(environmentOf(made)).toMatchObject({
      CHATCLUSTER_GATEWAY_NAME: '{"fieldRef":{"fieldPath":"metadata.name"}}',
      CHATCLUSTER_ADMIN_TOKEN: '{"secretKeyRef":{"name":"chat-admin-token","key":"token"}}',
      CHATCLUSTER_REDIS_PASSWORD: '{"secretKeyRef":{"name":"redis","key":"password"}}',
      CHATCLUSTER_REDIS_CA_FILE: '/var/run/chatcluster/redis-ca/ca.pem',
      CHATCLUSTER_JWT_SECRET_FILE: '/var/run/chatcluster/jwt/secret',
    });
    expect(made.spec.volumes).toEqual([
      { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
      { name: 'jwt', secret: { secretName: 'jwt', items: [{ key: 'hs256', path: 'secret' }] } },
      { name: 'redis-ca', secret: { secretName: 'redis-ca', items: [{ key: 'ca.crt', path: 'ca.pem' }] } },
    ]);
    expect(gatewayOf(made).volumeMounts).toMatchObject([
      { mountPath: '/tmp' },
      { mountPath: '/var/run/chatcluster/jwt' },
      { mountPath: '/var/run/chatcluster/redis-ca' },
    ]);
  });

  it('has more time to end than its drain, is spread, and has no rights in the cluster', () => {
    expect(podOf({ drain: { timeoutMs: 90_500 } }).spec).toMatchObject({
      terminationGracePeriodSeconds: 111,
      serviceAccountName: 'chat-gateway',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute', tolerationSeconds: 30 },
        { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', tolerationSeconds: 30 },
      ],
      topologySpreadConstraints: [
        { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
        { topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' },
      ],
    });
  });

  const OVERRIDE = {
    metadata: {
      labels: { team: 'chat', 'app.kubernetes.io/name': 'support-desk', 'chatcluster.io/cluster': 'another' },
      annotations: { note: 'x' },
    },
    spec: {
      nodeSelector: { disk: 'ssd' },
      containers: [
        { name: 'gateway', resources: { limits: { memory: '1Gi' } }, env: [{ name: 'CHATCLUSTER_LOG_LEVEL', value: 'debug' }] },
        { name: 'proxy', image: 'p' },
      ],
    },
  };

  it('is what the template says, but for the label by which it is found', () => {
    const made = podOf({ pods: { template: OVERRIDE } });
    expect(made.metadata).toMatchObject({
      labels: {
        team: 'chat',
        'app.kubernetes.io/name': 'support-desk',
        'app.kubernetes.io/instance': 'chat',
        'chatcluster.io/cluster': 'chat',
      },
      annotations: { note: 'x' },
    });
    expect(made.spec).toMatchObject({
      nodeSelector: { disk: 'ssd' },
      containers: [{ name: 'gateway', image: 'chatcluster:1', resources: { limits: { memory: '1Gi' } } }, { name: 'proxy' }],
    });
    expect(environmentOf(made)).toMatchObject({ CHATCLUSTER_LOG_LEVEL: 'debug', CHATCLUSTER_PORT: '8080' });
  });
});

describe('the revision', () => {
  const changed: readonly { name: string; changes: SpecChanges; image?: string }[] = [
    { name: 'the settings of gateways', changes: { gateway: { heartbeatMs: 9_000 } } },
    { name: 'the broker', changes: { broker: { ...REDIS, url: 'redis://other:6379' } } },
    { name: 'the Secret of its password', changes: { broker: { ...REDIS, passwordSecret: { name: 'a', key: 'b' } } } },
    { name: 'the history', changes: { history: { maxMessages: 7 } } },
    { name: 'the image', changes: { pods: { image: 'chatcluster:2' } } },
    { name: 'the operator’s own image', changes: {}, image: 'chatcluster:2' },
    { name: 'the template', changes: { pods: { template: { metadata: { annotations: { a: 'b' } } } } } },
  ];
  it.each(changed)('is another when $name changes', ({ changes, image }) => {
    expect(blueprint(changes, image).revision).not.toBe(blueprint().revision);
  });

  const same: readonly { name: string; changes: SpecChanges; image?: string }[] = [
    { name: 'nothing', changes: {} },
    { name: 'scaling', changes: { scaling: { maxReplicas: 99 } } },
    { name: 'the drain', changes: { drain: { timeoutMs: 7_000 } } },
    { name: 'the Service', changes: { service: { port: 81 } } },
    { name: 'whether the ChatCluster or the operator says which image', changes: { pods: { image: 'chatcluster:1' } }, image: 'other' },
  ];
  it.each(same)('stays when $name changes', ({ changes, image }) => {
    expect(blueprint(changes, image).revision).toBe(blueprint().revision);
  });

  it('is ten hex digits, whatever order the template’s fields stand in', () => {
    const one = blueprint({ pods: { template: { spec: { nodeSelector: { a: '1', b: '2' } } } } }).revision;
    const other = blueprint({ pods: { template: { spec: { nodeSelector: { b: '2', a: '1' } } } } }).revision;
    expect(one).toMatch(/^[0-9a-f]{10}$/);
    expect(other).toBe(one);
  });
});

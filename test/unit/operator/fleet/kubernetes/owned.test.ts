import { expect, it } from 'vitest';
import { adminTokenSecret, ownedObjects } from '../../../../../operator/fleet/kubernetes/owned.ts';
import { cluster } from '../../../../fakes/chat-cluster.ts';

const OWNER = { namespace: 'shop', name: 'chat', uid: 'uid-of-chat' };
const objects = (gateways = 3) =>
  ownedObjects(cluster({ service: { type: 'LoadBalancer', port: 443, annotations: { a: 'b' } } }), OWNER, gateways);
const byName = (name: string, plural: string, gateways = 3) =>
  objects(gateways).find(({ type, object }) => type.plural === plural && object.metadata.name === name)?.object;

it('everything belongs to the ChatCluster and goes with it', () => {
  for (const { object } of [...objects(), { object: adminTokenSecret(OWNER, 'x') }]) {
    expect(object.metadata).toMatchObject({
      namespace: 'shop',
      labels: { 'chatcluster.io/cluster': 'chat' },
      ownerReferences: [{ apiVersion: 'chatcluster.io/v1alpha1', kind: 'ChatCluster', name: 'chat', uid: 'uid-of-chat', controller: true }],
    });
  }
});

it('the Service leads to gateways that take connections, as the ChatCluster says', () => {
  expect(byName('chat', 'services')).toMatchObject({
    metadata: { annotations: { a: 'b' } },
    spec: {
      type: 'LoadBalancer',
      selector: { 'chatcluster.io/cluster': 'chat', 'chatcluster.io/accepting': 'true' },
      ports: [{ port: 443, targetPort: 8080 }],
    },
  });
});

it('another Service names every gateway, also those that take none', () => {
  expect(byName('chat-gateways', 'services')).toMatchObject({
    spec: { clusterIP: 'None', publishNotReadyAddresses: true, selector: { 'chatcluster.io/cluster': 'chat' } },
  });
});

it.each([
  { gateways: 3, minAvailable: 2 },
  { gateways: 1, minAvailable: 0 },
  { gateways: 0, minAvailable: 0 },
])('of $gateways gateways one may be taken away at a time', ({ gateways, minAvailable }) => {
  expect(byName('chat', 'poddisruptionbudgets', gateways)).toMatchObject({
    spec: { minAvailable, unhealthyPodEvictionPolicy: 'AlwaysAllow', selector: { matchLabels: { 'chatcluster.io/cluster': 'chat' } } },
  });
});

it('gateways have an account that has no token', () => {
  expect(byName('chat-gateway', 'serviceaccounts')).toMatchObject({ automountServiceAccountToken: false });
});

it('the admin token stands in a Secret', () => {
  expect(adminTokenSecret(OWNER, 'the token')).toMatchObject({
    metadata: { name: 'chat-admin-token' },
    data: { token: Buffer.from('the token').toString('base64') },
  });
});

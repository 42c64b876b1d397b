import { beforeAll, describe, expect, it } from 'vitest';
import { DEFAULTS } from '../../operator/api/defaults.ts';
import { GATEWAY_PORTS, LABELS, NAMES } from '../../operator/api/names.ts';
import { chartTools } from '../kube/binaries.ts';
import { type Rendered, render, type Values } from './helm.ts';

const BROKER = { broker: { url: 'redis://redis' } };

beforeAll(async () => {
  await chartTools();
}, 2_400_000);

describe('the configuration of HAProxy', () => {
  it.each([
    { algorithm: 'RoundRobin', has: ['balance roundrobin'] },
    { algorithm: 'LeastConnections', has: ['balance leastconn'] },
    { algorithm: 'Hash', has: ['balance url_param session', 'hash-type consistent sdbm avalanche', 'hash-balance-factor 150'] },
  ])('places by $algorithm', async ({ algorithm, has }) => {
    const config = await configOf({ ...BROKER, balancing: { algorithm }, rebalance: { maxSkew: 50 } });
    expect(config.split('\n').filter((line) => /^ +(balance|hash-)/.test(line))).toEqual(has.map((line) => `  ${line}`));
  });

  it('of a ChatCluster that says nothing goes by what the resource has as its defaults', async () => {
    const { balancing, rebalance, scaling, rollout } = DEFAULTS;
    expect(await configOf(BROKER)).toBe(await configOf({ ...BROKER, balancing, rebalance }));
    const hashed = { ...BROKER, balancing: { algorithm: 'Hash' } };
    expect(await configOf(hashed)).toBe(await configOf({ ...hashed, rebalance }));
    const most = scaling.maxReplicas + rollout.maxSurge;
    await configOf(BROKER, { maxGateways: most });
    await expect(configOf(BROKER, { maxGateways: most - 1 })).rejects.toThrow(`chat may have ${most} gateways`);
  });

  it('finds the gateways where the operator has them', async () => {
    const config = await configOf(BROKER, { clusterDomain: 'k8s.example.com' });
    expect(config).toContain(` ${NAMES.headless('chat')}.chat-a.svc.k8s.example.com:${GATEWAY_PORTS.client} `);
    expect(config).toContain(`check port ${GATEWAY_PORTS.admin} `);
  });
});

describe('network policies of HAProxy', () => {
  it('let it reach clients’ and admin port of its gateways', async () => {
    const { policyTypes, podSelector, ingress } = specOf(await objectsOf({ gatewayNamespaces: ['chat-a'] }), 'chat-haproxy-to-gateways');
    expect({ policyTypes, podSelector }).toEqual({ policyTypes: ['Ingress'], podSelector: { matchLabels: { [LABELS.cluster]: 'chat' } } });
    const from = [{ podSelector: { matchLabels: expect.objectContaining({ 'app.kubernetes.io/component': 'haproxy-chat' }) } }];
    expect(ingress).toEqual([{ from, ports: Object.values(GATEWAY_PORTS).map((port) => ({ port })) }]);
  });

  // The first policy of a Pod keeps all others out: the operator too.
  it('leave gateways alone that no policy is for', async () => {
    const names = (await objectsOf({})).filter(({ kind }) => kind === 'NetworkPolicy').map(({ metadata }) => metadata.name);
    expect(names).toContain('chat-haproxy');
    expect(names).not.toContain('chat-haproxy-to-gateways');
  });
});

async function configOf(spec: Values, haproxy: Values = {}): Promise<string> {
  const objects = await render({ haproxy: { enabled: true, ...haproxy }, clusters: [{ name: 'chat', namespace: 'chat-a', spec }] });
  const map = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'chat-haproxy');
  const data = (map?.data ?? {}) as Readonly<Record<string, string>>;
  return data['haproxy.cfg'] ?? '';
}

const objectsOf = (networkPolicy: Values) =>
  render({ haproxy: { enabled: true }, networkPolicy, clusters: [{ name: 'chat', namespace: 'chat-a', spec: BROKER }] });

function specOf(objects: readonly Rendered[], name: string): Readonly<Record<string, unknown>> {
  const found = objects.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === name);
  return (found?.spec ?? {}) as Readonly<Record<string, unknown>>;
}

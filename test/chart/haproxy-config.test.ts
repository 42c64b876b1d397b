import { beforeAll, describe, expect, it } from 'vitest';
import { DEFAULTS } from '../../operator/api/defaults.ts';
import { GATEWAY_PORTS, LABELS, NAMES } from '../../operator/api/names.ts';
import { POLL_PATH } from '../../protocol/paths.ts';
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

describe('the configuration for a ChatCluster with a farm for long polling', () => {
  const spec = { ...BROKER, balancing: { algorithm: 'Hash' }, longPolling: {} };

  it('leads polls to the farm while that has a gateway, and places there as elsewhere', async () => {
    const config = await configOf(spec);
    const [clients, main, farm] = ['frontend clients', 'backend gateways', 'backend longpoll'].map((name) => sectionOf(config, name));
    expect(clients).toContain(`  use_backend longpoll if { path ${POLL_PATH} } { nbsrv(longpoll) gt 0 }\n  default_backend gateways`);
    const [there, here] = ['chat', NAMES.longPollFarm('chat')].map((name) => ` ${NAMES.headless(name)}.chat-a.svc.`);
    expect(main).toContain(there);
    expect(farm).toBe(main?.replace(there ?? '', here ?? ''));
    expect(config).toBe(await configOf({ ...spec, longPolling: { scaling: { maxReplicas: 5 } } }));
  });

  it('knows nothing of a farm that is not asked for', async () => {
    for (const longPolling of [undefined, null]) expect(await configOf({ ...BROKER, longPolling })).not.toContain('longpoll');
  });

  it('has a place for each gateway of the farm', async () => {
    const most = { ...BROKER, longPolling: { scaling: { maxReplicas: 30 } }, rollout: { maxSurge: 2 } };
    await configOf(most, { maxGateways: 32 });
    await expect(configOf(most, { maxGateways: 31 })).rejects.toThrow('chat-longpoll may have 32 gateways');
  });
});

describe('network policies of HAProxy', () => {
  it.each([
    { of: 'its gateways', spec: BROKER, values: ['chat'] },
    { of: 'its gateways and those of the farm', spec: { ...BROKER, longPolling: {} }, values: ['chat', NAMES.longPollFarm('chat')] },
  ])('let it reach clients’ and admin port of $of', async ({ spec, values }) => {
    const objects = await objectsOf({ gatewayNamespaces: ['chat-a'] }, spec);
    const { policyTypes, podSelector, ingress } = specOf(objects, 'chat-haproxy-to-gateways');
    const matchExpressions = [{ key: LABELS.cluster, operator: 'In', values }];
    expect({ policyTypes, podSelector }).toEqual({ policyTypes: ['Ingress'], podSelector: { matchExpressions } });
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

/** From its name to the next one. */
function sectionOf(config: string, name: string): string {
  return (config.split(`\n${name}\n`)[1] ?? '').split(/\n(?=\S)/)[0]?.trimEnd() ?? '';
}

const objectsOf = (networkPolicy: Values, spec: Values = BROKER) =>
  render({ haproxy: { enabled: true }, networkPolicy, clusters: [{ name: 'chat', namespace: 'chat-a', spec }] });

function specOf(objects: readonly Rendered[], name: string): Readonly<Record<string, unknown>> {
  const found = objects.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === name);
  return (found?.spec ?? {}) as Readonly<Record<string, unknown>>;
}

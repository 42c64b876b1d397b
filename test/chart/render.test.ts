import { beforeAll, describe, expect, it } from 'vitest';
import { CLUSTER_RULES, LEASE_RULES, NAMESPACE_RULES, type Rule } from '../../operator/controller/rbac.ts';
import { OPERATOR_SETTINGS, parseOperatorSettings } from '../../operator/settings.ts';
import { chartTools } from '../kube/binaries.ts';
import { CHART, HelmFailure, helm, type Rendered, render, valuesFile } from './helm.ts';
import { BAD_VALUES, GOOD_VALUES } from './tables.ts';

interface PodSpec {
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly automountServiceAccountToken: boolean;
  readonly enableServiceLinks: boolean;
  readonly containers: readonly {
    readonly image: string;
    readonly env?: readonly { readonly name: string; readonly value?: string }[];
    readonly resources: { readonly requests: object };
    readonly securityContext: Readonly<Record<string, unknown>>;
  }[];
}

const one = (objects: readonly Rendered[], kind: string, name: string | RegExp): Rendered => {
  const found = objects.filter(
    (object) => object.kind === kind && (typeof name === 'string' ? object.metadata.name === name : name.test(object.metadata.name)),
  );
  expect(found, `${kind} ${name}`).toHaveLength(1);
  return found[0] as Rendered;
};
const podOf = ({ kind, spec }: Rendered): PodSpec | null => {
  if (kind === 'Pod') return spec as PodSpec;
  return kind === 'Deployment' || kind === 'Job' ? (spec as { template: { spec: PodSpec } }).template.spec : null;
};
const kinds = (objects: readonly Rendered[]) => new Set(objects.map(({ kind }) => kind));

beforeAll(async () => {
  await chartTools();
}, 2_400_000);

describe.each(Object.entries(GOOD_VALUES))('with %s', (_, values) => {
  it('helm finds nothing to say', async () => {
    expect(await helm(['lint', '--strict', CHART, '--values', valuesFile(values)])).toMatch(/0 chart\(s\) failed/);
  });

  it('each object has one place, and says what it belongs to', async () => {
    const objects = await render(values);
    const places = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`);
    expect(new Set(places).size).toBe(places.length);
    for (const { kind, metadata } of objects) {
      expect(metadata.labels, `${kind} ${metadata.name}`).toMatchObject({
        'app.kubernetes.io/instance': 'demo',
        'helm.sh/chart': /^chatcluster-/,
      });
      expect(metadata.namespace === undefined, `${kind} ${metadata.name}`).toBe(kind.startsWith('Cluster'));
    }
  });

  it('no container may anything, and none takes its address from Services', async () => {
    const pods = (await render(values)).map(podOf).filter((pod) => pod !== null);
    expect(pods.length).toBeGreaterThanOrEqual(3);
    for (const pod of pods) {
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      expect(pod.securityContext.runAsUser).toBeGreaterThan(0);
      expect(pod.enableServiceLinks).toBe(false);
      for (const container of pod.containers) {
        expect(container.resources.requests).toMatchObject({ cpu: expect.anything(), memory: expect.anything() });
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      }
    }
  });

  it('the operator understands its environment', async () => {
    const { containers } = podOf(one(await render(values), 'Deployment', /-operator$/)) as PodSpec;
    const given = (containers[0]?.env ?? []).filter(({ name }) => name.startsWith('CHATCLUSTER_'));
    const known = OPERATOR_SETTINGS.map(({ env }) => env);
    for (const { name } of given) expect(known).toContain(name);
    const environment = Object.fromEntries(given.map(({ name, value }) => [name, value ?? 'the-pod']));
    expect(parseOperatorSettings(environment, {}, '')).toMatchObject({
      kind: 'settings',
      settings: { leaseNamespace: 'chat-system', gatewayImage: containers[0]?.image, httpPort: 9091, identity: 'the-pod' },
    });
  });
});

describe('rights', () => {
  it('for all namespaces are those that the operator needs, by a ClusterRole', async () => {
    const objects = await render({});
    expect(rulesOf(one(objects, 'ClusterRole', 'chat-system-demo-chatcluster-operator'))).toEqual(
      rightsIn([...NAMESPACE_RULES, ...CLUSTER_RULES]),
    );
    expect(objects.filter(({ kind, metadata }) => kind === 'Role' && !metadata.name.endsWith('-lease'))).toEqual([]);
  });

  it('for a list of namespaces are given in these alone', async () => {
    const objects = await render({ watch: { namespaces: ['chat-a', 'chat-b', 'chat-a'] } });
    const roles = objects.filter(({ kind, metadata }) => kind === 'Role' && metadata.name === 'chat-system-demo-chatcluster-operator');
    expect(roles.map(({ metadata }) => metadata.namespace)).toEqual(['chat-a', 'chat-b']);
    for (const role of roles) expect(rulesOf(role)).toEqual(rightsIn(NAMESPACE_RULES));
    expect(rulesOf(one(objects, 'ClusterRole', 'chat-system-demo-chatcluster-operator'))).toEqual(rightsIn(CLUSTER_RULES));
  });

  it('of the cluster are none, when nobody wants to give any', async () => {
    const objects = await render(GOOD_VALUES['two namespaces, without rights of the cluster'] ?? {});
    const ofCluster = objects.filter(({ kind }) => kind.startsWith('Cluster')).map(({ metadata }) => metadata.name);
    // The right of the Job to the one CustomResourceDefinition, while it runs.
    expect(ofCluster).toEqual(['chat-system-demo-chatcluster-crd', 'chat-system-demo-chatcluster-crd']);
  });

  it('to Leases are for its own', async () => {
    const role = one(await render({}), 'Role', 'demo-chatcluster-operator-lease');
    expect(rulesOf(role)).toEqual(rightsIn(LEASE_RULES));
    const rules = role.rules as (Rule & { resourceNames?: string[] })[];
    for (const { verbs, resourceNames } of rules)
      if (!verbs.includes('create')) expect(resourceNames).toEqual(['demo-chatcluster-operator']);
  });
});

describe('what is optional', () => {
  it.each([
    ['PodDisruptionBudget', { operator: { replicas: 2 } }, { operator: { replicas: 1 } }],
    ['NetworkPolicy', {}, { networkPolicy: { enabled: false } }],
    ['ServiceMonitor', { metrics: { serviceMonitor: { enabled: true } } }, {}],
    ['PodMonitor', { metrics: { podMonitor: { enabled: true } } }, {}],
    ['PrometheusRule', { metrics: { rules: { enabled: true } } }, {}],
    ['ChatCluster', GOOD_VALUES['to try it out'] ?? {}, {}],
  ])('%s is there when it is asked for', async (kind, on, off) => {
    expect(kinds(await render(on))).toContain(kind);
    expect(kinds(await render(off))).not.toContain(kind);
  });

  it('a ChatCluster without a broker uses the Valkey of the release, which its own name stays clear of', async () => {
    const objects = await render({ valkey: { enabled: true }, clusters: [{ name: 'chat', spec: { scaling: { maxReplicas: 3 } } }] });
    expect(one(objects, 'ChatCluster', 'chat').spec).toEqual({
      broker: { url: 'redis://demo-chatcluster-valkey.chat-system:6379/0' },
      scaling: { maxReplicas: 3 },
    });
    one(objects, 'Service', 'demo-chatcluster-valkey');
  });

  it("the release's name is not said twice", async () => {
    const printed = await helm(['template', 'chatcluster', CHART, '--set', 'valkey.enabled=true']);
    // What examples/chatcluster.yaml and docs/kubernetes.md name.
    expect(printed).toContain('name: chatcluster-valkey\n');
    expect(printed).toContain('name: chatcluster-operator\n');
  });
});

describe('wrong values', () => {
  it.each(BAD_VALUES.map((row) => ({ ...row, shown: JSON.stringify(row.values) })))('$shown', async ({ values, says }) => {
    const refusal = await render(values).then(
      () => null,
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(HelmFailure);
    expect((refusal as HelmFailure).message).toMatch(says);
  });
});

function rulesOf({ rules }: Rendered): ReadonlySet<string> {
  return rightsIn((rules ?? []) as Rule[]);
}

/** Each single right. */
function rightsIn(rules: readonly Rule[]): ReadonlySet<string> {
  return new Set(
    rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}.${group}`))),
    ),
  );
}

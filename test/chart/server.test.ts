import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NAMESPACE_RULES } from '../../operator/controller/rbac.ts';
import { chartTools } from '../kube/binaries.ts';
import { ControlPlane } from '../kube/control-plane.ts';
import { makeFolder } from '../servers/leftovers.ts';
import { CHART, helm, objectsIn, type Rendered, ROOT, render, valuesFile } from './helm.ts';
import { schemasOf } from './schemas.ts';
import { GOOD_VALUES } from './tables.ts';

const run = promisify(execFile);

/** Kinds of the Prometheus Operator, which isn't there. */
const ELSEWHERE = ['ServiceMonitor', 'PodMonitor', 'PrometheusRule'];
const NAMESPACES = ['chat-system', 'chat-a', 'chat-b'];
const CRD = join(CHART, 'crds/chatclusters.yaml');

let plane: ControlPlane;
let schemas: string;
let kubeconform: string;

beforeAll(async () => {
  kubeconform = (await chartTools()).kubeconform;
  plane = await ControlPlane.start({ scheduler: false });
  for (const name of NAMESPACES) await plane.createNamespace(name, { 'pod-security.kubernetes.io/enforce': 'restricted' });
  await plane.kubectl('apply', '--server-side', '--filename', CRD);
  await plane.kubectl('wait', '--for=condition=Established', '--timeout=30s', '--filename', CRD);
  schemas = await schemasOf(plane.api);
}, 2_400_000);

afterAll(() => plane?.stop());

describe.each(Object.entries(GOOD_VALUES))('with %s', (_, values) => {
  it('kubeconform finds no fault by the schemas of the API server', async () => {
    expect(await faults(await render(values))).toEqual([]);
  });

  it('the API server takes every object', async () => {
    const objects = known(await render(values));
    await plane.kubectl('apply', '--dry-run=server', '--validate=strict', '--filename', writeObjects(objects));
  });

  it('each Pod passes the "restricted" standard', async () => {
    for (const object of known(await render(values))) {
      const pod = podOf(object);
      if (pod === null) continue;
      // The standard is enforced on Pods, not on what makes them; the account must be there.
      const { serviceAccountName, ...spec } = pod;
      await plane.api.create(`/api/v1/namespaces/chat-system/pods?dryRun=All`, { metadata: { name: 'one' }, spec });
    }
  });
});

describe('the checks', () => {
  const deployment = async () => (await render({})).find(({ kind }) => kind === 'Deployment') as Rendered;

  it('kubeconform finds a field that there is not, and a value of another type', async () => {
    const good = await deployment();
    for (const spec of [
      { ...(good.spec as object), replica: 2 },
      { ...(good.spec as object), replicas: 'two' },
    ]) {
      expect(await faults([{ ...good, spec }])).toEqual([expect.stringContaining('spec')]);
    }
  });

  it('the standard refuses a container that may be root', async () => {
    const pod = podOf(await deployment()) as { securityContext: object; containers: object[] };
    const { serviceAccountName: _, ...spec } = { ...pod, securityContext: {} } as Record<string, unknown>;
    const asking = plane.api.create('/api/v1/namespaces/chat-system/pods?dryRun=All', { metadata: { name: 'one' }, spec });
    await expect(asking).rejects.toThrow(/violates PodSecurity "restricted/);
  });
});

describe('examples and manifests', () => {
  it('examples/chatcluster.yaml is taken as it stands, and names the Valkey of a release called chatcluster', async () => {
    const example = join(ROOT, 'examples/chatcluster.yaml');
    await plane.kubectl('apply', '--dry-run=server', '--namespace', 'chat-a', '--filename', example);
    const printed = await helm(['template', 'chatcluster', CHART, '--set', 'valkey.enabled=true']);
    const service = objectsIn(printed).find(({ kind, metadata }) => kind === 'Service' && metadata.name.endsWith('valkey'));
    expect(readFileSync(example, 'utf8')).toContain(`redis://${service?.metadata.name}:6379/0`);
  });
});

describe('rights on the API server', () => {
  const ALL_VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];

  it.each([
    { what: 'all namespaces', values: {}, in: ['chat-a', 'chat-b', 'chat-system'], notIn: [] },
    { what: 'one namespace', values: { watch: { namespaces: ['chat-a'] } }, in: ['chat-a'], notIn: ['chat-b'] },
  ])(
    'the operator of $what may do what it must, and nothing else',
    async ({ values, in: within, notIn }) => {
      await helm(['install', 'rights', CHART, '--namespace', 'chat-system', '--values', valuesFile(values)], plane.kubeconfig);
      try {
        const wanted = new Set(NAMESPACE_RULES.flatMap(rightsOf));
        for (const namespace of within) expect(await rightsIn(namespace, ['chat-system'].includes(namespace))).toEqual(wanted);
        for (const namespace of notIn) expect(await rightsIn(namespace, false)).toEqual(new Set());
      } finally {
        await helm(['uninstall', 'rights', '--namespace', 'chat-system', '--no-hooks', '--wait'], plane.kubeconfig);
      }
    },
    120_000,
  );

  const rightsOf = ({ apiGroups, resources, verbs }: (typeof NAMESPACE_RULES)[number]) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}.${group}`)));

  /** Asks for every verb of every resource that the API server has in namespaces. Its Lease stands in its own namespace. */
  async function rightsIn(namespace: string, ownNamespace: boolean): Promise<ReadonlySet<string>> {
    const user = 'system:serviceaccount:chat-system:rights-chatcluster-operator';
    const groups = ['system:serviceaccounts', 'system:serviceaccounts:chat-system', 'system:authenticated'];
    const asked = (await resources()).flatMap(({ group, resource }) => ALL_VERBS.map((verb) => ({ group, resource, verb })));
    const allowed = await Promise.all(
      asked.map(async ({ group, resource: name, verb }) => {
        const [resource = '', subresource] = name.split('/');
        const resourceAttributes = { namespace, group, resource, verb, ...(subresource !== undefined && { subresource }) };
        const review = { spec: { user, groups, resourceAttributes } };
        const answer = await plane.api.create<{ status: { allowed: boolean } }>(
          '/apis/authorization.k8s.io/v1/subjectaccessreviews',
          review,
        );
        return answer.status.allowed ? [`${verb} ${name}.${group}`] : [];
      }),
    );
    const rights = allowed.flat().filter((right) => !(ownNamespace && right === 'create leases.coordination.k8s.io'));
    // What everybody may: ask what they may.
    return new Set(rights.filter((right) => !right.endsWith('.authorization.k8s.io')));
  }

  interface Resources {
    readonly resources: readonly { readonly name: string; readonly namespaced: boolean }[];
  }

  async function resources(): Promise<readonly { readonly group: string; readonly resource: string }[]> {
    const { groups } = await plane.api.get<{ groups: { name: string; preferredVersion: { groupVersion: string } }[] }>('/apis');
    const places = [
      { name: '', path: '/api/v1' },
      ...groups.map(({ name, preferredVersion }) => ({ name, path: `/apis/${preferredVersion.groupVersion}` })),
    ];
    const found = await Promise.all(
      places.map(async ({ name, path }) => {
        const list = await plane.api.get<Resources>(path);
        return list.resources.filter(({ namespaced }) => namespaced).map((each) => ({ group: name, resource: each.name }));
      }),
    );
    expect(found.flat().length).toBeGreaterThan(50);
    // Where finalizers are protected there is nothing to read, so it isn't listed.
    return [...found.flat(), { group: 'chatcluster.io', resource: 'chatclusters/finalizers' }];
  }
});

const known = (objects: readonly Rendered[]) => objects.filter(({ kind }) => !ELSEWHERE.includes(kind));

function writeObjects(objects: readonly Rendered[]): string {
  const file = join(makeFolder('objects'), 'objects.json');
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  return file;
}

interface Finding {
  readonly kind: string;
  readonly name: string;
  readonly status: string;
  readonly msg: string;
}

/** What kubeconform says of each object that isn't valid. */
async function faults(objects: readonly Rendered[]): Promise<readonly string[]> {
  const args = ['-strict', '-verbose', '-output', 'json', '-schema-location', schemas, writeObjects(known(objects))];
  const { stdout } = await run(kubeconform, args).catch((error: { stdout: string }) => error);
  const { resources } = JSON.parse(stdout) as { resources: readonly Finding[] };
  expect(resources).toHaveLength(known(objects).length);
  return resources
    .filter(({ status }) => status !== 'statusValid')
    .map(({ kind, name, status, msg }) => `${kind} ${name}: ${status} ${msg}`);
}

function podOf({ kind, spec }: Rendered): Record<string, unknown> | null {
  if (kind === 'Pod') return spec as Record<string, unknown>;
  return kind === 'Deployment' || kind === 'Job' ? (spec as { template: { spec: Record<string, unknown> } }).template.spec : null;
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { KubeApi } from '../../../operator/kube/api.ts';
import { KubeError } from '../../../operator/kube/error.ts';
import { EventRecorder } from '../../../operator/kube/event-recorder.ts';
import { Informer } from '../../../operator/kube/informer.ts';
import { type KubeObject, RESOURCES } from '../../../operator/kube/object.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import { ControlPlane } from '../../kube/control-plane.ts';
import { writeKubeconfig } from '../../kube/kubeconfig.ts';

interface Service extends KubeObject {
  readonly spec: {
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports: readonly { readonly name: string; readonly port: number }[];
    readonly sessionAffinity?: string;
  };
}

let plane: ControlPlane;
let api: KubeApi;

beforeAll(async () => {
  plane = await ControlPlane.start({ controllerManager: false, scheduler: false, audit: true });
  api = await KubeApi.load({ kubeconfig: plane.kubeconfig });
}, 120_000);

afterAll(async () => {
  api?.close();
  await plane?.stop();
});

const pod = (name: string, spec: object = {}) => ({
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'gateway', image: 'none' }], ...spec },
});
const service = (name: string, selector: Record<string, string>): Service => ({
  metadata: { name, namespace: 'default', labels: { app: 'chat' } },
  spec: { selector, ports: [{ name: 'client', port: 80 }] },
});
const failure = async (call: Promise<unknown>): Promise<KubeError> => {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof KubeError) return error;
  throw new Error(`no KubeError: ${error}`);
};

describe('server-side apply', () => {
  const byAnother = (name: string, object: object, manager = 'jane') =>
    plane.api.patch<Service>(`/api/v1/namespaces/default/services/${name}?fieldManager=${manager}&force=true`, object, 'apply');
  const foreign = (name: string, rest: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name, ...rest } });

  it('leaves alone what others added, and takes away what we no longer want', async () => {
    const ours = service('foreign-fields', { app: 'chat' });
    await api.apply<Service>(RESOURCES.services, 'default', { ...ours, metadata: { ...ours.metadata, annotations: { ours: 'yes' } } });
    await byAnother('foreign-fields', {
      ...foreign('foreign-fields', { annotations: { theirs: 'yes' } }),
      spec: { sessionAffinity: 'ClientIP' },
    });
    const applied = await api.apply<Service>(RESOURCES.services, 'default', ours);
    expect(applied.metadata.annotations).toEqual({ theirs: 'yes' });
    expect(applied.metadata.labels).toEqual({ app: 'chat' });
    expect(applied.spec.sessionAffinity).toBe('ClientIP');
  });

  it('of the same again changes nothing, not even the version', async () => {
    const ours = service('same', { app: 'chat' });
    const first = await api.apply<Service>(RESOURCES.services, 'default', ours);
    const again = await api.apply<Service>(RESOURCES.services, 'default', ours);
    expect(again.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  it('says whose field is in the way, and takes it when forced', async () => {
    await api.apply<Service>(RESOURCES.services, 'default', service('conflict', { app: 'chat' }));
    await byAnother('conflict', { ...foreign('conflict', { annotations: { theirs: 'yes' } }), spec: { selector: { app: 'mine' } } });
    const error = await failure(api.apply<Service>(RESOURCES.services, 'default', service('conflict', { app: 'chat' })));
    expect(error.kind).toBe('conflict');
    expect(error.message).toContain('conflict with "jane"');
    expect(error.message).toContain('.spec.selector');
    const forced = await api.apply<Service>(RESOURCES.services, 'default', service('conflict', { app: 'chat' }), { force: true });
    expect(forced.spec.selector).toEqual({ app: 'chat' });
    expect(forced.metadata.annotations).toEqual({ theirs: 'yes' });
  });
});

describe('a delete', () => {
  it('of a Pod that no node has takes it away at once', async () => {
    await api.create(RESOURCES.pods, 'default', pod('unbound'));
    expect(await api.delete(RESOURCES.pods, 'default', 'unbound')).toBeNull();
    expect(await api.get(RESOURCES.pods, 'default', 'unbound')).toBeNull();
  });

  it('of a Pod on a node leaves it for its grace period', async () => {
    await api.create(RESOURCES.pods, 'default', pod('bound', { nodeName: 'somewhere' }));
    const left = await api.delete(RESOURCES.pods, 'default', 'bound', { gracePeriodSeconds: 20 });
    expect(left?.metadata).toMatchObject({ deletionTimestamp: expect.any(String), deletionGracePeriodSeconds: 20 });
    expect(await api.delete(RESOURCES.pods, 'default', 'bound', { gracePeriodSeconds: 0 })).toBeNull();
  });

  it('of what has a finalizer leaves it for that', async () => {
    const object = service('finalized', { app: 'chat' });
    await api.create<Service>(RESOURCES.services, 'default', {
      ...object,
      metadata: { ...object.metadata, finalizers: ['chatcluster.io/drain'] },
    });
    expect((await api.delete(RESOURCES.services, 'default', 'finalized'))?.metadata.finalizers).toEqual(['chatcluster.io/drain']);
    await api.patch(RESOURCES.services, 'default', 'finalized', { metadata: { finalizers: null } });
    expect(await api.get(RESOURCES.services, 'default', 'finalized')).toBeNull();
  });

  it('is refused when the object is not the one that was meant, or was changed', async () => {
    const made = await api.create(RESOURCES.pods, 'default', pod('meant'));
    const another = await failure(api.delete(RESOURCES.pods, 'default', 'meant', { uid: 'another' }));
    const older = await failure(api.delete(RESOURCES.pods, 'default', 'meant', { resourceVersion: '1' }));
    expect([another.kind, older.kind]).toEqual(['conflict', 'conflict']);
    const { uid, resourceVersion } = made.metadata as { readonly uid?: string; readonly resourceVersion?: string };
    expect(await api.delete(RESOURCES.pods, 'default', 'meant', { uid: String(uid), resourceVersion: String(resourceVersion) })).toBeNull();
  });
});

describe('a refusal of the real API server', () => {
  it('for a quota says which and how much', async () => {
    await plane.createNamespace('full');
    const quotas = '/api/v1/namespaces/full/resourcequotas';
    const quota = await plane.api.create<KubeObject>(quotas, { metadata: { name: 'few' }, spec: { hard: { pods: '1' } } });
    // As the controller would count.
    await plane.api.replace(`${quotas}/few/status`, { ...quota, status: { hard: { pods: '1' }, used: { pods: '1' } } });
    const error = await vi.waitFor(async () => {
      const refused = await failure(api.create(RESOURCES.pods, 'full', { ...pod('a'), metadata: { name: 'a', namespace: 'full' } }));
      expect(refused.kind).toBe('quota');
      return refused;
    }, 10_000);
    expect(error.message).toBe('create Pod full/a: quota few exceeded: it needs pods=1, pods=1 are used, the limit is pods=1');
  });

  it('for a missing right names it', async () => {
    await plane.api.create('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'nobody' } });
    const nobody = await KubeApi.load({ kubeconfig: await plane.serviceAccountKubeconfig('default', 'nobody') });
    const errors = [await failure(nobody.list(RESOURCES.pods, null)), await failure(nobody.get(RESOURCES.leases, 'default', 'x'))];
    expect(errors.map(({ message }) => message)).toEqual([
      'list pods: system:serviceaccount:default:nobody has no right to list pods in all namespaces',
      'get Lease default/x: system:serviceaccount:default:nobody has no right to get leases.coordination.k8s.io in namespace default',
    ]);
    nobody.close();
  });

  it('for an admission policy, or a webhook that is away, names it', async () => {
    const admission = '/apis/admissionregistration.k8s.io/v1';
    const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['services'] }];
    await plane.api.create(`${admission}/validatingadmissionpolicies`, {
      metadata: { name: 'teams' },
      spec: {
        matchConstraints: { resourceRules: rules },
        validations: [{ expression: "!object.metadata.name.startsWith('policy')", message: 'a team label is needed' }],
      },
    });
    await plane.api.create(`${admission}/validatingadmissionpolicybindings`, {
      metadata: { name: 'all' },
      spec: { policyName: 'teams', validationActions: ['Deny'] },
    });
    const create = () => failure(api.create(RESOURCES.services, 'default', service(`policy-${Date.now()}`, { app: 'chat' })));
    const policy = await vi.waitFor(create, { timeout: 15_000, interval: 200 });
    expect([policy.kind, policy.message]).toEqual([
      'refused-by-webhook',
      expect.stringMatching(/: admission policy teams refused it: a team label is needed$/),
    ]);

    await plane.api.create(`${admission}/validatingwebhookconfigurations`, {
      metadata: { name: 'away' },
      webhooks: [
        {
          name: 'away.example.com',
          clientConfig: { url: 'https://127.0.0.1:1/', caBundle: readFileSync(plane.caFile).toString('base64') },
          rules: [{ ...rules[0], resources: ['pods'] }],
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
        },
      ],
    });
    const webhook = await vi.waitFor(() => failure(api.create(RESOURCES.pods, 'default', pod(`webhook-${Date.now()}`))), {
      timeout: 15_000,
      interval: 200,
    });
    expect([webhook.kind, webhook.message]).toEqual([
      'refused-by-webhook',
      expect.stringMatching(/: admission webhook away\.example\.com could not be asked: .*connection refused/),
    ]);
    await plane.api.delete(`${admission}/validatingwebhookconfigurations/away`);
    await vi.waitFor(() => api.create(RESOURCES.pods, 'default', pod(`taken-${Date.now()}`)), { timeout: 15_000, interval: 200 });
  });

  it('for a namespace that goes away says so', async () => {
    await plane.createNamespace('leaving');
    await plane.api.delete('/api/v1/namespaces/leaving');
    const error = await failure(api.create(RESOURCES.pods, 'leaving', { ...pod('a'), metadata: { name: 'a', namespace: 'leaving' } }));
    expect(error.message).toBe('create Pod leaving/a: its namespace is being deleted');
  });

  it('for a token that is not known', async () => {
    const file = join(plane.folder, 'stranger.kubeconfig');
    const stranger = await KubeApi.load({
      kubeconfig: writeKubeconfig(file, { server: plane.server, caFile: plane.caFile, token: 'unknown' }),
    });
    expect((await failure(stranger.list(RESOURCES.pods, 'default'))).kind).toBe('unauthorized');
    stranger.close();
  });
});

describe('events', () => {
  it('are shown by kubectl, and count up', async () => {
    const recorder = new EventRecorder({ api, reportingInstance: 'operator-1', log: silentLog });
    const about = { ...(await api.create<KubeObject>(RESOURCES.pods, 'default', pod('described'))), apiVersion: 'v1', kind: 'Pod' };
    const event = { type: 'Warning', reason: 'DrainStarted', action: 'Drain', note: 'moves 12 connections away' } as const;
    for (let i = 0; i < 5; i += 1) recorder.record(about, event);
    await recorder.flush();
    recorder.record(about, event);
    await recorder.flush();
    const shown = await plane.kubectl('describe', 'pod', 'described');
    expect(shown).toMatch(/Warning\s+DrainStarted\s+\d+s \(x6 over \d+s\)\s+chatcluster-operator\s+moves 12 connections away/);
  });
});

describe('an informer at rest', () => {
  it('makes no request but its watches', { timeout: 30_000 }, async () => {
    const ending = new AbortController();
    const informers = [RESOURCES.pods, RESOURCES.services, RESOURCES.endpointslices].map(
      (type) => new Informer<KubeObject>({ api, type, namespaces: null, log: silentLog }),
    );
    const running = informers.map((each) => each.run(ending.signal));
    await Promise.all(informers.map(({ synced }) => synced));
    const before = ourRequests().length;
    expect(before).toBeGreaterThanOrEqual(informers.length);
    const cpu = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const { user, system } = process.cpuUsage(cpu);
    expect(ourRequests().slice(before)).toEqual([]);
    // Of one core, ms in 5 s; the test's own processes are others.
    expect((user + system) / 1_000).toBeLessThan(500);
    ending.abort();
    await Promise.all(running);
  });
});

/** What this process asked for in full, by the API server's own book; watches stand in it when they end. */
function ourRequests(): string[] {
  return readFileSync(String(plane.auditLog), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { readonly verb: string; readonly requestURI: string; readonly userAgent?: string })
    .filter(({ userAgent }) => userAgent === 'chatcluster')
    .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
}

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { parseResource } from '../../../operator/api/parse.ts';
import type { ResourceStatus } from '../../../operator/status/resource-status.ts';
import { ApiError } from '../../kube/api.ts';
import { ControlPlane } from '../../kube/control-plane.ts';
import fc, { runs } from '../../setup/random-cases.ts';
import { REFUSED_FARM_NAMES } from './crd-long-polling.ts';
import { ACCEPTED, CHANGES, chatCluster, REFUSED, REFUSED_NAMES, UNKNOWN_FIELDS } from './crd-tables.ts';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const CHATS = '/apis/chatcluster.io/v1alpha1/namespaces/default/chatclusters';
/** As kubectl asks: unknown fields are errors. */
const STRICT = 'fieldValidation=Strict';

type Resource = ReturnType<typeof chatCluster>;

let plane: ControlPlane;

beforeAll(async () => {
  plane = await ControlPlane.start({ controllerManager: false, scheduler: false });
  await plane.api.create(CRDS, crd());
  await served();
}, 120_000);

afterAll(() => plane?.stop());

function crd(): Definition {
  return parse(readFileSync(new URL('../../../crds/chatcluster.io_chatclusters.yaml', import.meta.url), 'utf8'));
}

interface Definition {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly versions: [{ schema: { openAPIV3Schema: object } }] };
}

/** Resolves when the API server serves ChatClusters. */
function served(): Promise<unknown> {
  return vi.waitFor(() => plane.api.get(CHATS), { timeout: 20_000, interval: 50 });
}

/** The API server's answer to a try that stores nothing: `null` when it takes it, else its message. */
async function refusal(resource: object): Promise<string | null> {
  try {
    await plane.api.create(`${CHATS}?${STRICT}&dryRun=All`, resource);
    return null;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 0 || error.status >= 500) throw error;
    return error.message;
  }
}

function parsed(resource: object) {
  return parseResource(resource, 'kubernetes');
}

/** Does this with a ChatCluster "chat" that there is for so long. */
async function having(spec: string, act: () => Promise<void>): Promise<void> {
  await plane.api.create(CHATS, chatCluster(spec));
  try {
    await act();
  } finally {
    await plane.api.delete(`${CHATS}/chat`);
  }
}

describe('the API server refuses', () => {
  it('what is in a table of sixty at least', () => {
    expect(REFUSED.length).toBeGreaterThanOrEqual(60);
  });

  it.each(REFUSED)('%s, and so do we', async (_what, spec, field, remedy) => {
    const message = await refusal(chatCluster(spec));
    expect(message).toContain(field);
    expect(message).toContain(remedy);
    expect(message).not.toContain('evaluating rule: spec');
    expect(parsed(chatCluster(spec)).kind).toBe('invalid');
  });

  it.each(REFUSED_NAMES)('the name %s, and so do we', async (name, remedy) => {
    const message = await refusal(chatCluster('', name));
    expect(message).toMatch(/metadata\.name: /);
    expect(message).toContain(remedy);
    expect(parsed(chatCluster('', name)).kind).toBe('invalid');
  });

  it.each(REFUSED_FARM_NAMES)('a farm for the name %s, and so do we', async (name, remedy) => {
    const wanted = chatCluster('longPolling: {}', name);
    expect(await refusal(wanted)).toContain('spec.longPolling: Forbidden: ');
    expect(await refusal(wanted)).toContain(remedy);
    expect(parsed(wanted)).toMatchObject({ kind: 'invalid', errors: [{ message: expect.stringContaining(remedy) }] });
    expect(await refusal(chatCluster('', name))).toBeNull();
  });

  it('no name that leaves room for that of its farm', async () => {
    expect(await refusal(chatCluster('longPolling: {}', 'c'.repeat(43)))).toBeNull();
  });

  it.each(UNKNOWN_FIELDS)('the unknown field of %s, and so do we', async (spec, path) => {
    expect(await refusal(chatCluster(spec))).toContain(`unknown field "${path}"`);
    expect(parsed(chatCluster(spec))).toMatchObject({ kind: 'invalid', errors: [{ path }] });
  });

  it('a ChatCluster without a spec, and so do we', async () => {
    const { spec: _, ...bare } = chatCluster('');
    const message = await refusal(bare);
    expect(message).toContain('spec: Required value');
    expect(message).toContain('such as "redis://redis:6379"');
    expect(parsed(bare).kind).toBe('invalid');
  });

  it('a password without repeating it', async () => {
    expect(await refusal(chatCluster('broker: {url: "redis://chat:hunter2@r"}'))).not.toContain('hunter2');
  });

  it('everything that is wrong, at once', async () => {
    const message = await refusal(
      chatCluster('rollout: {maxSurge: 0}\nscaling: {minReplicas: 9, maxReplicas: 8}\ngateway: {heartbeat: 1d}\nreplicas: 3'),
    );
    for (const field of ['spec.rollout.maxSurge', 'spec.scaling.minReplicas', 'spec.gateway.heartbeat', 'spec.replicas'])
      expect(message).toContain(field);
  });
});

describe('the API server accepts', () => {
  it('what is in a table of fifteen at least', () => {
    expect(ACCEPTED.length).toBeGreaterThanOrEqual(15);
  });

  it.each(ACCEPTED)('%s, fills in the defaults, and we read it as if we had', async (_what, spec, stored) => {
    const resource = chatCluster(spec);
    const answer = await plane.api.create<Resource>(`${CHATS}?${STRICT}&dryRun=All`, resource);
    expect(answer.spec).toMatchObject(stored);
    const read = parsed(answer);
    expect(read).toMatchObject({ kind: 'ok' });
    expect(read).toEqual(parsed(resource));
  });

  it('the example', async () => {
    const example = parse(readFileSync(new URL('../../../examples/chatcluster.yaml', import.meta.url), 'utf8')) as object;
    expect(await refusal(example)).toBeNull();
    expect(parsed(example)).toMatchObject({ kind: 'ok' });
  });

  it('what we accept, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(anySpec, async (spec) => {
        const resource = { ...chatCluster(''), spec };
        expect({ spec, refused: (await refusal(resource)) !== null }).toEqual({ spec, refused: parsed(resource).kind === 'invalid' });
      }),
      { numRuns: runs(400) },
    );
  }, 60_000);
});

/** Specs out of values at and beyond the limits; some of them are good, most of the others wrong in one way. */
const durations = ['1s', '10s', '30s', '49.999s', '50s', '5m', '24h', '86400.001s'];
const some = <T>(...values: T[]) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom(...values) });
const anySpec = fc
  .record({
    replicas: some(0, 3),
    gateway: fc.record({
      connectionsPerGateway: some(1, 99, 100, 4_999, 5_000, 5_001, 100_000),
      acceptRatePerSecond: some(1, 17, 100, 5_000),
      messageBytes: some(128, 512, 32_768, 524_288, 524_289),
      queueBytes: some(1_024, 65_536, 1_048_576),
    }),
    scaling: fc.record({
      mode: some('Auto', 'External'),
      minReplicas: some(1, 3, 10),
      maxReplicas: some(1, 3, 10, 100),
      targetUtilization: some(1, 50, 90, 95, 100),
      tolerance: some(0, 5, 10, 11),
      standby: fc.record({ gateways: some(0, 1, 2, 9), connections: some<number | string>(0, 79, 80, 3_999, 4_000, 4_001, '50%', '101%') }),
    }),
    longPolling: fc.option(
      fc.record({
        requestsPerGateway: some(1, 99, 5_000, 100_000),
        acceptRatePerSecond: some(1, 17, 5_000),
        scaling: fc.record({
          minReplicas: some(1, 3, 10),
          maxReplicas: some(1, 3, 10),
          targetUtilization: some(1, 95, 100),
          tolerance: some(0, 10),
          standby: fc.record({ gateways: some(0, 2, 9), connections: some<number | string>(0, 79, 4_001, '50%') }),
        }),
      }),
      { nil: undefined, freq: 3 },
    ),
    drain: fc.record({ timeout: some(...durations), maxConnectionsPerSecond: some(1, 17, 100, 167, 5_000) }),
    broker: fc.record({
      url: fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom('redis://r', 'rediss://r', 'rediss+cluster://a,b') },
        { weight: 1, arbitrary: fc.constant('redis://u:p@r') },
      ),
      caSecret: some({ name: 'ca', key: 'crt' }),
    }),
    pods: fc.record({ template: fc.record({ spec: fc.record({ terminationGracePeriodSeconds: some(30, 69, 70, 71, 320, 90_000) }) }) }),
  })
  // The JSON that is sent has no `undefined`.
  .map((spec) => JSON.parse(JSON.stringify(spec)) as object);

describe('a change', () => {
  it.each(CHANGES)('%s', async (_what, before, after, refused) => {
    await having(before, async () => {
      const { metadata } = await plane.api.get<{ metadata: { resourceVersion: string } }>(`${CHATS}/chat`);
      const changed = { ...chatCluster(after), metadata: { name: 'chat', resourceVersion: metadata.resourceVersion } };
      const answer = plane.api.replace(`${CHATS}/chat?${STRICT}`, changed);
      if (refused === null) await answer;
      else for (const words of refused) await expect(answer).rejects.toThrow(words);
    });
  });
});

const STATUS: ResourceStatus = {
  observedGeneration: 1,
  replicas: 3,
  readyReplicas: 2,
  updatedReplicas: 3,
  desiredReplicas: 4,
  minReplicas: 3,
  maxReplicas: 12,
  selector: 'chatcluster.io/cluster=chat',
  connections: 6_300,
  capacity: 10_000,
  utilization: '63%',
  draining: 1,
  lastDecision: { time: '2026-11-27T07:00:00Z', kind: 'scale', summary: '4 gateways: 6,300 connections', reasons: ['the load'] },
  decisions: [{ time: '2026-11-27T07:00:00.123Z', kind: 'drain', gateway: 'chat-2', summary: 'chat-2 is drained', reasons: [] }],
  drains: [
    {
      gateway: 'chat-2',
      reason: 'fewest connections',
      initial: 100,
      remaining: 40,
      ratePerSecond: 12.5,
      startedAt: '2026-11-27T07:00:00Z',
      deadlineAt: '2026-11-27T07:05:00Z',
      etaSeconds: 4,
    },
  ],
  conditions: [
    {
      type: 'Available',
      status: 'True',
      reason: 'Enough',
      message: '2 of 3 are ready.',
      lastTransitionTime: '2026-11-27T07:00:00Z',
      observedGeneration: 1,
    },
  ],
  state: { lastOrdinal: 3, desired: 4, planned: 4, recommendations: [{ at: 1_795_762_800_000, replicas: 4 }], rebalanced: 'now' },
};

describe('the status', () => {
  it('is stored as it is given, with nothing lost', async () => {
    await having('', async () => {
      const { status } = await plane.api.patch<{ status: unknown }>(`${CHATS}/chat/status?${STRICT}`, { status: STATUS });
      expect(status).toEqual(STATUS);
    });
  });

  it('never lets go of the number of the last gateway, by which names would be used again', async () => {
    await having('', async () => {
      const store = (lastOrdinal: number) =>
        plane.api.patch(`${CHATS}/chat/status`, { status: { state: { lastOrdinal, recommendations: [] } } });
      await store(3);
      await store(3);
      await expect(store(2)).rejects.toThrow(/status\.state\.lastOrdinal.*must not fall.*read the ChatCluster anew/);
    });
  });

  it('does not let through what is no status', async () => {
    await having('', async () => {
      const store = (status: object) => plane.api.patch(`${CHATS}/chat/status?${STRICT}`, { status });
      await expect(store({ replicas: -1 })).rejects.toThrow('status.replicas');
      await expect(store({ desired: 1 })).rejects.toThrow('unknown field "status.desired"');
    });
  });
});

describe('kubectl', () => {
  it('scale works with mode External, and says else what to do', async () => {
    await having('scaling: {mode: External}', async () => {
      await plane.kubectl('scale', 'chat/chat', '--replicas=5');
      expect(await plane.api.get(`${CHATS}/chat`)).toMatchObject({ spec: { replicas: 5 } });
      await plane.api.patch(`${CHATS}/chat/status`, { status: STATUS });
      const scale = await plane.api.get(`${CHATS}/chat/scale`);
      expect(scale).toMatchObject({ spec: { replicas: 5 }, status: { replicas: 3, selector: 'chatcluster.io/cluster=chat' } });
    });
    await having('', async () => {
      await expect(plane.kubectl('scale', 'chat/chat', '--replicas=5')).rejects.toThrow(
        /spec\.replicas: Forbidden: 5 is for spec\.scaling\.mode External.*write mode: External/,
      );
    });
  });

  it('get tells the story in columns, and finds them among all', async () => {
    await having('', async () => {
      await plane.api.patch(`${CHATS}/chat/status`, { status: STATUS });
      const [heading = '', row = ''] = (await plane.kubectl('get', 'chat')).split('\n');
      expect(heading.split(/\s+/).join(' ').trim()).toBe('NAME DESIRED READY CONNECTIONS UTILIZATION DRAINING AGE');
      expect(row).toMatch(/^chat +4 +2 +6300 +63% +1 +\d+s$/);
      expect(await plane.kubectl('get', 'chat', '-o', 'wide')).toMatch(/3 +10000 +3 +12 +4 gateways: 6,300 connections/);
      expect(await plane.kubectl('get', 'all')).toContain('chatcluster.chatcluster.io/chat');
    });
  });

  it('explain says of each field what it is for, and of a number its limits and what it is by default', async () => {
    const text = await vi.waitFor(() => plane.kubectl('explain', 'chat.spec.scaling'), { timeout: 20_000, interval: 200 });
    expect(text.replace(/\s+/g, ' ')).toContain('minReplicas <integer> Never fewer gateways than this. From 1 to 10000; 2 by default.');
    expect(text).toContain('enum: Auto, External');
  });

  it('apply goes on where a former apply of somebody else left off, since no list or group is taken as a whole', async () => {
    await having('pods: {template: {spec: {containers: [{name: gateway, tty: true}]}}}', async () => {
      const theirs = {
        ...chatCluster('pods: {template: {spec: {containers: [{name: proxy, image: p}]}}}'),
        spec: { pods: { template: { spec: { containers: [{ name: 'proxy', image: 'p' }] } } } },
      };
      await plane.api.patch(`${CHATS}/chat?fieldManager=other`, theirs, 'apply');
      expect(await plane.api.get(`${CHATS}/chat`)).toMatchObject({
        spec: {
          pods: {
            template: {
              spec: {
                containers: [
                  { name: 'gateway', tty: true },
                  { name: 'proxy', image: 'p' },
                ],
              },
            },
          },
        },
      });
    });
  });
});

describe('a ChatCluster that an older definition let in', () => {
  it('still gets its status, and can be deleted', async () => {
    await plane.api.patch(`${CRDS}/${crd().metadata.name}`, lenient());
    await vi.waitFor(
      () =>
        plane.api.create(CHATS, {
          ...chatCluster('broker: {}\nscaling: {minReplicas: 50}\ngateway: {heartbeat: 1d}'),
          metadata: { name: 'old', finalizers: ['chatcluster.io/drain'] },
        }),
      { timeout: 20_000, interval: 100 },
    );
    await plane.api.patch(`${CRDS}/${crd().metadata.name}`, crd());
    await vi.waitFor(async () => expect(await refusal(chatCluster('broker: {}'))).toContain('spec.broker.url'), {
      timeout: 20_000,
      interval: 100,
    });
    await plane.api.patch(`${CHATS}/old/status`, { status: STATUS });
    await plane.api.delete(`${CHATS}/old`);
    await plane.api.patch(`${CHATS}/old`, { metadata: { finalizers: null } });
    expect(await plane.api.find(`${CHATS}/old`)).toBeUndefined();
  });
});

/** The definition with no rule for the spec at all. */
function lenient(): Definition {
  const definition = crd();
  const [version] = definition.spec.versions;
  const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return { ...definition, spec: { ...definition.spec, versions: [{ ...version, schema: { openAPIV3Schema: schema } }] } };
}

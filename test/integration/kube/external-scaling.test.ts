import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../kube/api.ts';
import { ExternalMetrics } from '../../kube/external-metrics.ts';
import { OperatorWorld, type Subject } from '../../kube/operator-world.ts';
import { until } from '../../servers/until.ts';

const TEST_MS = 300_000;
const EXTERNAL = 'replicas: 2\nscaling: {mode: External, minReplicas: 1}';

let world: OperatorWorld;
let metrics: ExternalMetrics;
let chat: Subject;
beforeAll(async () => {
  world = await OperatorWorld.open();
  metrics = await ExternalMetrics.start(world.plane);
  chat = await world.subject();
  const operator = await world.operator('one', [chat]);
  await operator.ready();
  await chat.apply(EXTERNAL);
  await chat.settled(2);
}, TEST_MS);
afterAll(async () => {
  await metrics?.stop();
  await world?.stop();
});

const kubectl = (...args: readonly string[]) => world.plane.kubectl('-n', chat.namespace, ...args);

/** As KEDA's operator writes when it wakes or stops what it scales: it reads the scale and replaces it, and begins again when it had changed. */
async function writeScale(replicas: number): Promise<void> {
  const path = `${chat.path}/scale`;
  await until(`the scale is ${replicas}`, 10_000, async () => {
    const scale = await world.plane.api.get<{ readonly spec: object }>(path);
    try {
      await world.plane.api.replace(path, { ...scale, spec: { ...scale.spec, replicas } });
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) return undefined;
      throw error;
    }
  });
}

describe('with somebody else deciding how many, a ChatCluster follows', () => {
  it('kubectl scale', { timeout: TEST_MS }, async () => {
    await kubectl('scale', 'chat/chat', '--replicas=3');
    await chat.settled(3);
  });

  it('a HorizontalPodAutoscaler', { timeout: TEST_MS }, async () => {
    metrics.values.set('visitors', 370);
    const metric = { type: 'External', external: { metric: { name: 'visitors' }, target: { type: 'AverageValue', averageValue: '100' } } };
    await world.plane.api.create(`/apis/autoscaling/v2/namespaces/${chat.namespace}/horizontalpodautoscalers`, {
      metadata: { name: 'chat' },
      spec: {
        scaleTargetRef: { apiVersion: 'chatcluster.io/v1alpha1', kind: 'ChatCluster', name: 'chat' },
        minReplicas: 2,
        maxReplicas: 5,
        metrics: [metric],
        behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
      },
    });
    await chat.settled(4);
    metrics.values.set('visitors', 900);
    await chat.settled(5);
    metrics.values.set('visitors', 130);
    await chat.settled(2);
    // It divides by the gateways of its last look, which may be of before.
    await vi.waitFor(
      async () => expect(await kubectl('get', 'hpa', 'chat')).toMatch(/ChatCluster\/chat +65\/100 \(avg\) +2 +5 +2/),
      30_000,
    );
    await kubectl('delete', 'hpa', 'chat');
  });

  it('one that writes the scale, as KEDA does', { timeout: TEST_MS }, async () => {
    await writeScale(4);
    await chat.settled(4);
    await writeScale(1);
    await chat.settled(1);
  });

  it('but not while scaling is paused in that direction', { timeout: TEST_MS }, async () => {
    const paused = (reason: string) =>
      chat.until(
        'it says that it is paused',
        ({ conditions }) =>
          conditions?.some(({ type, status, message }) => type === 'ScalingLimited' && status === 'True' && message.includes(reason)) ===
          true,
      );
    await kubectl('annotate', 'chat/chat', 'chatcluster.io/pause-scaling=up');
    await writeScale(3);
    expect((await paused('paused')).status).toMatchObject({ desiredReplicas: 1, replicas: 1 });
    await kubectl('annotate', 'chat/chat', 'chatcluster.io/pause-scaling-');
    await chat.settled(3);
    await kubectl('annotate', 'chat/chat', 'chatcluster.io/pause-scaling=both');
    await writeScale(2);
    expect((await paused('paused')).status).toMatchObject({ desiredReplicas: 3, replicas: 3 });
    await kubectl('annotate', 'chat/chat', 'chatcluster.io/pause-scaling-');
    await chat.settled(2);
  });
});

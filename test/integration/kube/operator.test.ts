import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Verdict } from '../../../load/verdict.ts';
import { OperatorWorld } from '../../kube/operator-world.ts';
import { until } from '../../servers/redis/until.ts';

/** Of what load saw, what must be nothing. */
const faults = ({ lost, duplicated, reordered, neverCameBack, neverCame, failed, gaps, reconnects }: Verdict) => ({
  lost,
  duplicated,
  reordered,
  neverCameBack,
  neverCame,
  failed,
  gaps,
  reconnects,
});
const NONE = { lost: 0, duplicated: 0, reordered: 0, neverCameBack: 0, neverCame: 0, failed: 0, gaps: 0, reconnects: 0 };

describe('the operator on a real API server', { timeout: 120_000 }, () => {
  let world: OperatorWorld;
  beforeAll(async () => {
    world = await OperatorWorld.open({ audit: true });
  }, 120_000);
  afterAll(() => world.stop());

  it('scales, drains, rolls out and replaces gateways, and no client is cut off or misses a message', async () => {
    const chat = await world.subject();
    const operator = world.operator('one', [chat]);
    await operator.ready();
    await chat.apply('');
    await chat.settled(2);
    const end = new AbortController();
    const load = chat.load({ clients: '60', channels: '6', rate: '40' }, end.signal);
    await chat.until('60 connections', ({ connections = 0 }) => connections >= 59);

    await chat.apply('scaling: {minReplicas: 3}');
    await chat.settled(3);
    await chat.apply('');
    await chat.settled(2);
    await chat.apply('gateway: {heartbeat: 20s}');
    await chat.settled(2);
    const [victim] = await chat.pods();
    await world.plane.kubectl('delete', 'pod', '-n', chat.namespace, '--wait=false', victim?.metadata.name ?? '');
    await until(
      'the deleted Pod is gone',
      40_000,
      async () => !(await chat.pods()).some(({ metadata }) => metadata.uid === victim?.metadata.uid) || undefined,
    );
    await chat.settled(2);

    end.abort();
    const verdict = await load;
    expect(faults(verdict)).toEqual(NONE);
    expect(verdict.acknowledged).toBeGreaterThan(100);
    expect(verdict.migrations).toBeGreaterThan(60);
    const events = await chat.events();
    for (const reason of [
      'ScaledUp',
      'GatewayCreated',
      'ScaledDown',
      'DrainStarted',
      'DrainFinished',
      'RolloutStarted',
      'RolloutFinished',
      'GatewayLeaving',
    ]) {
      expect(events).toContain(reason);
    }
    const { text } = await operator.get('/metrics');
    expect(text).toMatch(new RegExp(`chatcluster_desired_gateways\\{namespace="${chat.namespace}",cluster="chat"\\} 2`));
    expect(text).toContain('chatcluster_api_requests_total{verb="create",resource="pods",code="200"}');
    expect(await operator.stop()).toBe('exit code 0');
    expect(operator.text()).not.toContain('"level":50');
    await sleep(0);
  });
});

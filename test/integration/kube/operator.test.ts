import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultsOf, NO_FAULTS } from '../../kube/load-faults.ts';
import { OperatorWorld } from '../../kube/operator-world.ts';
import { until } from '../../servers/until.ts';

const TEST_MS = 300_000;
const WAIT_MS = 30_000;

describe('the operator on a real API server', () => {
  let world: OperatorWorld;
  beforeAll(async () => {
    world = await OperatorWorld.open({ audit: true });
  }, TEST_MS);
  afterAll(() => world.stop());

  it('scales, drains, rolls out and replaces gateways, and no client is cut off or misses a message', {
    timeout: TEST_MS,
  }, async () => {
    const chat = await world.subject();
    const operator = await world.operator('one', [chat]);
    await operator.ready();
    await chat.apply('');
    await chat.settled(2);
    const end = new AbortController();
    const load = chat.load({ clients: '60', channels: '6', rate: '40' }, end.signal);
    await chat.clients(60);

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
      WAIT_MS,
      async () => !(await chat.pods()).some(({ metadata }) => metadata.uid === victim?.metadata.uid) || undefined,
    );
    await chat.settled(2);

    end.abort();
    const verdict = await load;
    expect(faultsOf(verdict)).toEqual(NO_FAULTS);
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
    expect(events).not.toContain('GatewayLost');
    const { text } = await operator.get('/metrics');
    expect(text).toContain(`chatcluster_desired_gateways{namespace="${chat.namespace}",chatcluster="chat"} 2`);
    expect(text).toContain('chatcluster_api_requests_total{verb="create",resource="pods",code="200"}');
    expect(await operator.stop()).toBe('exit code 0');
    expect(operator.log().filter(({ level }) => level >= 50)).toEqual([]);
  });

  it('repairs what belongs to a ChatCluster, leaves alone what does not, and at rest writes nothing', {
    timeout: TEST_MS,
  }, async () => {
    const { api, auditLog } = world.plane;
    const chat = await world.subject();
    const services = `/api/v1/namespaces/${chat.namespace}/services`;
    await api.create(services, { metadata: { name: 'chat' }, spec: { ports: [{ port: 80 }], selector: { app: 'legacy' } } });
    const operator = await world.operator('repairer', [chat]);
    await operator.ready();
    await chat.apply('longPolling: {requestsPerGateway: 100, scaling: {minReplicas: 1}}');
    const taken = await chat.until(
      'the name is taken',
      ({ conditions }) => conditions?.some(({ reason }) => reason === 'NameTaken') === true,
    );
    expect(taken.status?.conditions?.find(({ type }) => type === 'Degraded')?.message).toBe(
      "Service chat is there already and is not this ChatCluster's; delete or rename it, or give the ChatCluster another name.",
    );
    expect((await api.get<Service>(`${services}/chat`)).spec.selector).toEqual({ app: 'legacy' });
    await api.delete(`${services}/chat`);
    await chat.settled(2);
    await chat.until('nothing is wrong', ({ conditions }) => conditions?.find(({ type }) => type === 'Degraded')?.status === 'False');

    await api.delete(`${services}/chat`);
    await until('the Service is back', WAIT_MS, () => api.find<Service>(`${services}/chat`));
    await api.patch(`${services}/chat`, {
      metadata: { annotations: { theirs: 'kept' } },
      spec: { selector: { 'chatcluster.io/accepting': 'maybe' } },
    });
    const service = await until('the Service is as it should be', WAIT_MS, async () => {
      const found = await api.get<Service>(`${services}/chat`);
      return found.spec.selector['chatcluster.io/accepting'] === 'true' ? found : undefined;
    });
    expect(service.metadata.annotations?.theirs).toBe('kept');
    await api.delete(`/api/v1/namespaces/${chat.namespace}/secrets/chat-admin-token`);

    await chat.settled(2);
    await sleep(4_000);
    const quietSince = Date.now();
    await sleep(6_000);
    const requests = requestsOf(auditLog ?? '', chat.namespace, quietSince).filter(({ resource }) => resource !== 'leases');
    expect(requests).toEqual([]);
    await operator.stop();
  });

  it('drains a ChatCluster that is deleted, or stops it at once, and everything goes', { timeout: TEST_MS }, async () => {
    const { api, kubectl } = { api: world.plane.api, kubectl: world.plane.kubectl.bind(world.plane) };
    const chat = await world.subject();
    const operator = await world.operator('remover', [chat]);
    await operator.ready();
    await chat.apply('drain: {timeout: 5s}');
    await chat.settled(2);
    expect((await chat.resource()).metadata.finalizers).toContain('chatcluster.io/drain');
    const end = new AbortController();
    const load = chat.load({ clients: '20', channels: '2', rate: '5', settle: '1s' }, end.signal);
    await chat.clients(20);
    const began = performance.now();
    await kubectl('delete', 'chat', 'chat', '-n', chat.namespace, '--timeout=60s');
    // Long before its bound, and not before its clients were told to go.
    expect(performance.now() - began).toBeLessThan(30_000);
    end.abort();
    await load;
    for (const what of ['pods', 'services', 'secrets', 'serviceaccounts', 'endpointslices', 'poddisruptionbudgets']) {
      await until(`no ${what} are left`, WAIT_MS, async () => {
        const left = await kubectl('get', what, '-n', chat.namespace, '-l', 'chatcluster.io/cluster=chat', '-o', 'name');
        return left === '' || undefined;
      });
    }
    // A name that is used again begins anew.
    await chat.apply('');
    await api.patch(chat.path, { spec: { deletionPolicy: 'Immediate' } });
    await chat.settled(2);
    world.freeze(chat, (await chat.pods())[0]?.metadata.name ?? '');
    await kubectl('delete', 'chat', 'chat', '-n', chat.namespace, '--timeout=20s');
    await operator.stop();
  });
});

interface Service {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly selector: Readonly<Record<string, string>> };
}

interface Audited {
  readonly verb: string;
  readonly userAgent?: string;
  readonly requestReceivedTimestamp: string;
  readonly objectRef?: { readonly namespace?: string; readonly resource?: string };
}

/** What operators asked of the API server in a namespace since then, other than to go on watching. */
function requestsOf(auditLog: string, namespace: string, since: number): readonly { verb: string; resource: string }[] {
  return readFileSync(auditLog, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as Audited)
    .filter(({ userAgent, verb, objectRef, requestReceivedTimestamp }) => {
      const isOurs = userAgent === 'chatcluster' && objectRef?.namespace === namespace && verb !== 'watch';
      return isOurs && Date.parse(requestReceivedTimestamp) >= since;
    })
    .map(({ verb, objectRef }) => ({ verb, resource: objectRef?.resource ?? '' }));
}

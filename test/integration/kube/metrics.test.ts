import { afterAll, beforeAll, expect, it } from 'vitest';
import { FakePrometheus, vector } from '../../fakes/prometheus-server.ts';
import { OperatorWorld } from '../../kube/operator-world.ts';

const TEST_MS = 300_000;
/** What is promised of a Prometheus that is back, and time for the status to be written, ms. */
const RECOVERY_MS = 10_000 + 4_000;

let world: OperatorWorld;
let prometheus: FakePrometheus;
beforeAll(async () => {
  [world, prometheus] = await Promise.all([OperatorWorld.open(), FakePrometheus.start()]);
}, TEST_MS);
afterAll(async () => {
  await prometheus?.stop();
  await world?.stop();
});

it('a query scales on Kubernetes, by a Secret; missing, it removes nothing, and says so', { timeout: TEST_MS }, async () => {
  const chat = await world.subject();
  const operator = await world.operator('one', [chat]);
  await operator.ready();
  const scalingActive = (what: string, status: 'True' | 'False', said = '', ms = 30_000) =>
    chat.until(
      what,
      ({ conditions }) => conditions?.some((c) => c.type === 'ScalingActive' && c.status === status && c.message.includes(said)) === true,
      ms,
    );
  prometheus.answering = vector('14');
  await chat.apply(`scaling:
  behavior: {scaleDown: {stabilizationWindowSeconds: 0}}
  metrics:
  - type: Prometheus
    name: queue
    target: {type: AverageValue, averageValue: 5}
    prometheus: {serverAddress: "${prometheus.url}", query: queue, interval: 1s, timeout: 800ms, bearerTokenSecret: {name: prometheus, key: token}}`);
  await scalingActive('the Secret is missed', 'False', 'there is no Secret prometheus');
  expect(prometheus.requests).toEqual([]);
  const token = Buffer.from('of-the-test').toString('base64');
  await world.plane.api.create(`/api/v1/namespaces/${chat.namespace}/secrets`, { metadata: { name: 'prometheus' }, data: { token } });
  await scalingActive('the query is known', 'True', '', RECOVERY_MS);
  expect(prometheus.requests[0]?.authorization).toBe('Bearer of-the-test');
  await chat.settled(3);

  prometheus.answering = vector('NaN');
  const missing = await scalingActive('NaN is missed', 'False', 'the query answers NaN');
  expect(missing.status?.conditions?.find(({ type }) => type === 'ScalingActive')?.reason).toBe('MetricsMissing');
  prometheus.answering = (response) => void response.writeHead(500).end('broken');
  await scalingActive('an error is missed', 'False', 'answered 500: broken');
  expect((await chat.resource()).status).toMatchObject({ desiredReplicas: 3, replicas: 3 });
  prometheus.answering = vector('14');
  await scalingActive('the query is known again', 'True', '', RECOVERY_MS);
  // Rounds that most gateways did not answer in decide nothing; the next says the same again.
  const decided = (await chat.resource()).status?.decisions
    ?.filter(({ kind, summary }) => kind === 'scale' && summary !== 'cannot decide')
    .map(({ summary }) => Number.parseInt(summary, 10))
    .filter((desired, i, all) => desired !== all[i - 1]);
  expect(decided).toEqual([3, 2]);
  expect(await chat.events()).toContain('MetricsMissing');

  prometheus.answering = vector('4');
  await chat.settled(2);
});

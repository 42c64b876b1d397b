import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EventNote, EventRecorder, type EventTiming } from '../../../../operator/kube/event-recorder.ts';
import { until } from '../../../servers/until.ts';
import { FakeApiServer, refuse } from './fake-api-server.ts';
import { FakeLog } from './fake-log.ts';

let server: FakeApiServer;
let log: FakeLog;
let recorder: EventRecorder;

beforeEach(async () => {
  server = await FakeApiServer.start();
  log = new FakeLog();
  recorder = newRecorder();
});

afterEach(async () => {
  await recorder.flush();
  await server.stop();
});

const newRecorder = (timing: Partial<EventTiming> = {}) =>
  new EventRecorder({
    api: server.api(),
    reportingInstance: 'operator-1',
    log,
    timing: { backoff: { firstMs: 10, mostMs: 20 }, ...timing },
  });
const cluster = (name: string) => ({
  apiVersion: 'chatcluster.io/v1alpha1',
  kind: 'ChatCluster',
  metadata: { name, namespace: 'chat', uid: `uid-${name}` },
});
const note = (text: string): EventNote => ({ type: 'Normal', reason: 'ScaledUp', action: 'CreateGateway', note: text });
const eventually = (what: string, holds: () => boolean) => until(what, 5_000, async () => holds() || undefined);

/** The notes and counts that the server was told. */
const told = () =>
  server.requests.map(({ method, body }) => {
    const { note: text, series } = body as { readonly note?: string; readonly series?: { readonly count: number } };
    return `${method} ${text ?? series?.count}`;
  });

describe('events', () => {
  it('tell what was done, why, to what and by whom', async () => {
    recorder.record(cluster('front'), note('1 gateway created: 950 of 1000 places are taken'));
    await recorder.flush();
    expect(server.requests[0]).toMatchObject({ method: 'POST', path: '/apis/events.k8s.io/v1/namespaces/chat/events' });
    expect(server.requests[0]?.body).toMatchObject({
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: expect.stringMatching(/^front\.[0-9a-f]{16}$/), namespace: 'chat' },
      eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      reportingController: 'chatcluster-operator',
      reportingInstance: 'operator-1',
      type: 'Normal',
      reason: 'ScaledUp',
      action: 'CreateGateway',
      note: '1 gateway created: 950 of 1000 places are taken',
      regarding: { apiVersion: 'chatcluster.io/v1alpha1', kind: 'ChatCluster', name: 'front', namespace: 'chat', uid: 'uid-front' },
    });
  });

  it('that repeat become a series, whose count is written once', async () => {
    for (let i = 0; i < 40; i += 1) recorder.record(cluster('front'), note('again'));
    await recorder.flush();
    expect(told()).toEqual(['POST again', 'PATCH 40']);
    const [create, count] = server.requests;
    expect(create?.body).toMatchObject({ metadata: { name: count?.path.slice(`${create?.path}/`.length) } });
    recorder.record(cluster('front'), note('again'));
    await recorder.flush();
    await recorder.flush();
    expect(told()).toEqual(['POST again', 'PATCH 40', 'PATCH 41']);
  });

  it('count without being asked, after a while', async () => {
    recorder = newRecorder({ countMs: 30 });
    for (let i = 0; i < 3; i += 1) recorder.record(cluster('front'), note('again'));
    await eventually('the count is written', () => told().includes('PATCH 3'));
  });

  it('are new ones when the series is long past, in another reason, or about another object', async () => {
    recorder = newRecorder({ seriesMs: 0 });
    recorder.record(cluster('front'), note('a'));
    recorder.record(cluster('front'), note('a'));
    recorder.record(cluster('front'), { ...note('a'), reason: 'Other' });
    recorder.record(cluster('back'), note('a'));
    await recorder.flush();
    expect(told()).toEqual(['POST a', 'POST a', 'POST a', 'POST a']);
  });

  it('about one object are cut short, others have their own allowance, and the log says so', async () => {
    recorder = newRecorder({ burst: 3, refillMs: 60_000 });
    for (let i = 0; i < 10; i += 1) recorder.record(cluster('noisy'), note(`note ${i}`));
    recorder.record(cluster('quiet'), note('heard'));
    await recorder.flush();
    expect(told()).toEqual(['POST note 0', 'POST note 1', 'POST note 2', 'POST heard']);
    expect(log.lines).toEqual(['warn: events were dropped: too many at once']);
  });

  it('are allowed again after a while', async () => {
    recorder = newRecorder({ burst: 1, refillMs: 30 });
    recorder.record(cluster('front'), note('first'));
    await new Promise((resolve) => setTimeout(resolve, 40));
    recorder.record(cluster('front'), note('second'));
    await recorder.flush();
    expect(told()).toEqual(['POST first', 'POST second']);
  });

  it('wait in order while the API server is away', async () => {
    let refusals = 0;
    server.intercept = (_, response) => {
      refusals += 1;
      if (refusals > 3) return false;
      refuse(response, 503, 'starting');
      return true;
    };
    recorder.record(cluster('front'), note('first'));
    recorder.record(cluster('front'), note('second'));
    await eventually('both are written', () => told().length === 5);
    expect(told()).toEqual(['POST first', 'POST first', 'POST first', 'POST first', 'POST second']);
    expect(log.lines).toEqual([]);
  });

  it('that are refused are logged, and nothing else happens', async () => {
    server.intercept = (_, response) => {
      refuse(
        response,
        403,
        'events.events.k8s.io is forbidden: User "u" cannot create resource "events" in API group "events.k8s.io" in the namespace "chat"',
      );
      return true;
    };
    recorder.record(cluster('front'), note('a'));
    await recorder.flush();
    expect(log.lines).toEqual([
      expect.stringMatching(
        /^warn: create Event chat\/front\.[0-9a-f]+: u has no right to create events\.events\.k8s\.io in namespace chat$/,
      ),
    ]);
  });

  it('have a note of at most a kilobyte, cut at a character', async () => {
    recorder.record(cluster('front'), note('é'.repeat(2_000)));
    await recorder.flush();
    const text = `${'é'.repeat(510)}…`;
    expect(server.requests[0]?.body).toMatchObject({ note: text });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1_024);
  });
});

import { describe, expect, it } from 'vitest';
import { clusterStatusOf, type KubeClusterStatus, statusData } from '../../../../cli/kube/cluster-status.ts';
import { renderExplanation } from '../../../../cli/kube/render-explanation.ts';
import { renderOverview } from '../../../../cli/kube/render-overview.ts';
import { ageOf, renderKubeStatus } from '../../../../cli/kube/render-status.ts';
import { ANNOTATIONS, LABELS } from '../../../../operator/api/names.ts';
import {
  clusterResource,
  condition,
  decision,
  drain,
  NOW,
  paused,
  pod,
  readyPod,
  settled,
  waitingPod,
} from '../../../fakes/kube-resources.ts';

const calm = clusterStatusOf(clusterResource(settled), [pod('chat-2', { node: 'node-b' }), pod('chat-1')]);
const draining = {
  [ANNOTATIONS.draining]: '{}',
};
/** In the middle of a scale-down, with a rollout and a bad image on the way. */
const busy = clusterStatusOf(
  clusterResource(
    {
      ...settled,
      observedGeneration: 2,
      desiredReplicas: 3,
      drains: [drain()],
      lastDecision: decision({
        summary: '3 gateways: 700 connections / 400 per gateway',
        reasons: ['700 connections / 400 per gateway', '3 were needed within the last 300 s', 'maxReplicas is 3, the load needs 5'],
      }),
      decisions: [
        decision({
          kind: 'drain',
          gateway: 'chat-2',
          summary: 'drain chat-2',
          reasons: ['it has the fewest connections'],
          time: '2026-03-01T11:59:46Z',
        }),
        decision({ kind: 'create', gateway: 'chat-4', summary: 'create chat-4', reasons: ['3 gateways are wanted'] }),
        decision(),
      ],
      conditions: [
        condition({ type: 'Available', message: 'All is well.' }),
        condition({ type: 'Progressing', reason: 'ScalingDown', message: '4 gateways, on the way to 3.' }),
        condition({ type: 'ScalingActive', reason: 'Decided', message: '720 connections / 400 per gateway.' }),
        condition({ type: 'ScalingLimited', reason: 'TooManyReplicas', message: 'Raise spec.scaling.maxReplicas.' }),
        condition({ type: 'Draining', message: '700 connections to be moved off 1 gateway.' }),
        condition({ type: 'Degraded', status: 'False', reason: 'AsExpected' }),
      ],
    },
    { annotations: paused('down') },
  ),
  [
    pod('chat-1', { status: readyPod(2), annotations: { [ANNOTATIONS.drain]: 'requested' } }),
    pod('chat-2', { labels: { [LABELS.accepting]: 'false' }, annotations: draining }),
    pod('chat-3', { labels: { [LABELS.revision]: 'bbbbbbbbbb' }, ageMs: 42_000 }),
    pod('chat-4', {
      labels: { [LABELS.revision]: 'bbbbbbbbbb' },
      ageMs: 12_000,
      status: waitingPod('ImagePullBackOff', 'Back-off pulling image "x"'),
    }),
  ],
);
const unseen = clusterStatusOf(clusterResource(undefined, { generation: 1 }), []);
const going = clusterStatusOf(clusterResource(settled, { deletionTimestamp: '2026-03-01T11:59:00Z', annotations: paused('both') }), [
  pod('chat-1'),
]);
const stories = { calm, busy, unseen, going };

const status = (cluster: KubeClusterStatus, width = 110) => renderKubeStatus(cluster, NOW, { width, color: false });
const explained = (cluster: KubeClusterStatus, width = 110) => renderExplanation(cluster, NOW, { width, color: false });

describe('renderKubeStatus', () => {
  it('shows a settled cluster', () => {
    expect(status(calm)).toBe(
      [
        'shop/chat  2 gateways, 2 ready, 2 desired',
        '700 connections · room for 1,000 · 70% used',
        '',
        'GATEWAY  STATE  AGE  NODE',
        'chat-1   ready  1 h  node-a',
        'chat-2   ready  1 h  node-b',
        '',
        'DECISIONS',
        '      3 min ago  2 gateways: 700 connections / 400 per gateway',
      ].join('\n'),
    );
  });

  it('shows one where a lot goes on', () => {
    expect(status(busy)).toBe(
      [
        'shop/chat  4 gateways, 2 ready, 3 desired',
        '700 connections · room for 1,000 · 70% used · 50 moved/s',
        'Its operator has not seen the last change of its spec yet.',
        'Scaling down is paused.',
        '',
        'GATEWAY  STATE      AGE  REVISION    NODE    NOTE',
        'chat-1   ready      1 h  aaaaaaaaaa  node-a  drain asked for, 2 restarts',
        'chat-2   draining   1 h  aaaaaaaaaa  node-a',
        'chat-3   ready     42 s  bbbbbbbbbb  node-a',
        'chat-4   starting  12 s  bbbbbbbbbb  node-a  ImagePullBackOff: Back-off pulling image "x"',
        '',
        'DRAINS',
        '  chat-2  700 of 1,400 left, 50/s, empty in 14 s, closes the rest in 4 min 46 s: it has the fewest',
        '    connections',
        '',
        'CONDITIONS',
        '  Progressing ScalingDown: 4 gateways, on the way to 3.',
        '  ScalingLimited TooManyReplicas: Raise spec.scaling.maxReplicas.',
        '',
        'DECISIONS',
        '       14 s ago  drain chat-2; it has the fewest connections',
        '      3 min ago  create chat-4; 3 gateways are wanted',
        '      3 min ago  2 gateways: 700 connections / 400 per gateway',
      ].join('\n'),
    );
  });

  it('says that no operator has seen it', () => {
    expect(status(unseen)).toBe(
      [
        'shop/chat  0 gateways, 0 ready, nothing decided yet',
        'Its operator has not seen it yet. Does it run, and watch this namespace?',
        '',
        'No gateways.',
      ].join('\n'),
    );
  });

  it('says that it is being deleted, and that scaling is paused', () => {
    expect(status(going).split('\n').slice(2, 4)).toEqual(['It is being deleted: its gateways go.', 'Scaling is paused.']);
  });

  it.each(Object.entries(stories).flatMap(([name, story]) => [40, 60, 80].map((width) => [name, width, story] as const)))(
    'of the story "%s" fits in %i cells',
    (_, width, story) => {
      for (const line of [...status(story, width).split('\n'), ...explained(story, width).split('\n')])
        expect(line.length).toBeLessThanOrEqual(width);
    },
  );

  it('is painted where there are colors, and else says the same', () => {
    const painted = renderKubeStatus(busy, NOW, { width: 110, color: true });
    expect(painted).toContain('\x1b[33mdraining\x1b[0m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what colors are made of
    expect(painted.replace(/\x1b\[\d+m/g, '')).toBe(status(busy));
  });
});

describe('renderExplanation', () => {
  it('tells each reason and limit, what is on the way, why who goes was chosen, and what was done', () => {
    expect(explained(busy)).toBe(
      [
        'shop/chat  4 gateways, 2 ready, 3 desired',
        'Its operator has not seen the last change of its spec yet.',
        'Scaling down is paused.',
        '',
        'WHY THIS MANY',
        '  3 gateways: 700 connections / 400 per gateway (decided 3 min ago)',
        '  · 3 were needed within the last 300 s',
        '  · maxReplicas is 3, the load needs 5',
        '  · now: 720 connections / 400 per gateway',
        '  · limit: Raise spec.scaling.maxReplicas.',
        '',
        'ON THE WAY',
        '  4 gateways, on the way to 3.',
        '  · chat-4 is not ready: ImagePullBackOff: Back-off pulling image "x"',
        '  · chat-1 is to be drained, somebody asked for it',
        '',
        'WHY THESE GO',
        '  chat-2  700 of 1,400 left, 50/s, empty in 14 s, closes the rest in 4 min 46 s: it has the fewest',
        '    connections',
        '',
        'DONE LATELY',
        '      3 min ago  create chat-4; 3 gateways are wanted',
      ].join('\n'),
    );
  });

  it('says the same once, when the load says now what it said then', () => {
    expect(explained(calm).split('\n').slice(2)).toEqual([
      'WHY THIS MANY',
      '  2 gateways: 700 connections / 400 per gateway (decided 3 min ago)',
      '',
      'ON THE WAY',
      '  2 gateways, as it should be.',
    ]);
  });

  it('says so when no decision is possible', () => {
    const conditions = [
      condition({ type: 'ScalingActive', status: 'False', reason: 'CannotDecide', message: '2 of 3 give no count; stays at 3.' }),
    ];
    expect(explained(clusterStatusOf(clusterResource({ ...settled, conditions }), []))).toContain(
      '\n  · no decision is possible now: 2 of 3 give no count; stays at 3\n'.trimEnd(),
    );
  });

  it('says so before the first decision', () => expect(explained(unseen)).toContain('WHY THIS MANY\n  Nothing was decided yet.'));
});

describe('renderOverview', () => {
  const overview = (width: number) => renderOverview([calm, busy, unseen, going], NOW, { width, color: false });

  it('has a line for each', () => {
    expect(overview(140).split('\n')).toEqual([
      'NAMESPACE  NAME  READY  CONNECTIONS  USED  DRAINING  AGE  NOTE',
      'shop       chat    2/2          700   70%         0  2 d',
      'shop       chat    2/3          700   70%         0  2 d  scaling down paused, ScalingDown, TooManyReplicas',
      'shop       chat    0/-            -     -         -  2 d  not seen by an operator',
      'shop       chat    2/2          700   70%         0  2 d  being deleted, scaling paused',
    ]);
  });

  it.each([60, 70, 80])('fits in %i cells', (width) => {
    for (const line of overview(width).split('\n')) expect(line.length).toBeLessThanOrEqual(width);
  });

  it('says that there is none', () => expect(renderOverview([], NOW, { width: 80, color: false })).toBe('No ChatClusters.'));
});

describe('statusData', () => {
  it('is the status as the resource has it, without what is only for the operator, and what Pods show', () => {
    const cluster = clusterResource({ ...settled, state: { lastOrdinal: 2, recommendations: [] } });
    const data = statusData(clusterStatusOf(cluster, [pod('chat-1')]));
    const { conditions, ...figures } = settled;
    expect(data).toEqual({
      namespace: 'shop',
      name: 'chat',
      createdAt: '2026-02-27T10:00:00.000Z',
      paused: { up: false, down: false },
      removing: false,
      observed: true,
      ...figures,
      conditions,
      gateways: [expect.objectContaining({ name: 'chat-1', state: 'ready', createdAt: '2026-03-01T11:00:00.000Z' })],
    });
    expect(JSON.parse(JSON.stringify(data))).toEqual(data);
  });
});

describe('ageOf', () => {
  it.each([
    [0, '0 s'],
    [59_900, '59 s'],
    [61_000, '1 min'],
    [3 * 3_600_000 + 5_000, '3 h'],
    [49 * 3_600_000, '2 d'],
    [-5_000, '0 s'],
  ])('%i ms is %s', (ms, want) => expect(ageOf(NOW - ms, NOW)).toBe(want));
  it('is nothing for what has no beginning', () => expect(ageOf(Number.NaN, NOW)).toBe(''));
});

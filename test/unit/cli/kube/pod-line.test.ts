import { describe, expect, it } from 'vitest';
import { type PodLine, podLine, podLines } from '../../../../cli/kube/pod-line.ts';
import { ANNOTATIONS, LABELS } from '../../../../operator/api/names.ts';
import type { Pod } from '../../../../operator/fleet/kubernetes/pod.ts';
import { pod, readyPod, waitingPod } from '../../../fakes/kube-resources.ts';

const unscheduled = {
  phase: 'Pending',
  conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'no room' }],
} as const;
const silent = { phase: 'Running', conditions: [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }] } as const;

describe('podLine', () => {
  it.each<[string, Pod, PodLine['state'], string | null]>([
    ['one that is ready', pod('a'), 'ready', null],
    ['one that the Service forgot', pod('a', { labels: { [LABELS.accepting]: 'false' } }), 'cordoned', null],
    [
      'one that is drained',
      pod('a', { labels: { [LABELS.accepting]: 'false' }, annotations: { [ANNOTATIONS.draining]: '{}' } }),
      'draining',
      null,
    ],
    ['one that stops', pod('a', { deletionTimestamp: '2026-03-01T11:59:00Z' }), 'terminating', null],
    ['one that ended', pod('a', { status: { phase: 'Failed' } }), 'dead', null],
    ['one that starts', pod('a', { status: waitingPod('ContainerCreating') }), 'starting', null],
    ['one without a word yet', pod('a', { status: {} }), 'starting', null],
    [
      'one whose image is not there',
      pod('a', { status: waitingPod('ImagePullBackOff', 'Back-off\n pulling') }),
      'starting',
      'ImagePullBackOff: Back-off pulling',
    ],
    ['one that has no node', pod('a', { status: unscheduled }), 'starting', 'Unschedulable: no room'],
    ['one whose node is silent', pod('a', { status: silent }), 'unreachable', 'NodeStatusUnknown'],
  ])('tells the state of %s', (_, given, state, trouble) => {
    expect(podLine(given)).toMatchObject({ state, trouble });
  });

  it('tells what else there is to know', () => {
    expect(podLine(pod('chat-7', { annotations: { [ANNOTATIONS.drain]: 'requested' }, status: readyPod(3), node: 'node-b' }))).toEqual({
      name: 'chat-7',
      state: 'ready',
      revision: 'aaaaaaaaaa',
      node: 'node-b',
      restarts: 3,
      drainRequested: true,
      trouble: null,
      createdAt: Date.parse('2026-03-01T11:00:00Z'),
    });
  });

  it('orders by number', () => {
    expect(podLines([pod('chat-10'), pod('chat-9'), pod('chat-1')]).map(({ name }) => name)).toEqual(['chat-1', 'chat-9', 'chat-10']);
  });
});

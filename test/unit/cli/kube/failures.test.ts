import { describe, expect, it } from 'vitest';
import { explained, passingTrouble } from '../../../../cli/kube/failures.ts';
import { KubeError } from '../../../../operator/kube/error.ts';
import { noAnswer, refusal } from '../../../../operator/kube/refusals.ts';

const forbidden = {
  kind: 'Status',
  message:
    'chatclusters.chatcluster.io is forbidden: User "ann" cannot list resource "chatclusters" in API group "chatcluster.io" in the namespace "shop"',
};
const answers: readonly (readonly [name: string, error: KubeError, line: RegExp])[] = [
  [
    'a missing right',
    refusal('list chatclusters in shop', 403, forbidden),
    /^List chatclusters in shop: ann has no right to list chatclusters\.chatcluster\.io in namespace shop\. A Role or ClusterRole must allow it\.$/,
  ],
  [
    'credentials that are over',
    refusal('list pods in shop', 401, ''),
    /\. Log in again, or choose another context than "far" by --context\.$/,
  ],
  [
    'a Kubernetes without our kind',
    refusal('list chatclusters in shop', 404, '404 page not found'),
    /This Kubernetes knows no ChatClusters: the chart, .* isn't installed\.$/,
  ],
  [
    'an API server that is not there',
    noAnswer('list pods in shop', '127.0.0.1:1', 'connect ECONNREFUSED 127.0.0.1:1'),
    /^List pods in shop: no answer from the API server 127\.0\.0\.1:1: connect ECONNREFUSED 127\.0\.0\.1:1\. Is "far" the right context\?$/,
  ],
  ['an API server that can not answer', refusal('list pods in shop', 503, ''), /can't answer now \(503\)\. Try again\.$/],
  [
    'a Pod that went meanwhile',
    refusal('annotate Pod shop/chat-1', 404, { kind: 'Status', message: 'pods "chat-1" not found' }),
    /pods "chat-1" not found\.$/,
  ],
];

describe('explained', () => {
  it.each(answers)('says what to do about %s', (_, error, line) => {
    const failure = explained(error, 'far');
    expect(failure).toMatchObject({ name: 'Failure', exitCode: 1, message: expect.stringMatching(line) });
  });

  it('leaves other errors alone', () => {
    const error = new Error('ours');
    expect(explained(error, 'far')).toBe(error);
  });
});

describe('passingTrouble', () => {
  it.each([
    [new KubeError('no answer', { status: 0, kind: 'unavailable' }), 'No answer. Asks again.'],
    [new KubeError('slow down', { status: 429, kind: 'too-many-requests' }), 'Slow down. Asks again.'],
    [new KubeError('no right', { status: 403, kind: 'forbidden' }), null],
    [new Error('ours'), null],
  ])('%s: %s', (error, want) => expect(passingTrouble(error)).toBe(want));
});

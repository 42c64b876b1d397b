import { expect, it } from 'vitest';
import { isListed, listedPods } from '../../../../../operator/fleet/kubernetes/endpoints.ts';
import type { Endpoint, EndpointSlice } from '../../../../../operator/fleet/kubernetes/pod.ts';
import { pod } from './build.ts';

const slice = (...endpoints: readonly Endpoint[]): EndpointSlice => ({ metadata: { name: 'chat-abc' }, endpoints });
const of = (uid: string, conditions?: Endpoint['conditions']): Endpoint => ({
  addresses: ['10.0.0.3'],
  targetRef: { kind: 'Pod', name: 'chat-3', uid },
  ...(conditions === undefined ? {} : { conditions }),
});
const OURS = 'uid-of-chat-3';

it.each([
  { name: 'is listed when it is ready', slices: [slice(of(OURS, { ready: true }))], want: true },
  { name: 'is listed when nothing is known of it', slices: [slice(of(OURS))], want: true },
  { name: 'is listed when its readiness is not known', slices: [slice(of(OURS, { ready: null }))], want: true },
  {
    name: 'is not listed when it is not ready, also while it serves',
    slices: [slice(of(OURS, { ready: false, serving: true }))],
    want: false,
  },
  { name: 'is listed by any of several slices', slices: [slice(), slice(of('another')), slice(of(OURS, { ready: true }))], want: true },
  { name: 'is not what had its name before', slices: [slice(of('another', { ready: true }))], want: false },
  {
    name: 'is known by its name where the slice has no uid',
    slices: [slice({ addresses: [], targetRef: { kind: 'Pod', name: 'chat-3' } })],
    want: true,
  },
  {
    name: 'is not another kind of that name',
    slices: [slice({ addresses: [], targetRef: { kind: 'Node', name: 'chat-3' } })],
    want: false,
  },
  { name: 'is not listed by slices that are empty', slices: [{ metadata: { name: 'x' }, endpoints: null }], want: false },
  { name: 'is not listed without slices', slices: [], want: false },
])('a Pod $name', ({ slices, want }) => {
  expect(isListed(listedPods(slices), pod())).toBe(want);
});

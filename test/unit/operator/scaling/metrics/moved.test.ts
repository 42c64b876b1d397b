import { describe, expect, it } from 'vitest';
import type { GatewayView } from '../../../../../operator/fleet/fleet.ts';
import { type Movers, movedOf } from '../../../../../operator/scaling/metrics/moved.ts';
import { gateway } from '../../../../fakes/chat-cluster.ts';

const NOW = 100_000;

/** Ready for long, unless it is said since when. */
function moving(ordinal: number, movesPerSecond: number | null, readyAt = 0): GatewayView {
  const rest = {
    acceptsPerSecond: 0,
    latestAcceptsPerSecond: 0,
    latestLeavesPerSecond: 0,
    messagesPerSecond: 0,
    eventLoopDelayMs: 0,
    cpuCores: 0,
  };
  return gateway({ ordinal, readyAt, observedAt: NOW, load: movesPerSecond === null ? null : { ...rest, movesPerSecond } });
}

describe('connections that were asked to move', () => {
  const now = (perSecond: number) => ({ perSecond, at: NOW });
  const ago = (perSecond: number, seconds: number) => ({ perSecond, at: NOW - seconds * 1_000 });

  it.each<[string, { gateways: readonly GatewayView[]; before?: Movers }, number, Movers]>([
    ['none', { gateways: [moving(1, 0)] }, 0, {}],
    ['as gateways tell it', { gateways: [moving(1, 5), moving(2, 3)] }, 8, { 'chat-1': now(5), 'chat-2': now(3) }],
    ['more than before', { gateways: [moving(1, 5)], before: { 'chat-1': ago(4, 1) } }, 5, { 'chat-1': now(5) }],
    [
      'a moment longer than it tells: they are accepted a little later',
      { gateways: [moving(1, 1)], before: { 'chat-1': ago(4, 3) } },
      4,
      { 'chat-1': ago(4, 3) },
    ],
    ['and no longer', { gateways: [moving(1, 1)], before: { 'chat-1': ago(4, 4) } }, 1, { 'chat-1': now(1) }],
    [
      'by one that is gone, as long as they count as accepted',
      { gateways: [], before: { 'chat-1': ago(4, 13) } },
      4,
      { 'chat-1': ago(4, 13) },
    ],
    ['by one that is gone for longer', { gateways: [], before: { 'chat-1': ago(4, 14) } }, 0, {}],
    ['by one that tells nothing any more', { gateways: [moving(1, null)], before: { 'chat-1': ago(4, 9) } }, 4, { 'chat-1': ago(4, 9) }],
    ['in a future that the clock was set back from', { gateways: [], before: { 'chat-1': ago(4, -5) } }, 0, {}],
    ['by one that is new, as of the whole window', { gateways: [moving(1, 5, NOW - 2_000)] }, 1, { 'chat-1': now(1) }],
  ])('%s', (_name, { gateways, before = {} }, perSecond, movers) => {
    expect(movedOf(gateways, before, NOW)).toEqual({ perSecond, movers });
  });
});

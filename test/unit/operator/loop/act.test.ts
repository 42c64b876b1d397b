import { describe, expect, it } from 'vitest';
import type { Action, Fleet, GatewayView } from '../../../../operator/fleet/fleet.ts';
import { act } from '../../../../operator/loop/act.ts';
import { RatesInForce } from '../../../../operator/planning/rates-in-force.ts';
import { gateway } from '../../../fakes/chat-cluster.ts';

const BUDGET = 100;

const draining = (ordinal: number, ratePerSecond: number): GatewayView =>
  gateway({ ordinal, cordoned: true, drain: { ratePerSecond, startedAt: 0, deadlineAt: 60_000, initial: 100 } });
const drain = (ordinal: number, ratePerSecond: number): Action => ({
  kind: 'drain',
  gateway: `chat-${ordinal}`,
  ratePerSecond,
  timeoutMs: 60_000,
  reason: 'test',
});
const create = (ordinal: number): Action => ({ kind: 'create', gateway: `chat-${ordinal}`, reason: 'test' });
const remove = (ordinal: number): Action => ({ kind: 'delete', gateway: `chat-${ordinal}`, reason: 'test' });
const uncordon = (ordinal: number): Action => ({ kind: 'uncordon', gateway: `chat-${ordinal}`, reason: 'test' });

/** Applies actions to a fleet on which those on the gateways in `broken` fail; tells what was tried. */
async function tried(
  gateways: readonly GatewayView[],
  actions: readonly Action[],
  broken: readonly string[] = [],
  mayAct = () => true,
): Promise<{ readonly words: readonly string[]; readonly failures: readonly string[] }> {
  const words: string[] = [];
  const fleet: Fleet = {
    list: async () => gateways,
    revision: () => 'r1',
    watch: () => undefined,
    problems: () => [],
    apply: async (action) => {
      words.push(action.kind === 'drain' ? `drain ${action.gateway} at ${action.ratePerSecond}` : `${action.kind} ${action.gateway}`);
      if (broken.includes(action.gateway)) throw new Error('no answer');
    },
  };
  return { words, ...(await act(actions, { fleet, mayAct, rates: new RatesInForce(gateways), budget: BUDGET })) };
}

describe('acting', () => {
  it('applies the actions in their order', async () => {
    const { words, failures } = await tried([draining(1, 100)], [remove(9), create(2), drain(1, 50), drain(3, 50)]);
    expect(words).toEqual(['delete chat-9', 'create chat-2', 'drain chat-1 at 50', 'drain chat-3 at 50']);
    expect(failures).toEqual([]);
  });

  it('goes on after one that failed, and tells of it', async () => {
    const { words, failures } = await tried([], [create(1), create(2)], ['chat-1']);
    expect(words).toEqual(['create chat-1', 'create chat-2']);
    expect(failures).toEqual(['create chat-1: no answer']);
  });

  it('raises no rate when the decrease before it failed', async () => {
    expect((await tried([draining(1, 100)], [drain(1, 50), drain(2, 50), create(3)], ['chat-1'])).words).toEqual([
      'drain chat-1 at 50',
      'create chat-3',
    ]);
    expect((await tried([draining(1, 100)], [uncordon(1), drain(2, 100)], ['chat-1'])).words).toEqual(['uncordon chat-1']);
  });

  it('takes a raise that failed as done, for it may be', async () => {
    expect((await tried([], [drain(1, 60), drain(2, 60), drain(3, 40)], ['chat-1'])).words).toEqual([
      'drain chat-1 at 60',
      'drain chat-3 at 40',
    ]);
  });

  it('stops when it may act no more', async () => {
    let left = 2;
    const { words } = await tried([], [create(1), create(2), create(3)], [], () => left-- > 0);
    expect(words).toEqual(['create chat-1', 'create chat-2']);
  });
});

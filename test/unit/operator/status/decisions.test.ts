import { describe, expect, it } from 'vitest';
import type { Action, GatewayView } from '../../../../operator/fleet/fleet.ts';
import type { Recommendation } from '../../../../operator/snapshot.ts';
import { MAX_DECISIONS, recordDecisions } from '../../../../operator/status/decisions.ts';
import type { Decision } from '../../../../operator/status/status.ts';
import { gateway } from '../../../fakes/chat-cluster.ts';

const five: Recommendation = { kind: 'desired', desired: 5, needed: 5, reasons: ['2000 connections / 400 per gateway'] };
const drain = (ratePerSecond: number): Action => ({
  kind: 'drain',
  gateway: 'chat-1',
  ratePerSecond,
  timeoutMs: 1,
  reason: 'fewest connections',
});
const draining = (ratePerSecond: number) => gateway({ cordoned: true, drain: { ratePerSecond, startedAt: 0, deadlineAt: 1, initial: 1 } });

interface Round {
  readonly now: number;
  readonly recommendation?: Recommendation;
  readonly actions?: readonly Action[];
  readonly gateways?: readonly GatewayView[];
}

/** The log after these rounds, newest first. */
function logOf(rounds: readonly Round[]): readonly Decision[] {
  return rounds.reduce<readonly Decision[]>(
    (log, round) => recordDecisions(log, { recommendation: five, waiting: [], actions: [], gateways: [], ...round }),
    [],
  );
}

const summaries = (log: readonly Decision[]) => log.map((d) => `${d.at} ${d.summary}`);

describe('the decision log', () => {
  it('begins with the number of gateways and its reason', () => {
    expect(logOf([{ now: 7 }])).toEqual([
      {
        at: 7,
        kind: 'scale',
        gateway: null,
        summary: '5 gateways: 2000 connections / 400 per gateway',
        reasons: ['2000 connections / 400 per gateway'],
      },
    ]);
  });

  it.each<[string, readonly Round[], readonly string[]]>([
    [
      'does not repeat the same number for another load',
      [{ now: 0 }, { now: 1, recommendation: { ...five, reasons: ['1999 connections / 400 per gateway'] } }],
      ['0 5 gateways: 2000 connections / 400 per gateway'],
    ],
    [
      'shows another number, also when it comes back',
      [{ now: 0 }, { now: 1, recommendation: { kind: 'desired', desired: 1, needed: 1, reasons: ['r'] } }, { now: 2 }],
      ['2 5 gateways: 2000 connections / 400 per gateway', '1 1 gateway: r', '0 5 gateways: 2000 connections / 400 per gateway'],
    ],
    [
      'shows when it could not be said, once',
      [
        { now: 0, recommendation: { kind: 'cannot-decide', reasons: ['a'] } },
        { now: 1, recommendation: { kind: 'cannot-decide', reasons: ['b'] } },
      ],
      ['0 cannot decide'],
    ],
  ])('%s', (_name, rounds, want) => {
    expect(summaries(logOf(rounds))).toEqual(want);
  });

  // Each after the first round, which says "5 gateways".
  it.each<[string, readonly Round[], readonly string[]]>([
    ['shows a drain', [{ now: 1, actions: [drain(10)], gateways: [gateway()] }], ['1 drain chat-1']],
    [
      'does not show that it is only paced anew',
      [
        { now: 1, actions: [drain(10)], gateways: [gateway()] },
        { now: 90_000, actions: [drain(5)], gateways: [draining(10)] },
      ],
      ['1 drain chat-1'],
    ],
    [
      'shows that it is paused and that it goes on',
      [
        { now: 1, actions: [drain(10)], gateways: [gateway()] },
        { now: 2, actions: [drain(0)], gateways: [draining(10)] },
        { now: 3, actions: [drain(10)], gateways: [draining(0)] },
      ],
      ['3 drain chat-1', '2 pause the drain of chat-1', '1 drain chat-1'],
    ],
    [
      'shows an action that fails and is planned every second once a minute',
      [0, 1_000, 59_000, 60_000, 61_000].map((now) => ({ now, actions: [{ kind: 'create', gateway: 'chat-2', reason: 'r' } as const] })),
      ['60000 create chat-2', '0 create chat-2'],
    ],
    [
      'shows that a shed ends',
      [
        { now: 1, actions: [shed(100)], gateways: [gateway()] },
        { now: 2, actions: [shed(0)], gateways: [gateway({ shed: { remaining: 50, ratePerSecond: 1 } })] },
      ],
      ['2 end the shedding of chat-1', '1 move connections off chat-1'],
    ],
    [
      'shows nothing of what is in place',
      [
        { now: 1, actions: [{ kind: 'cordon', gateway: 'chat-1', reason: 'r' }], gateways: [gateway({ cordoned: true })] },
        { now: 1, actions: [{ kind: 'uncordon', gateway: 'chat-1', reason: 'r' }], gateways: [gateway()] },
        { now: 1, actions: [{ kind: 'delete', gateway: 'chat-1', reason: 'r' }], gateways: [gateway({ phase: 'terminating' })] },
        { now: 1, actions: [{ kind: 'create', gateway: 'chat-1', reason: 'r' }], gateways: [gateway()] },
      ],
      [],
    ],
    [
      'shows the actions of a round newest first too',
      [
        {
          now: 1,
          actions: [
            { kind: 'create', gateway: 'chat-2', reason: 'r' },
            { kind: 'create', gateway: 'chat-3', reason: 'r' },
          ],
        },
      ],
      ['1 create chat-3', '1 create chat-2'],
    ],
  ])('%s', (_name, rounds, want) => {
    const log = logOf([{ now: 0 }, ...rounds]);
    expect(summaries(log.filter((d) => d.kind !== 'scale'))).toEqual(want);
  });

  function shed(count: number): Action {
    return { kind: 'shed', gateway: 'chat-1', count, ratePerSecond: 1, reason: 'above the mean' };
  }

  it('is itself when nothing is new, and never longer than it may be', () => {
    const log = logOf([{ now: 0 }]);
    expect(recordDecisions(log, { now: 1, recommendation: five, waiting: [], actions: [], gateways: [] })).toBe(log);
    const many = Array.from({ length: 200 }, (_, i) => ({
      now: i,
      actions: [{ kind: 'create', gateway: `chat-${i}`, reason: 'r' } as const],
    }));
    expect(logOf(many)).toHaveLength(MAX_DECISIONS);
  });
});

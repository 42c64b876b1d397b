import { describe, expect, it } from 'vitest';
import type { Controls } from '../../../../operator/api/spec.ts';
import type { GatewayView } from '../../../../operator/fleet/fleet.ts';
import { emptyScalingMemory } from '../../../../operator/scaling/memory.ts';
import { recommend } from '../../../../operator/scaling/recommend.ts';
import type { ScalingMemory, Snapshot } from '../../../../operator/snapshot.ts';
import { cluster, gateway, type SpecChanges } from '../../../fakes/chat-cluster.ts';

/** Capacity 500, target 80 %: 400 a gateway. Never in panic, however many connections a gateway holds here. */
const base: SpecChanges = {
  gateway: { connectionsPerGateway: 500 },
  scaling: { minReplicas: 2, maxReplicas: 10, panic: { threshold: 1_000 } },
};

function snapshot(now: number, gateways: readonly GatewayView[], changes: SpecChanges = {}, controls: Partial<Controls> = {}): Snapshot {
  const spec = { gateway: { ...base.gateway, ...changes.gateway }, scaling: { ...base.scaling, ...changes.scaling } };
  const chat = cluster(spec);
  return {
    now,
    cluster: { ...chat, controls: { ...chat.controls, ...controls } },
    revision: 'r1',
    gateways,
    drainRequests: [],
    takeBacks: [],
  };
}

/** Gateways with these connections, counted at `now`; `null` never answered. */
function fleet(now: number, connections: readonly (number | null)[]): GatewayView[] {
  return connections.map((held, i) => gateway({ ordinal: i + 1, connections: held, observedAt: held === null ? null : now }));
}

/** `total` connections spread over `n` gateways. */
function spread(now: number, total: number, n: number): GatewayView[] {
  return fleet(
    now,
    Array.from({ length: n }, (_, i) => Math.floor(total / n) + (i < total % n ? 1 : 0)),
  );
}

const remembering = (desired: number): ScalingMemory => ({ ...emptyScalingMemory(), desired });

/** The number decided, or "cannot-decide". */
function decided(input: Snapshot, memory: ScalingMemory): number | string {
  const { recommendation } = recommend(input, memory);
  return recommendation.kind === 'desired' ? recommendation.desired : recommendation.kind;
}

describe('one decision', () => {
  const none: SpecChanges = {};
  it.each<[string, number, readonly (number | null)[], SpecChanges, number]>([
    // name, desired before, connections of each gateway, spec, desired after
    ['nobody is there: the least', 2, [0, 0], none, 2],
    ['what 2,000 clients need at 400 a gateway', 2, [500, 500, 500, 500], none, 5],
    ['one more than 5 gateways should hold, but within the tolerance', 5, [401, 400, 400, 400, 400], none, 5],
    ['just within 5 %', 5, [420, 420, 420, 420, 420], none, 5],
    ['just above 5 %', 5, [421, 420, 420, 420, 420], none, 6],
    ['just within 5 % below', 20, Array(20).fill(380), { scaling: { maxReplicas: 30 } }, 20],
    ['just below 5 % below', 20, [379, ...Array(19).fill(380)], { scaling: { maxReplicas: 30 } }, 19],
    ['a scale-down at once, without a window', 5, [100, 100, 100, 100, 100], { scaling: { scaleDown: { stabilizationMs: 0 } } }, 2],
    ['the limit above', 8, Array(8).fill(500), { scaling: { maxReplicas: 9 } }, 9],
    ['a limit above that was lowered, with no regard to the load', 8, Array(8).fill(400), { scaling: { maxReplicas: 6 } }, 6],
    ['a limit below that was raised', 2, [0, 0], { scaling: { minReplicas: 4 } }, 4],
    [
      'standby gateways on top',
      5,
      Array(5).fill(400),
      { scaling: { standby: { gateways: 2, connections: { kind: 'count', count: 0 } } } },
      7,
    ],
    [
      'standby connections on top, at the target too',
      5,
      Array(5).fill(400),
      { scaling: { standby: { gateways: 0, connections: { kind: 'count', count: 401 } } } },
      7,
    ],
    [
      'standby as a share',
      5,
      Array(5).fill(400),
      { scaling: { standby: { gateways: 0, connections: { kind: 'fraction', fraction: 0.4 } } } },
      7,
    ],
    ['57 connections at 57 % of 100: one, however fractions are rounded', 1, [57], one({ connectionsPerGateway: 100 }, 0.57), 1],
    ['58 of these', 1, [58], one({ connectionsPerGateway: 100 }, 0.57), 2],
  ])('%s', (_name, before, connections, changes, want) => {
    expect(decided(snapshot(0, fleet(0, connections), changes), remembering(before))).toBe(want);
  });

  function one(settings: SpecChanges['gateway'], targetUtilization: number): SpecChanges {
    return { ...(settings && { gateway: settings }), scaling: { minReplicas: 1, targetUtilization, tolerance: 0 } };
  }
});

describe('connections on their way from one gateway to another', () => {
  const moving = (connections: number, migrating: number, n: number) =>
    Array.from({ length: n }, (_, i) => gateway({ ordinal: i + 1, connections, migrating: i === 0 ? migrating : 0, observedAt: 0 }));

  it('are counted once before a scale-up: they may be there already', () => {
    expect(decided(snapshot(0, moving(430, 150, 5)), remembering(5))).toBe(5);
  });

  it('are counted twice before a scale-down: they may not have gone', () => {
    const scaling = { scaleDown: { stabilizationMs: 0 } };
    expect(decided(snapshot(0, moving(330, 200, 5), { scaling }), remembering(5))).toBe(5);
    expect(decided(snapshot(0, moving(330, 0, 5), { scaling }), remembering(5))).toBe(5);
    expect(decided(snapshot(0, moving(310, 0, 5), { scaling }), remembering(5))).toBe(4);
  });
});

describe('missing data', () => {
  const dropped = { scaling: { scaleDown: { stabilizationMs: 0 } } };
  it.each<[string, number, GatewayView[], number | string]>([
    // All at instant 60,000; 2 gateways are enough for what answers.
    ['a gateway that never answered may be full: fewer only if that leaves enough', 4, mixed([200, 100, 100], null), 3],
    ['one that stopped answering may have filled since', 3, mixed([100, 100], 10), 2],
    ['one that stopped answering blocks a scale-down when it decides', 3, mixed([300, 300], 10), 3],
    ['one that stopped answering blocks no scale-up', 3, mixed([500, 500, 500], 10), 4],
    ['an old count counts for a scale-up', 4, mixed([500, 500, 500], 500), 5],
    ['a cordoned one can not have filled', 3, [...mixed([300, 300]), silent(100, { cordoned: true })], 2],
    [
      'one that is starting holds none',
      3,
      [...mixed([300, 300]), gateway({ ordinal: 9, phase: 'starting', connections: null, observedAt: null })],
      2,
    ],
    [
      'a dead one holds none any more',
      3,
      [...mixed([300, 300]), gateway({ ordinal: 9, phase: 'dead', connections: 500, observedAt: 60_000 })],
      2,
    ],
    ['more than half give no count', 3, [...mixed([100]), silent(100), silent(null)], 'cannot-decide'],
    ['none gives a count', 3, [silent(null), silent(null), silent(null)], 'cannot-decide'],
    ['most give no count, but the old ones alone need more', 3, [...mixed([500]), silent(500), silent(500)], 4],
    ['one of two gives no count', 2, [...mixed([100]), silent(100)], 2],
  ])('%s', (_name, before, gateways, want) => {
    expect(decided(snapshot(60_000, gateways, dropped), remembering(before))).toBe(want);
  });

  it('says so', () => {
    const { recommendation } = recommend(snapshot(60_000, [...mixed([100]), silent(100), silent(null)]), remembering(3));
    expect(recommendation).toEqual({
      kind: 'cannot-decide',
      reasons: [
        '2 of 3 gateways give no fresh count: taken as full before a scale-down, at their last count before a scale-up',
        'stays at 3',
      ],
    });
  });

  it('obeys a changed limit all the same', () => {
    const gateways = [silent(null), silent(null), silent(null)];
    expect(decided(snapshot(60_000, gateways, { scaling: { minReplicas: 4 } }), remembering(3))).toBe(4);
    expect(decided(snapshot(60_000, gateways, { scaling: { maxReplicas: 2 } }), remembering(3))).toBe(2);
  });

  it('takes a count as old after three rounds', () => {
    const gateways = [gateway({ connections: 0, observedAt: 0 })];
    const slow = { scaling: { intervalMs: 60_000 } };
    expect(decided(snapshot(180_000, gateways, slow), remembering(2))).toBe(2);
    expect(decided(snapshot(180_001, gateways, slow), remembering(2))).toBe('cannot-decide');
  });

  /** Ready ones with fresh counts, and one more whose count is a minute old. */
  function mixed(fresh: readonly number[], old?: number | null): GatewayView[] {
    return [...fleet(60_000, fresh), ...(old === undefined ? [] : [silent(old)])];
  }

  function silent(connections: number | null, changes: Partial<GatewayView> = {}): GatewayView {
    return gateway({ ordinal: 8, phase: 'unreachable', connections, observedAt: connections === null ? null : 0, ...changes });
  }
});

describe('over time', () => {
  const minutes = (n: number) => n * 60_000;
  const windows = { scaling: { scaleUp: { stabilizationMs: minutes(1) }, scaleDown: { stabilizationMs: minutes(5) } } };

  /** Plays [instant, connections, desired then] in order, with a memory that goes through JSON each time. */
  function play(script: readonly (readonly [number, number, number])[], changes: SpecChanges, first: ScalingMemory): void {
    let memory = first;
    for (const [now, connections, want] of script) {
      const result = recommend(snapshot(now, spread(now, connections, memory.desired ?? 2), changes), memory);
      memory = JSON.parse(JSON.stringify(result.memory)) as ScalingMemory;
      expect([now, result.recommendation.kind === 'desired' && result.recommendation.desired]).toEqual([now, want]);
    }
  }

  it('scales down when fewer were needed for the whole window, to the most that was needed in it', () => {
    play(
      [
        [minutes(0), 3_200, 8],
        [minutes(1), 800, 8],
        [minutes(2), 2_000, 8], // a bump: 5 were needed
        [minutes(3), 800, 8],
        [minutes(5), 800, 5], // the 8 of minute 0 is out of the window
        [minutes(6), 800, 5],
        [minutes(7), 800, 2],
      ],
      { scaling: { scaleDown: { stabilizationMs: minutes(5) } } },
      remembering(8),
    );
  });

  it('scales up when more were needed for the whole window, to the least that was needed in it', () => {
    play(
      [
        [0, 800, 2],
        [30_000, 3_200, 2],
        [59_999, 2_000, 2],
        [60_000, 3_200, 5],
        [119_998, 3_200, 5],
        [119_999, 3_200, 8],
      ],
      windows,
      remembering(2),
    );
  });

  it('scales up at once without a window, also inside the window of a scale-down', () => {
    play(
      [
        [0, 3_200, 8],
        [1_000, 400, 8],
        [2_000, 4_100, 10],
      ],
      { scaling: { scaleDown: { stabilizationMs: minutes(5) } } },
      remembering(2),
    );
  });

  it('does not scale down at once when its memory was lost', () => {
    const five = spread(0, 800, 5);
    const { recommendation, memory } = recommend(snapshot(0, five), emptyScalingMemory());
    expect(recommendation).toMatchObject({ kind: 'desired', desired: 5 });
    const later = minutes(5);
    expect(decided(snapshot(later, spread(later, 800, 5)), memory)).toBe(2);
  });

  it('takes no gateway that is on its way out for one that was wanted, when its memory was lost', () => {
    const drain = { ratePerSecond: 1, startedAt: 0, deadlineAt: 60_000, initial: 100 };
    const gateways = [...spread(0, 1_000, 3), gateway({ ordinal: 4, drain, cordoned: true }), gateway({ ordinal: 5, phase: 'dead' })];
    expect(decided(snapshot(0, gateways), emptyScalingMemory())).toBe(3);
  });

  it('begins a new cluster with the least', () => {
    expect(recommend(snapshot(0, []), emptyScalingMemory())).toEqual({
      recommendation: {
        kind: 'desired',
        desired: 2,
        needed: 0,
        limitedBy: 'minReplicas',
        reasons: ['0 connections / 400 per gateway', 'minReplicas is 2, the load needs 0'],
      },
      memory: {
        ...emptyScalingMemory(),
        desired: 2,
        recommendations: [{ at: 0, replicas: 0 }],
        samples: [{ at: 0, connections: 0 }],
      },
    });
  });

  it('is not held up by recommendations from a clock that was ahead', () => {
    const ahead: ScalingMemory = { ...emptyScalingMemory(), desired: 8, recommendations: [{ at: minutes(60), replicas: 8 }] };
    const { memory } = recommend(snapshot(0, spread(0, 800, 8)), ahead);
    const later = minutes(5);
    expect(decided(snapshot(later, spread(later, 800, 8)), memory)).toBe(2);
  });
});

/** What a limit was told instead: "maxReplicas is 10, the load needs 20". */
const lastNumber = (reasons: readonly string[]): number => Number(/\d+$/.exec(reasons.at(-1) ?? '')?.[0]);

describe('reasons', () => {
  it.each<[string, number, number, number, SpecChanges, readonly string[], string | undefined]>([
    // name, desired before, connections, at, spec, reasons, limit
    ['the load', 2, 2_000, 5, {}, ['2000 connections / 400 per gateway'], undefined],
    [
      'the standby',
      2,
      1_600,
      6,
      { scaling: { standby: { gateways: 1, connections: { kind: 'fraction', fraction: 0.1 } } } },
      ['(1600 connections + 160 spare) / 400 per gateway + 1 standby'],
      undefined,
    ],
    ['the tolerance', 5, 2_050, 5, {}, ['2050 connections / 400 per gateway', 'within 5 % of the target'], undefined],
    ['the limit above', 8, 8_000, 10, {}, ['8000 connections / 400 per gateway', 'maxReplicas is 10, the load needs 20'], 'maxReplicas'],
  ])('name %s', (_name, before, connections, want, changes, reasons, limitedBy) => {
    const { recommendation } = recommend(snapshot(0, spread(0, connections, before), changes), remembering(before));
    const needed = limitedBy === undefined ? want : lastNumber(reasons);
    expect(recommendation).toEqual({ kind: 'desired', desired: want, needed, reasons, ...(limitedBy && { limitedBy }) });
  });

  it('name the window that a scale-down waits for', () => {
    const memory: ScalingMemory = { ...emptyScalingMemory(), desired: 5, recommendations: [{ at: 0, replicas: 5 }] };
    expect(recommend(snapshot(1_000, spread(1_000, 1_200, 5)), memory).recommendation.reasons).toEqual([
      '1200 connections / 400 per gateway',
      '5 were needed within the last 300 s',
    ]);
  });
});

describe('somebody else decides', () => {
  const asked = (replicas: number | null): SpecChanges => ({
    scaling: { mode: 'External', replicas, scaleDown: { stabilizationMs: 60_000 } },
  });
  const standby: SpecChanges = {
    scaling: { ...asked(5).scaling, standby: { gateways: 2, connections: { kind: 'count', count: 5_000 } } },
  };
  it.each<[string, number, number, SpecChanges, number, readonly string[], string | undefined]>([
    // name, desired before, connections, spec, desired after, reasons, limit
    ['more than the load needs', 2, 0, asked(5), 5, ['spec.replicas asks for 5'], undefined],
    ['fewer, at once', 9, 4_000, asked(5), 5, ['spec.replicas asks for 5'], undefined],
    ['no standby on top', 5, 2_000, standby, 5, ['spec.replicas asks for 5'], undefined],
    [
      'none: the least there must be',
      5,
      0,
      asked(0),
      2,
      ['spec.replicas asks for 0', 'minReplicas is 2, spec.replicas asks for 0'],
      'minReplicas',
    ],
    [
      'more than there may be',
      5,
      0,
      asked(50),
      10,
      ['spec.replicas asks for 50', 'maxReplicas is 10, spec.replicas asks for 50'],
      'maxReplicas',
    ],
    ['nothing: as many as before', 7, 0, asked(null), 7, ['spec.replicas is not set: stays at 7'], undefined],
    [
      'nothing, and a limit was changed',
      7,
      0,
      { scaling: { ...asked(null).scaling, maxReplicas: 4 } },
      4,
      ['spec.replicas is not set: stays at 4', 'maxReplicas is 4, there are 7'],
      'maxReplicas',
    ],
  ])('%s', (_name, before, connections, changes, desired, reasons, limitedBy) => {
    const { recommendation } = recommend(snapshot(0, spread(0, connections, 3), changes), remembering(before));
    const needed = limitedBy === undefined ? desired : lastNumber(reasons);
    expect(recommendation).toEqual({ kind: 'desired', desired, needed, reasons, ...(limitedBy && { limitedBy }) });
  });

  it('needs no count for it', () => {
    const silent = [gateway({ phase: 'unreachable', connections: null, observedAt: null })];
    expect(decided(snapshot(60_000, silent, asked(5)), remembering(2))).toBe(5);
  });

  it('without a memory keeps what there is', () => {
    expect(decided(snapshot(0, spread(0, 0, 6), asked(null)), emptyScalingMemory())).toBe(6);
    expect(decided(snapshot(0, [], asked(null)), emptyScalingMemory())).toBe(2);
  });

  it('waits for the window with a scale-down when the operator decides again', () => {
    const { memory } = recommend(snapshot(0, spread(0, 0, 9), asked(9)), remembering(9));
    const auto: SpecChanges = { scaling: { ...asked(9).scaling, mode: 'Auto' } };
    expect(decided(snapshot(59_999, spread(59_999, 0, 9), auto), memory)).toBe(9);
    expect(decided(snapshot(60_000, spread(60_000, 0, 9), auto), memory)).toBe(2);
  });
});

describe('paused scaling', () => {
  const paused = (up: boolean, down: boolean): Partial<Controls> => ({ paused: { up, down } });
  const now: SpecChanges = { scaling: { scaleDown: { stabilizationMs: 0 } } };
  const limits = (minReplicas: number, maxReplicas: number): SpecChanges => ({ scaling: { ...now.scaling, minReplicas, maxReplicas } });
  it.each<[string, number, number, SpecChanges, Partial<Controls>, number, string | undefined, string | undefined]>([
    // name, desired before, connections, spec, controls, desired after, limit, its reason
    ['up: the number is not raised', 5, 3_200, now, paused(true, false), 5, 'pause', 'scaling up is paused: stays at 5, the load needs 8'],
    ['up: but lowered', 5, 800, now, paused(true, false), 2, undefined, undefined],
    [
      'down: the number is not lowered',
      5,
      800,
      now,
      paused(false, true),
      5,
      'pause',
      'scaling down is paused: stays at 5, the load needs 2',
    ],
    ['down: but raised', 5, 3_200, now, paused(false, true), 8, undefined, undefined],
    ['both', 5, 3_200, now, paused(true, true), 5, 'pause', 'scaling up is paused: stays at 5, the load needs 8'],
    ['both, and nothing is to be changed', 5, 2_000, now, paused(true, true), 5, undefined, undefined],
    [
      'up: a raised minReplicas counts all the same, and no more than that',
      5,
      3_200,
      limits(6, 10),
      paused(true, true),
      6,
      'pause',
      'scaling up is paused: stays at 6, the load needs 8',
    ],
    [
      'down: what minReplicas asks for anyway is no pause',
      5,
      800,
      limits(5, 10),
      paused(false, true),
      5,
      'minReplicas',
      'minReplicas is 5, the load needs 2',
    ],
    [
      'down: a lowered maxReplicas counts all the same',
      5,
      800,
      limits(2, 4),
      paused(true, true),
      4,
      'pause',
      'scaling down is paused: stays at 4, the load needs 2',
    ],
    [
      'also when somebody else decides',
      5,
      0,
      { scaling: { mode: 'External', replicas: 9 } },
      paused(true, false),
      5,
      'pause',
      'scaling up is paused: stays at 5, spec.replicas asks for 9',
    ],
  ])('%s', (_name, before, connections, changes, controls, desired, limitedBy, reason) => {
    const { recommendation } = recommend(snapshot(0, spread(0, connections, before), changes, controls), remembering(before));
    expect(recommendation).toMatchObject({ kind: 'desired', desired });
    expect(recommendation.kind === 'desired' ? recommendation.limitedBy : 'cannot-decide').toBe(limitedBy);
    if (reason !== undefined) expect(recommendation.reasons.at(-1)).toBe(reason);
  });

  it('goes on at once when it is resumed', () => {
    const load = spread(0, 3_200, 5);
    const { memory } = recommend(snapshot(0, load, now, paused(true, false)), remembering(5));
    expect(decided(snapshot(0, load, now), memory)).toBe(8);
  });
});

it('wants no gateway when the ChatCluster goes, whatever the load and the limits', () => {
  const { recommendation } = recommend(snapshot(0, spread(0, 2_000, 5), {}, { removing: true }), remembering(5));
  expect(recommendation).toEqual({ kind: 'desired', desired: 0, needed: 0, reasons: ['the ChatCluster is being deleted'] });
});

import { describe, expect, it } from 'vitest';
import type { GatewayView } from '../../../../operator/fleet/fleet.ts';
import { lookAhead } from '../../../../operator/scaling/look-ahead.ts';
import { emptyScalingMemory } from '../../../../operator/scaling/memory.ts';
import { panicOf } from '../../../../operator/scaling/panic.ts';
import { recommend, type Scaled } from '../../../../operator/scaling/recommend.ts';
import { seededRandom } from '../../../../operator/simulate/random.ts';
import type { Sample, ScalingMemory } from '../../../../operator/snapshot.ts';
import { cluster, gateway, type SpecChanges } from '../../../fakes/chat-cluster.ts';

const START_MS = 8_000;

/** A fleet that follows what scaling says: 500 a gateway, target 80 %, a gateway is ready 8 s after it was ordered. Connections beyond the capacity wait. */
class Play {
  readonly #chat;
  readonly #created: number[];
  memory: ScalingMemory;
  now = 0;
  last: Scaled | null = null;
  /** Clients that found no place, at the worst moment. */
  refused = 0;
  changes = 0;

  constructor(gateways: number, changes: SpecChanges['scaling'] = {}) {
    this.#chat = cluster({ gateway: { connectionsPerGateway: 500 }, scaling: { minReplicas: 2, maxReplicas: 400, ...changes } });
    this.#created = Array(gateways).fill(-START_MS);
    this.memory = { ...emptyScalingMemory(), desired: gateways, recommendations: [{ at: 0, replicas: gateways }] };
  }

  /** A second with so many clients; answers the desired number. */
  second(clients: number): number {
    this.now += 1_000;
    const ready = this.#created.filter((at) => at + START_MS <= this.now).length;
    const held = Math.min(clients, ready * 500);
    this.refused = Math.max(this.refused, clients - held);
    let given = 0;
    const gateways: GatewayView[] = this.#created.map((createdAt, i) => {
      const isReady = createdAt + START_MS <= this.now;
      if (!isReady) return gateway({ ordinal: i + 1, phase: 'starting', createdAt, readyAt: null, connections: null, observedAt: null });
      given += 1;
      const connections = Math.floor((held * given) / ready) - Math.floor((held * (given - 1)) / ready);
      return gateway({ ordinal: i + 1, createdAt, readyAt: createdAt + START_MS, connections, observedAt: this.now });
    });
    this.last = recommend({ now: this.now, cluster: this.#chat, revision: 'r1', gateways, drainRequests: [], takeBacks: [] }, this.memory);
    const before = this.memory.desired;
    // What is remembered goes through JSON each time.
    this.memory = JSON.parse(JSON.stringify(this.last.memory)) as ScalingMemory;
    const desired = this.memory.desired ?? 0;
    if (before !== desired) this.changes += 1;
    while (this.#created.length < desired) this.#created.push(this.now);
    this.#created.length = desired;
    return desired;
  }

  seconds(n: number, clients: (second: number) => number): number {
    let desired = 0;
    for (let i = 0; i < n; i++) desired = this.second(clients(i));
    return desired;
  }

  get reasons(): string {
    return this.last?.recommendation.reasons.join('; ') ?? '';
  }

  get inPanic(): boolean {
    return this.last?.recommendation.kind === 'desired' && this.last.recommendation.panic === true;
  }
}

describe('constant load with ±15 % of noise for 30 minutes', () => {
  it.each([2, 3, 5, 10, 20, 50, 200].flatMap((gateways) => [1, 2, 3].map((seed) => [gateways, seed] as const)))(
    'changes the number once at most (%i gateways, seed %i)',
    (gateways, seed) => {
      const random = seededRandom(seed);
      const play = new Play(gateways);
      play.seconds(1_800, () => Math.round(gateways * 400 * (0.85 + 0.3 * random.next())));
      expect(play.changes).toBeLessThanOrEqual(1);
    },
  );
});

describe('a steep ramp', () => {
  const ramp = (perSecond: number) => (second: number) => (second < 40 ? 700 : 700 + perSecond * (second - 40));

  it('is met before it arrives: nobody finds every gateway full', () => {
    const [ahead, blind] = [new Play(2), new Play(2, { lookAhead: false })];
    for (const play of [ahead, blind]) play.seconds(100, ramp(24));
    expect(ahead.refused).toBe(0);
    expect(blind.refused).toBeGreaterThan(0);
  });

  it('orders gateways before the connections need them, and says why', () => {
    const play = new Play(2);
    play.seconds(44, ramp(20));
    // 760 of 800 that two should hold; 9 s later there are 940.
    expect(play.second(ramp(20)(44))).toBe(3);
    expect(play.reasons).toMatch(/^780 connections \/ 400 per gateway; 9\d\d connections expected in 9 s: 1\d more a second$/);
  });

  it('of a rush is decided on within 2 s', () => {
    const play = new Play(2);
    play.seconds(40, () => 200);
    expect(play.second(440)).toBe(2);
    expect(play.second(920)).toBe(5);
  });

  it.each([0.05, 0.2, 0.4, 0.6, 0.8, 1])('of a rush is decided on at the second look, the first being %d s after it began', (first) => {
    const play = new Play(2, { standby: { connections: { kind: 'count', count: 300 } } });
    play.seconds(40, () => 200);
    expect(play.second(200 + 240 * first)).toBe(2);
    expect(play.second(200 + 240 * (first + 1))).toBeGreaterThan(2);
    expect(play.refused).toBe(0);
  });
});

describe('what look-ahead expects', () => {
  const samples = (connections: readonly number[]): Sample[] => connections.map((each, i) => ({ at: i * 1_000, connections: each }));
  const constant = (n: number, connections: number): number[] => Array(n).fill(connections);
  const climb = (n: number, from: number, step: number): number[] => Array.from({ length: n }, (_, i) => from + i * step);
  it.each<[string, readonly number[], number, number | null]>([
    ['nothing of constant load', constant(40, 500), 500, null],
    ['nothing of a single rise', constant(40, 500), 900, null],
    ['nothing while it fell', climb(40, 4_000, -50), 2_000, null],
    ['what an even climb brings in 10 s', climb(40, 1_000, 10), 1_400, 1_500],
    ['what a climb brings that began 5 s ago', [...constant(35, 1_000), ...climb(5, 1_000, 10)], 1_050, 1_150],
    ['at most twice as many', [...constant(35, 100), ...climb(5, 100, 100)], 600, 1_200],
    ['of a rush what comes in as long again', [...constant(39, 500), 520], 700, 900],
    ['nothing of a rush that fell back', [...constant(38, 500), 700, 720], 710, null],
    ['nothing of two rises as noise makes them', [...Array(19).fill([450, 550]).flat(), 450, 550], 640, null],
    ['nothing of a rush as others were before', [...constant(20, 500), 520, 700, ...constant(20, 500), 520], 700, null],
    ['nothing of people who come back after a crash', [...constant(30, 2_000), ...climb(10, 1_600, 40)], 2_000, null],
    ['nothing without a past to compare with', climb(19, 1_000, 100), 2_900, null],
  ])('%s', (_name, past, connections, want) => {
    expect(lookAhead(samples(past), past.length * 1_000, connections, 10_000)?.connections ?? null).toBe(want);
  });
});

describe('panic', () => {
  const panic = { threshold: 1, windowMs: 60_000 };
  const lasting = { since: 1_000, until: 61_000 };
  it.each<[string, number, number, number, ScalingMemory['panic'], ScalingMemory['panic']]>([
    // name, connections, ready capacity, now, before, after
    ['begins at the threshold', 1_000, 1_000, 1_000, null, lasting],
    ['does not below it', 999, 1_000, 1_000, null, null],
    ['begins when nothing is ready for those that there are', 1, 0, 1_000, null, lasting],
    ['does not in an empty cluster', 0, 0, 1_000, null, null],
    ['lasts while it is calm for less than the window', 10, 1_000, 60_999, lasting, lasting],
    ['ends when it was calm for the window', 10, 1_000, 61_000, lasting, null],
    ['goes on when it begins anew', 1_000, 1_000, 60_999, lasting, { since: 1_000, until: 120_999 }],
    ['lasts no longer than the window when the clock was set back', 10, 1_000, 500, lasting, { since: 500, until: 60_500 }],
  ])('%s', (_name, connections, capacity, now, before, after) => {
    expect(panicOf(panic, { connections, capacity, now }, before)).toEqual(after);
  });

  const at = (now: number) => (n: number, connections: number) =>
    Array.from({ length: n }, (_, i) => gateway({ ordinal: i + 1, connections, observedAt: now }));
  const decide = (gateways: readonly GatewayView[], now: number, memory: Partial<ScalingMemory>, scaling: SpecChanges['scaling'] = {}) =>
    recommend(
      {
        now,
        cluster: cluster({ gateway: { connectionsPerGateway: 500 }, scaling }),
        revision: 'r1',
        gateways,
        drainRequests: [],
        takeBacks: [],
      },
      { ...emptyScalingMemory(), ...memory },
    );

  it('keeps every gateway until it was calm for the window, and says so', () => {
    const none = { scaleDown: { stabilizationMs: 0 } };
    const { memory } = decide(at(1_000)(4, 500), 1_000, { desired: 5 }, none);
    expect(memory.panic).toEqual({ since: 1_000, until: 61_000 });
    const held = decide(at(60_999)(5, 10), 60_999, memory, none);
    expect(held.recommendation).toMatchObject({ kind: 'desired', desired: 5, panic: true });
    expect(held.recommendation.reasons.join('; ')).toContain('panic: no gateway is removed');
    const calm = decide(at(61_000)(5, 10), 61_000, held.memory, none);
    expect(calm.recommendation).toMatchObject({ kind: 'desired', desired: 2 });
    expect(calm.recommendation).not.toHaveProperty('panic');
  });

  it('raises the number without waiting for the window', () => {
    const slow = { scaleUp: { stabilizationMs: 300_000 } };
    const before: Partial<ScalingMemory> = { desired: 4, recommendations: [{ at: 0, replicas: 4 }] };
    expect(decide(at(1_000)(4, 499), 1_000, before, slow).memory.desired).toBe(4);
    expect(decide(at(1_000)(4, 500), 1_000, before, slow).memory.desired).toBe(5);
  });

  it('is not caused by gateways that are cordoned for a rollout, but by those that are gone', () => {
    const gateways = at(1_000)(4, 300);
    const cordoned = gateways.map((each, i) => (i < 3 ? { ...each, cordoned: true } : each));
    expect(decide(cordoned, 1_000, { desired: 4 }).memory.panic).toBeNull();
    const silent = gateways.map((each, i): GatewayView => (i < 2 ? { ...each, phase: 'unreachable' } : each));
    expect(decide(silent, 1_000, { desired: 4 }).memory.panic).not.toBeNull();
  });

  it('is none of ours when somebody else decides', () => {
    const { memory, recommendation } = decide(
      at(1_000)(4, 500),
      1_000,
      { desired: 4, panic: lasting, samples: [{ at: 0, connections: 1 }] },
      { mode: 'External', replicas: 3 },
    );
    expect(recommendation).toMatchObject({ desired: 3 });
    expect(memory).toMatchObject({ panic: null, samples: [] });
  });

  it('breaks out in a rush before the gateways are full', () => {
    const play = new Play(2);
    play.seconds(40, () => 300);
    for (let i = 1; !play.inPanic; i++) play.second(300 + 60 * i);
    expect(play.refused).toBe(0);
    expect(play.reasons).toMatch(/panic: .* connections now or soon, the ready gateways hold 1000; over after 60 s of calm/);
  });
});

describe('policies', () => {
  const hold = (scaling: SpecChanges['scaling'], gateways: number, connections: number) => {
    const play = new Play(gateways, scaling);
    play.second(connections);
    return [
      play.memory.desired,
      play.last?.recommendation.kind === 'desired' && play.last.recommendation.limitedBy,
      play.last?.recommendation.reasons.at(-1),
    ];
  };
  const by = (value: number) => [{ type: 'Pods', value, periodMs: 60_000 }] as const;

  it('limit how many are added, and it is told', () => {
    expect(hold({ scaleUp: { policies: by(1) }, targetUtilization: 0.2, tolerance: 0 }, 4, 1_000)).toEqual([
      5,
      'scaleUp',
      'behavior.scaleUp.policies allow at most 5 now, the load needs 10',
    ]);
  });

  it('limit how many are removed', () => {
    expect(hold({ scaleDown: { stabilizationMs: 0, policies: by(3) } }, 10, 400)).toEqual([
      7,
      'scaleDown',
      'behavior.scaleDown.policies allow no fewer than 7 now, the load needs 1',
    ]);
  });

  it('are none when the direction is disabled, and the limits hold all the same', () => {
    expect(hold({ scaleDown: { stabilizationMs: 0, selectPolicy: 'Disabled' } }, 10, 400)).toEqual([
      10,
      'scaleDown',
      'behavior.scaleDown.selectPolicy is Disabled: stays at 10 now, the load needs 1',
    ]);
    expect(hold({ scaleDown: { stabilizationMs: 0, selectPolicy: 'Disabled' }, maxReplicas: 8 }, 10, 400).slice(0, 2)).toEqual([
      8,
      'maxReplicas',
    ]);
  });
});

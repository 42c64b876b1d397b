import { describe, expect, it } from 'vitest';
import type { GatewayView } from '../../../../operator/fleet/fleet.ts';
import { victimsOf } from '../../../../operator/planning/victims.ts';
import { emptyScalingMemory } from '../../../../operator/scaling/memory.ts';
import { neededAtTarget, neededFor, neededWithin } from '../../../../operator/scaling/needed.ts';
import { recommend } from '../../../../operator/scaling/recommend.ts';
import { wantedOf } from '../../../../operator/scaling/wanted.ts';
import { type Spread, spreadOf } from '../../../../operator/scaling/zones.ts';
import { cluster, gateway, spec } from '../../../fakes/chat-cluster.ts';
import fc, { runs } from '../../../setup/random-cases.ts';

const CAPACITY = 500;
const wary = spec({ gateway: { connectionsPerGateway: CAPACITY }, scaling: { standby: { zoneFailure: true } } });

/** Gateways in zones named by a letter each, the oldest first; "." for one whose zone isn't known yet. */
const inZones = (zones: string): GatewayView[] =>
  [...zones].map((zone, i) => gateway({ ordinal: i + 1, zone: zone === '.' ? null : zone, connections: 0, capacity: CAPACITY }));
const spread = (zones: string): Spread => spreadOf(inZones(zones), 'r1');

describe('the spread over zones', () => {
  const counts = (gateways: readonly GatewayView[]) => spreadOf(gateways, 'r1').zones.map(({ name, gateways }) => `${name}${gateways}`);

  it('is that of gateways that stay', () => {
    const drain = { ratePerSecond: 1, startedAt: 0, deadlineAt: 60_000, initial: 1 };
    const leaving = [gateway({ zone: 'c', drain }), gateway({ zone: 'd', phase: 'dead' }), gateway({ zone: 'e', phase: 'terminating' })];
    expect(counts([...inZones('bab.'), ...leaving])).toEqual(['b2', 'a1']);
  });

  it('counts gateways of old settings only for there being a zone: their successors are spread anew', () => {
    const old = inZones('aaab').map((one) => ({ ...one, revision: 'r0' }));
    expect(counts([...old, gateway({ ordinal: 5, zone: 'b' })])).toEqual(['b1', 'a0']);
  });

  it.each([
    ['not when it is even', 'abcabc', false],
    ['not by the first one more', 'abca', false],
    ['not when the newest goes where there are the fewest, as uneven as it is', 'aaaabcb', false],
    ['when the newest goes where there are more already', 'abcaa', true],
    ['not by one whose zone is not known yet', 'aaabc.', false],
    ['by the newest whose zone is known', 'abcaa.', true],
    ['not in the only zone', 'aaa', false],
  ])('tells that other zones take none: %s', (_name, zones, want) => {
    expect(spread(zones).isRefused).toBe(want);
  });
});

describe('what the loss of a zone needs', () => {
  it.each<[string, number, string, number]>([
    ['with one zone no number helps', 2_000, 'aaaaa', 5],
    ['with none known either', 2_000, '.....', 5],
    ['with two each must hold all: 4 full ones, twice', 2_000, 'ab', 8],
    ['with three 4 of 6 are left, which is enough', 2_000, 'abc', 6],
    ['with many the target leaves enough anyway', 2_000, 'abcdefgh', 5],
    ['what is left is filled to the brim', 2_001, 'ab', 10],
    ['more when one zone has more: without its 5 there must be 6', 3_000, 'bbccaaaaa'.split('').reverse().join(''), 11],
    ['no more than that when new ones have come to the others', 3_000, 'aaaaabbbccc', 9],
    ['those whose zone is not known yet go where they are missing', 3_000, 'aaaaabcbc..', 11],
    ['of too many those in the fullest zone can be spared', 2_000, 'aaaaaaaabbcc', 6],
    ['one more, as a trial, when the newest went to the fullest zone too', 3_000, 'abcbcaaaa', 10],
    ['and no other one when that went there as well', 3_000, 'abcbcaaaaa', 10],
    ['nor fewer than there are: without the newest it would not be known, and tried again', 3_000, 'abcbcaaaaaa', 11],
    ['all of them as soon as one went elsewhere', 3_000, 'abcbcaaaab', 11],
  ])('%s', (_name, connections, zones, want) => {
    expect(neededFor(wary, connections, spread(zones))).toBe(want);
    const { standby, ...scaling } = wary.scaling;
    const careless = { ...wary, scaling: { ...scaling, standby: { ...standby, zoneFailure: false } } };
    expect(neededFor(careless, connections, spread(zones))).toBe(Math.ceil(connections / 400));
  });

  it('is not forgotten within the tolerance', () => {
    expect(neededWithin(wary, 2_000, 5, spread('ab'))).toBe(8);
  });

  it.each<[string, string, string | null]>([
    ['an even spread', 'abcabcabc', '9 so that the others suffice when the largest of 3 zones goes away'],
    ['an uneven one', 'aaaaabcbc', '11 so that the others suffice when the largest of 3 zones goes away: a has 5 of 9'],
    [
      'zones that take none',
      'abcbcaaaaa',
      'the others do not suffice when the largest of 3 zones goes away: a has 6 of 10, and the newest found no place where there are fewer',
    ],
    ['one zone', 'aaaaaaaaa', 'gateways are in one zone: none is left when it goes away'],
  ])('is told: %s', (_name, zones, want) => {
    const gateways = inZones(zones).map((one) => ({ ...one, connections: 3_000 / zones.length }));
    const chat = { ...cluster(), spec: { ...wary, scaling: { ...wary.scaling, minReplicas: 1, maxReplicas: 20 } } };
    const memory = { ...emptyScalingMemory(), desired: gateways.length };
    const snapshot = { now: 0, cluster: chat, revision: 'r1', gateways, drainRequests: [], takeBacks: [] };
    expect(recommend(snapshot, memory).recommendation.reasons).toContain(want);
  });
});

/** Zones by their letters, some of which take no new gateway; how many gateways there are in each at first; the load. */
const worlds = fc.record({
  at: fc.array(fc.nat({ max: 9 }), { minLength: 2, maxLength: 4 }),
  full: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
  connections: fc.integer({ min: 1, max: 6_000 }),
});

/** Gateways come and go until there are as many as needed, again and again; new ones to the emptiest zone that takes any. */
class Fleet {
  gateways: GatewayView[] = [];
  readonly #open: readonly string[];
  #ordinal = 0;

  constructor(at: readonly number[], isFull: (zone: number) => boolean) {
    const names = at.map((_, i) => String.fromCharCode(97 + i));
    this.#open = names.filter((_, i) => !isFull(i));
    at.forEach((count, i) => {
      for (let n = 0; n < count; n++) this.#add(names[i] ?? '');
    });
  }

  get zones(): number {
    return new Set(this.gateways.map(({ zone }) => zone)).size;
  }

  /** Of the zone with the most. */
  get largest(): number {
    return spreadOf(this.gateways, 'r1').zones[0]?.gateways ?? 0;
  }

  get isRefused(): boolean {
    return spreadOf(this.gateways, 'r1').isRefused;
  }

  needed(connections: number): number {
    return neededFor(wary, connections, spreadOf(this.gateways, 'r1'));
  }

  /** Answers how often the number changed before it stayed. */
  settle(connections: number): number {
    for (let changes = 0; changes < 50; changes++) {
      const needed = this.needed(connections);
      if (needed === this.gateways.length) return changes;
      while (this.gateways.length < needed) this.#add(this.#emptiest());
      this.leave(this.gateways.length - needed);
    }
    throw new Error('the number of gateways does not come to rest');
  }

  leave(count: number): void {
    const victims = [...victimsOf(this.gateways, 'r1')].slice(0, count).map((victim) => victim.gateway);
    this.gateways = this.gateways.filter((one) => !victims.includes(one));
  }

  #emptiest(): string {
    const count = (zone: string) => this.gateways.filter((one) => one.zone === zone).length;
    return [...this.#open].sort((a, b) => count(a) - count(b))[0] ?? '';
  }

  #add(zone: string): void {
    this.#ordinal += 1;
    this.gateways.push(gateway({ ordinal: this.#ordinal, zone, capacity: CAPACITY }));
  }
}

describe('a gateway that still starts in a zone of its own', () => {
  it('is no reason for fewer: it would be the one to go, and be needed again', () => {
    const all = { up: 510, down: 510, spread: spread('aacb'), settled: spread('aac') };
    expect(neededFor(wary, 510, all.spread)).toBe(3);
    expect(wantedOf(wary, all, 4)).toEqual({ replicas: 4, isTolerated: false, spread: all.settled });
    expect(wantedOf(wary, { ...all, settled: all.spread }, 4).replicas).toBe(3);
  });

  it('is no reason for more either, while it does', () => {
    const all = { up: 1_100, down: 1_100, spread: spread('aacbb'), settled: spread('aac') };
    expect(neededFor(wary, 1_100, all.settled)).toBeGreaterThan(5);
    expect(wantedOf(wary, all, 5).replicas).toBe(5);
  });
});

describe('the number of gateways for the loss of a zone', () => {
  const even = (connections: number, zones: number) => {
    const left = Math.ceil(connections / CAPACITY);
    return Math.max(neededAtTarget(wary, connections), left + Math.ceil(left / (zones - 1)));
  };

  it('comes to rest where the others suffice, and would not with one fewer', () => {
    fc.assert(
      fc.property(worlds, ({ at, connections }) => {
        const fleet = new Fleet(at, () => false);
        fc.pre(!fleet.isRefused);
        fleet.settle(connections);
        if (fleet.zones < 2) return;
        const size = fleet.gateways.length;
        expect((size - fleet.largest) * CAPACITY).toBeGreaterThanOrEqual(connections);
        if (size === neededAtTarget(wary, connections)) return;
        fleet.leave(1);
        expect((size - 1 - fleet.largest) * CAPACITY).toBeLessThan(connections);
      }),
      { numRuns: runs(1_000) },
    );
  });

  it('comes to rest where some zones take none as well, and no more than one above what would do as they were spread', () => {
    fc.assert(
      fc.property(worlds, ({ at, full, connections }) => {
        fc.pre(at.some((_, i) => !full[i]));
        const fleet = new Fleet(at, (zone) => full[zone] === true);
        const most = Math.max(even(connections, 2), Math.ceil(connections / CAPACITY) + fleet.largest);
        fleet.settle(connections);
        expect(fleet.gateways.length).toBeLessThanOrEqual(most + 1);
      }),
      { numRuns: runs(1_000) },
    );
  });
});

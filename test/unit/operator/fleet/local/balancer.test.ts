import { describe, expect, it } from 'vitest';
import type { BalancingAlgorithm } from '../../../../../operator/api/spec.ts';
import { type Candidate, pick } from '../../../../../operator/fleet/local/balancer.ts';
import fc from '../../../../setup/random-cases.ts';

const candidates = (...connections: readonly (number | 'full')[]): Candidate[] =>
  connections.map((n, i) => ({ name: `g${i + 1}`, connections: n === 'full' ? 500 : n, full: n === 'full' }));

describe('pick', () => {
  const table: readonly (readonly [name: string, BalancingAlgorithm, Candidate[], turn: number, want: string | null])[] = [
    ['nothing without a gateway', 'RoundRobin', [], 0, null],
    ['nothing without a gateway, by connections', 'LeastConnections', [], 3, null],
    ['nothing without a gateway, by hash', 'Hash', [], 0, null],
    ['round robin goes from one to the next', 'RoundRobin', candidates(9, 0, 0), 0, 'g1'],
    ['round robin begins again after the last', 'RoundRobin', candidates(0, 0, 0), 5, 'g3'],
    ['round robin passes over the full', 'RoundRobin', candidates('full', 0, 0), 2, 'g2'],
    ['the fewest connections', 'LeastConnections', candidates(5, 2, 7), 0, 'g2'],
    ['equals take turns', 'LeastConnections', candidates(2, 2, 7), 1, 'g2'],
    ['equals take turns, after the last the first', 'LeastConnections', candidates(2, 2, 7), 3, 'g1'],
    // Its accept rate is used up, though it has the fewest connections.
    ['not one that would refuse', 'LeastConnections', [{ name: 'g1', connections: 0, full: true }, ...candidates(1, 9).slice(1)], 0, 'g2'],
    ['a full one, when all are', 'LeastConnections', candidates('full', 'full'), 0, 'g1'],
    ['by hash, a gateway that is at the bound is passed over', 'Hash', candidates(100, 0), 0, 'g2'],
  ];
  it.each(table)('%s', (_, algorithm, among, turn, want) => {
    expect(pick(among, { algorithm, maxSkew: 0.2 }, { key: 'k', turn })?.name ?? null).toBe(want);
  });

  it('spreads a burst over empty gateways evenly, with every algorithm', () => {
    for (const algorithm of ['RoundRobin', 'LeastConnections', 'Hash'] as const) {
      const counts = spread(algorithm, 5, 1000);
      expect(Math.max(...counts), algorithm).toBeLessThanOrEqual(algorithm === 'Hash' ? 241 : 200);
    }
  });

  it('by hash, a key stays where it is when a gateway comes, unless the new one wins it', () => {
    const keys = Array.from({ length: 500 }, (_, i) => `session-${i}`);
    const choose = (among: Candidate[], key: string) => pick(among, { algorithm: 'Hash', maxSkew: 1 }, { key, turn: 0 })?.name;
    const moved = keys.filter((key) => {
      const after = choose(candidates(0, 0, 0, 0, 0), key);
      return after !== 'g5' && after !== choose(candidates(0, 0, 0, 0), key);
    });
    expect(moved).toEqual([]);
    const won = keys.filter((key) => choose(candidates(0, 0, 0, 0, 0), key) === 'g5').length;
    expect(won).toBeGreaterThan(60);
    expect(won).toBeLessThan(140);
  });
});

describe('pick, for any gateways', () => {
  const anyCandidates = fc
    .array(fc.record({ connections: fc.nat(600), full: fc.boolean() }), { minLength: 1, maxLength: 12 })
    .map((list) => list.map((fields, i) => ({ name: `g${i + 1}`, ...fields })));
  const anyAlgorithm = fc.constantFrom<BalancingAlgorithm>('RoundRobin', 'LeastConnections', 'Hash');

  it('chooses one that is not full whenever there is one', () => {
    fc.assert(
      fc.property(anyCandidates, anyAlgorithm, fc.string(), fc.nat(), (among, algorithm, key, turn) => {
        const choice = pick(among, { algorithm, maxSkew: 0.2 }, { key, turn });
        expect(choice?.full).toBe(among.every(({ full }) => full));
      }),
    );
  });

  it('by hash, chooses none above (1 + maxSkew) × the mean', () => {
    fc.assert(
      fc.property(anyCandidates, fc.string(), fc.double({ min: 0, max: 2, noNaN: true }), (list, key, maxSkew) => {
        const among = list.map((candidate) => ({ ...candidate, full: false }));
        const choice = pick(among, { algorithm: 'Hash', maxSkew }, { key, turn: 0 });
        const total = among.reduce((sum, { connections }) => sum + connections, 0);
        expect(choice?.connections).toBeLessThan(Math.ceil(((total + 1) / among.length) * (1 + maxSkew)));
      }),
    );
  });
});

/** Connections of each gateway after `arrivals` at `gateways` that were empty. */
function spread(algorithm: BalancingAlgorithm, gateways: number, arrivals: number): number[] {
  const counts = new Array<number>(gateways).fill(0);
  for (let turn = 0; turn < arrivals; turn++) {
    const choice = pick(candidates(...counts), { algorithm, maxSkew: 0.2 }, { key: `session-${turn}`, turn });
    const index = Number(choice?.name.slice(1)) - 1;
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts;
}

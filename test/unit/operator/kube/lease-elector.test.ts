import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../../../fakes/virtual-time.ts';
import fc, { runs } from '../../../setup/random-cases.ts';
import { ANSWER_LOST, Candidate, DURATION_MS, FakeLeases, type Fate, LOST } from './fake-leases.ts';

function world() {
  const time = new VirtualTime();
  const leases = new FakeLeases(time);
  return { time, leases, candidate: (identity: string) => new Candidate(time, leases, identity).start() };
}

/** Long enough for a candidate to look again. */
const ONE_LOOK_MS = DURATION_MS / 4 + 10;

describe('a lease on the API server', () => {
  it('is taken at once when there is none, and renewed every third of its duration', async () => {
    const { time, leases, candidate } = world();
    const a = candidate('a');
    await time.advance(10);
    expect(a.elector.fence()).toBe(1);
    expect(leases.record?.spec).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 1 });
    await time.advance(61_000);
    expect(leases.writes).toBe(13);
    expect(a.told).toEqual([1]);
  });

  it('is held by one of several, who all want it at the same time', async () => {
    const { time, candidate } = world();
    const all = ['a', 'b', 'c', 'd'].map(candidate);
    await time.advance(60_000);
    expect(all.filter(({ elector }) => elector.fence() !== null)).toHaveLength(1);
    expect(all.flatMap(({ log }) => log.lines).filter((line) => line.startsWith('warn'))).toEqual([]);
  });

  it('goes to another one when its holder is silent for its duration, with a higher fence', async () => {
    const { time, candidate } = world();
    const a = candidate('a');
    await time.advance(10);
    const b = candidate('b');
    await time.advance(30_000);
    a.fate = LOST;
    await time.advance(DURATION_MS - 5_000);
    expect([a.elector.fence(), b.elector.fence()]).toEqual([null, null]);
    await time.advance(5_000 + ONE_LOOK_MS);
    expect([a.elector.fence(), b.elector.fence()]).toEqual([null, 2]);
    expect(a.elector.holds(1)).toBe(false);
    expect(b.elector.holds(2)).toBe(true);
  });

  it('goes to another one within one look when its holder stops', async () => {
    const { time, leases, candidate } = world();
    const a = candidate('a');
    await time.advance(10);
    const b = candidate('b');
    await time.advance(30_000);
    const holderWhenTold: (string | undefined)[] = [];
    a.elector.onChange(() => holderWhenTold.push(leases.record?.spec?.holderIdentity));
    const stopped = a.stop();
    await time.advance(10);
    await stopped;
    // It stops to trust its tenure before it lets go.
    expect([a.told, holderWhenTold]).toEqual([[1, null], ['a']]);
    expect(leases.record?.spec).toMatchObject({ holderIdentity: '', leaseTransitions: 1 });
    await time.advance(ONE_LOOK_MS);
    expect(b.elector.fence()).toBe(2);
  });

  it('is not trusted by a holder that stood still, before anything is written', async () => {
    const { time, leases, candidate } = world();
    const a = candidate('a');
    await time.advance(10);
    const b = candidate('b');
    await time.advance(30_000);
    a.pausedUntil = time.now() + 60_000;
    await time.advance(DURATION_MS + ONE_LOOK_MS);
    expect(b.elector.fence()).toBe(2);
    expect(a.elector.holds(1)).toBe(false);
    await time.advance(60_000);
    expect([a.elector.fence(), b.elector.fence(), leases.record?.spec?.holderIdentity]).toEqual([null, 2, 'b']);
    expect(a.told).toEqual([1, null]);
  });

  it('ends at the next renewal when somebody else wrote himself into it', async () => {
    const { time, leases, candidate } = world();
    const a = candidate('a');
    await time.advance(10);
    leases.put((record) => ({ ...record, spec: { ...record.spec, holderIdentity: 'thief', leaseTransitions: 7 } }));
    await time.advance(DURATION_MS / 3 + 10);
    expect(a.told).toEqual([1, null]);
    expect(leases.record?.spec?.holderIdentity).toBe('thief');
    await time.advance(DURATION_MS + ONE_LOOK_MS);
    expect(a.elector.fence()).toBe(8);
  });

  it('begins a new tenure when somebody changed the record in another way', async () => {
    const { time, leases, candidate } = world();
    const a = candidate('a');
    await time.advance(10);
    leases.put((record) => ({ ...record, metadata: { ...record.metadata, annotations: { note: 'by hand' } } }));
    await time.advance(DURATION_MS / 3 + ONE_LOOK_MS);
    expect(a.told).toEqual([1, null, 2]);
    expect(leases.record?.metadata.annotations).toEqual({ note: 'by hand' });
  });

  it('begins a new tenure with a higher fence when it was deleted', async () => {
    const { time, leases, candidate } = world();
    const a = candidate('a');
    await time.advance(30_000);
    leases.record = null;
    await time.advance(DURATION_MS / 3 + ONE_LOOK_MS);
    expect(a.told).toEqual([1, null, 2]);
  });

  it('is kept through a time without the API server that is shorter than what is trusted', async () => {
    const { time, candidate } = world();
    const a = candidate('a');
    await time.advance(4_000);
    a.fate = { takenMs: null, answeredMs: null };
    await time.advance(2_000);
    a.fate = { takenMs: 1, answeredMs: 2 };
    await time.advance(60_000);
    expect(a.told).toEqual([1]);
  });

  it('is kept when the answer to a renewal was lost', async () => {
    const { time, leases, candidate } = world();
    const a = candidate('a');
    await time.advance(4_000);
    a.fate = ANSWER_LOST;
    await time.advance(2_000);
    const { writes } = leases;
    a.fate = { takenMs: 1, answeredMs: 2 };
    await time.advance(30_000);
    expect(writes).toBe(2);
    expect(a.told).toEqual([1]);
  });

  it('ends in time when the API server is away for longer, and begins anew when it is back', async () => {
    const { time, candidate } = world();
    const a = candidate('a');
    await time.advance(10);
    a.fate = LOST;
    await time.advance((DURATION_MS * 2) / 3 - 20);
    expect(a.elector.fence()).toBe(1);
    await time.advance(20);
    expect(a.elector.fence()).toBeNull();
    a.fate = { takenMs: 1, answeredMs: 2 };
    await time.advance(DURATION_MS);
    expect(a.told).toEqual([1, null, 2]);
  });

  it('is given up by one that stops while the answer to its taking is lost', async () => {
    const { time, candidate } = world();
    const a = candidate('a');
    a.fate = ANSWER_LOST;
    await time.advance(100);
    const b = candidate('b');
    // a's look has an answer, its taking has none.
    await time.advance(6_000);
    a.fate = { takenMs: 1, answeredMs: 2 };
    const stopped = a.stop();
    await time.advance(DURATION_MS);
    await stopped;
    expect(b.elector.fence()).not.toBeNull();
  });

  const clocks = ['1970-01-01T00:00:00.000000Z', '2100-01-01T00:00:00.000000Z', 'no time at all'];
  for (const renewTime of clocks) {
    it(`is waited for its whole duration, whatever the holder's clock says: ${renewTime}`, async () => {
      const { time, leases, candidate } = world();
      leases.record = {
        metadata: { name: 'operator', namespace: 'chat', resourceVersion: '0' },
        spec: { holderIdentity: 'z', leaseDurationSeconds: 20, renewTime, acquireTime: renewTime, leaseTransitions: 41 },
      };
      const a = candidate('a');
      await time.advance(19_990);
      expect(a.elector.fence()).toBeNull();
      await time.advance(ONE_LOOK_MS + 20);
      expect(a.elector.fence()).toBe(42);
    });
  }

  it('is what the loops of all ChatClusters lean on; none of them gives it up', async () => {
    const { time, candidate } = world();
    const a = candidate('a');
    const lease = a.elector.asLease();
    expect(await lease.acquire(0)).toBeNull();
    await time.advance(10);
    expect(await lease.acquire(0)).toBe(1);
    expect([lease.holds(1, 0), lease.holds(2, 0)]).toEqual([true, false]);
    await lease.release();
    expect(lease.holds(1, 0)).toBe(true);
  });

  it('is never held by two, whatever becomes of their calls, with pauses and clocks that go 10 % wrong; and in the end by one', {
    timeout: 60_000,
  }, async () => {
    const fate = fc.oneof(
      { weight: 6, arbitrary: fc.constant<Fate>({ takenMs: 1, answeredMs: 2 }) },
      { weight: 1, arbitrary: fc.constant(LOST) },
      { weight: 1, arbitrary: fc.constant(ANSWER_LOST) },
      // Taken or answered so late that the caller has long given up.
      {
        weight: 2,
        arbitrary: fc.tuple(fc.nat(20_000), fc.nat(20_000)).map(([taken, more]) => ({ takenMs: taken, answeredMs: taken + more })),
      },
    );
    const process = fc.record({
      rate: fc.double({ min: 0.9, max: 1.1, noNaN: true }),
      fates: fc.array(fate, { minLength: 1, maxLength: 60 }),
      pauses: fc.array(fc.record({ at: fc.nat(200_000), ms: fc.nat(40_000) }), { maxLength: 4 }),
      stopsAt: fc.option(fc.nat(200_000), { nil: null }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(process, { minLength: 2, maxLength: 4 }), async (processes) => {
        const time = new VirtualTime();
        const leases = new FakeLeases(time);
        let highest = 0;
        const candidates = processes.map(({ rate, fates, pauses, stopsAt }, index) => {
          const left = [...fates];
          const next = () => left.shift() ?? { takenMs: 1, answeredMs: 2 };
          const candidate = new Candidate(time, leases, `candidate-${index}`, rate, next);
          candidate.elector.onChange(() => {
            const fence = candidate.elector.fence();
            if (fence === null) return;
            expect(fence).toBeGreaterThan(highest);
            highest = fence;
          });
          for (const { at, ms } of pauses) time.setTimeout(() => (candidate.pausedUntil = Math.max(candidate.pausedUntil, at + ms)), at);
          if (stopsAt !== null) time.setTimeout(() => void candidate.stop(), stopsAt);
          return candidate.start();
        });
        for (let at = 0; at < 300_000; at += 500) {
          await time.advance(500);
          expect(candidates.filter(({ elector }) => elector.fence() !== null).length).toBeLessThanOrEqual(1);
        }
        await time.advance(600_000);
        const going = processes.filter(({ stopsAt }) => stopsAt === null).length;
        expect(candidates.filter(({ elector }) => elector.fence() !== null)).toHaveLength(Math.min(1, going));
      }),
      { numRuns: runs(200) },
    );
  });
});

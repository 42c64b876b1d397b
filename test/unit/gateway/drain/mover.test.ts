import { describe, expect, it } from 'vitest';
import { ConnectionTable } from '../../../../gateway/connection/table.ts';
import { FORCE_MS, MOVE_MS, Mover } from '../../../../gateway/drain/mover.ts';
import { type Habit, MovableConnection } from '../../../fakes/movable-connection.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';
import fc, { runs } from '../../../setup/random-cases.ts';

function gateway(connections: number, habit: Habit = 'goes') {
  const clock = new VirtualClock();
  const table = new ConnectionTable();
  const add = (as: Habit = habit) => new MovableConnection(table.size, table, clock, as);
  const all = Array.from({ length: connections }, () => add());
  return { clock, table, add, all, mover: new Mover(table, clock) };
}

const askedOf = (all: readonly MovableConnection[]) => all.filter(({ asked }) => asked !== null).length;

describe('a drain', () => {
  it('asks all clients, at a little less than the rate, and tells them how long they may take', () => {
    const { clock, table, all, mover } = gateway(300);
    mover.drain(100, 60_000);
    clock.advance(1_000);
    expect(askedOf(all)).toBe(90);
    expect(all[0]?.asked).toEqual({ type: 'migrate', delayMs: 50, deadlineMs: MOVE_MS, reason: 'drain' });
    expect(mover.drainProgress).toEqual({ ratePerSecond: 100, initial: 300, elapsedMs: 1_000, remainingMs: 59_000 });
    clock.advance(2_500);
    expect(table.size).toBe(0);
    expect(mover).toMatchObject({ migratedTotal: 300, forcedTotal: 0, isDraining: true });
  });

  it('moves those on too that come meanwhile', () => {
    const { clock, table, add, mover } = gateway(0);
    mover.drain(100, 60_000);
    clock.advance(1_000);
    add();
    clock.advance(1_000);
    expect(table.size).toBe(0);
  });

  it('closes with 1012 who has not gone in time, paced as well', () => {
    const { clock, table, all, mover } = gateway(300, 'stays');
    mover.drain(100, 60_000);
    clock.advance(MOVE_MS);
    expect([askedOf(all), table.size]).toEqual([300, 300]);
    clock.advance(1_000);
    expect(table.size).toBeGreaterThanOrEqual(300 - 100);
    clock.advance(3_000);
    expect([table.size, mover.forcedTotal]).toEqual([0, 300]);
    expect(all[0]?.closedWith).toBe('serviceRestart');
  });

  it('changes its rate but not its deadline when it is asked for again', () => {
    const { clock, all, mover } = gateway(300);
    mover.drain(100, 60_000);
    clock.advance(1_000);
    mover.drain(10, 90_000);
    clock.advance(1_000);
    expect(askedOf(all)).toBe(90 + 8);
    expect(mover.drainProgress).toMatchObject({ ratePerSecond: 10, remainingMs: 58_000 });
  });

  it('stands still at rate 0, but not beyond its deadline', () => {
    const { clock, table, mover } = gateway(90);
    mover.drain(0, 5_000);
    clock.advance(5_000);
    expect(table.size).toBe(90);
    clock.advance(FORCE_MS / 2);
    expect(table.size).toBeGreaterThan(30);
    expect(table.size).toBeLessThan(60);
    clock.advance(FORCE_MS / 2);
    expect([table.size, mover.migratedTotal, mover.forcedTotal]).toEqual([0, 0, 90]);
  });

  it('at its deadline closes what is left, evenly, within the grace, and then at once whoever comes', () => {
    const { clock, table, add, mover } = gateway(2_000, 'stays');
    mover.drain(10, 1_000);
    clock.advance(990);
    const before = table.size;
    const perSecond = Array.from({ length: FORCE_MS / 1_000 }, () => {
      const size = table.size;
      clock.advance(1_000);
      return size - table.size;
    });
    clock.advance(100);
    expect(before).toBe(2_000);
    expect(Math.max(...perSecond)).toBeLessThan(250);
    expect([table.size, mover.forcedTotal]).toEqual([0, 2_000]);
    expect(mover.drainProgress?.remainingMs).toBe(0);
    const late = [add(), add(), add()];
    clock.advance(600);
    expect(late.map(({ closedWith }) => closedWith)).toEqual(['serviceRestart', 'serviceRestart', 'serviceRestart']);
  });

  it('gives those who were told to go when the gateway was cordoned their time, without asking them again', () => {
    const { clock, table, all, mover } = gateway(1, 'stays');
    all[0]?.migrate({ type: 'migrate', delayMs: 1, deadlineMs: 1, reason: 'cordoned' });
    mover.drain(10, 60_000);
    clock.advance(MOVE_MS + 500);
    expect([table.size, mover.migratedTotal, mover.forcedTotal]).toEqual([0, 0, 1]);
  });

  it('is over when it is undone: nobody is asked or closed any more, and no timer is left', () => {
    const { clock, table, all, mover } = gateway(300, 'stays');
    mover.drain(100, 60_000);
    clock.advance(1_000);
    mover.undo();
    expect([clock.pending, mover.drainProgress, mover.isDraining]).toEqual([0, null, false]);
    clock.advance(120_000);
    expect([askedOf(all), table.size]).toEqual([90, 300]);
    // And can begin anew: who was asked before is not asked again.
    mover.drain(100, 60_000);
    clock.advance(15_000);
    expect(table.size).toBe(0);
  });
});

describe('a shed', () => {
  it('asks so many and no more, then rests', () => {
    const { clock, table, all, mover } = gateway(300);
    mover.shed(40, 100);
    expect(mover.shedProgress).toEqual({ ratePerSecond: 100, remaining: 40 });
    clock.advance(5_000);
    expect([askedOf(all), table.size, mover.shedProgress, clock.pending]).toEqual([40, 260, null, 0]);
    expect(all[0]?.asked?.reason).toBe('shed');
  });

  const counts = [
    { name: 'is set, not added to', count: 10, want: 20 + 10 },
    { name: 'of 0 ends', count: 0, want: 20 },
  ];
  it.each(counts)('$name', ({ count, want }) => {
    const { clock, all, mover } = gateway(300);
    mover.shed(200, 23);
    clock.advance(1_000);
    mover.shed(count, 23);
    clock.advance(5_000);
    expect(askedOf(all)).toBe(want);
  });

  it('closes with 1012 who has not gone in time', () => {
    const { clock, table, mover } = gateway(10, 'stays');
    mover.shed(4, 100);
    clock.advance(MOVE_MS + 1_000);
    expect([table.size, mover.forcedTotal, clock.pending]).toEqual([6, 4, 0]);
  });

  it('of more than there are does not mean those that come later', () => {
    const { clock, add, table, mover } = gateway(5);
    mover.shed(50, 100);
    clock.advance(2_000);
    add();
    clock.advance(2_000);
    expect([table.size, clock.pending]).toEqual([1, 0]);
  });

  it('ends when a drain begins, and adds nothing to a drain', () => {
    const { clock, table, mover } = gateway(100);
    mover.shed(5, 100);
    mover.drain(50, 60_000);
    mover.shed(5, 1);
    expect([mover.shedProgress, mover.drainProgress?.ratePerSecond]).toEqual([null, 50]);
    clock.advance(5_000);
    expect(table.size).toBe(0);
  });
});

describe('pacing', () => {
  it('keeps the arrivals elsewhere of any second within the rate + 10 % and one, whatever timers, clients and the operator do', () => {
    const command = fc.record({
      rate: fc.integer({ min: 0, max: 400 }),
      what: fc.constantFrom('drain', 'shed', 'undo'),
      afterMs: fc.nat(3_000),
    });
    const history = fc.record({
      seed: fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
      // Who stays comes in blocks: closing them falls together with asking others who go.
      habits: fc.array(fc.constantFrom<Habit>('goes', 'stays'), { minLength: 6, maxLength: 6 }),
      stalls: fc.double({ min: 0, max: 0.2, noNaN: true }),
      commands: fc.array(command, { minLength: 1, maxLength: 8 }),
    });
    fc.assert(
      fc.property(history, ({ seed, habits, stalls, commands }) => {
        const random = () => seed.next().value ?? 0;
        const clock = new VirtualClock(() => (random() < stalls ? random() * 2_000 : random() * 10));
        const table = new ConnectionTable();
        const all = Array.from({ length: 1_500 }, (_, i) => {
          return new MovableConnection(i, table, clock, habits[Math.floor(i / 250)], random());
        });
        const mover = new Mover(table, clock);
        for (const { rate, what, afterMs } of commands) {
          if (what === 'drain') mover.drain(rate, 1_000_000);
          else if (what === 'shed') mover.shed(rate, rate);
          else mover.undo();
          clock.advance(afterMs);
        }
        const highest = Math.max(...commands.map(({ rate }) => rate));
        clock.advance(MOVE_MS + 5_000);
        const arrivals = all.flatMap(({ arrivedElsewhereAt }) => arrivedElsewhereAt ?? []).sort((a, b) => a - b);
        const most = mostInASecond(arrivals);
        expect(most).toBeLessThanOrEqual(highest * 1.1 + 1);
      }),
      { numRuns: runs(60) },
    );
  });
});

/** The most of these instants (ms, ascending) that lie within one second. */
function mostInASecond(instants: readonly number[]): number {
  let most = 0;
  let first = 0;
  instants.forEach((at, i) => {
    while (at - (instants[first] ?? 0) >= 1_000) first++;
    most = Math.max(most, i - first + 1);
  });
  return most;
}

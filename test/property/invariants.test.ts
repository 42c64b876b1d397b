import { describe, expect, it } from 'vitest';
import { spreadOf } from '../../operator/scaling/zones.ts';
import fc, { runs } from '../setup/random-cases.ts';
import { byAccepts, type Event, everything, type History, historyOf, inZones, ONLY_KILLS, Player } from './history.ts';
import { budgetKept, deletesOnlyTheEmpty, movedToNew, oneActs, passedOver, roomKept, sizeKept, type Watch } from './watches.ts';

/** Histories for each invariant. */
const RUNS = runs(1_000);
const TIMEOUT_MS = Math.max(60_000, 200 * RUNS);

/** Plays random histories under the eyes of a watch, which tells the first thing that must not be; `then` is what comes after. */
async function never(
  events: fc.Arbitrary<Event>,
  watch: (player: Player) => Watch,
  then: (player: Player) => Promise<void> = async () => undefined,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(historyOf(events), async (history) => {
      let first: string | null = null;
      const player: Player = new Player(history, {
        before: (action, operator) => watched.before?.(action, operator),
        after: (action, operator) => watched.after?.(action, operator),
        afterRound: (clean) => watched.afterRound?.(clean),
        afterStep: () => watched.afterStep?.(),
      });
      const watched = watch(player);
      watched.tell = (text) => {
        first ??= `at ${player.world.fleet.now / 1000} s: ${text}`;
      };
      await player.play();
      await then(player);
      expect(first).toBeNull();
    }),
    { numRuns: RUNS },
  );
}

describe('whatever happens', { timeout: TIMEOUT_MS }, () => {
  it('I1: a gateway that holds connections is never deleted before its drain deadline, unless it is dead', () =>
    never(everything(), ({ world }) => deletesOnlyTheEmpty(world)));

  it("I2: a drain never starts, nor goes on, when those that stay can't take what is to be moved", () =>
    never(everything({ drain: 8 }), ({ world }) => roomKept(world)));

  it('I3: the connections moved per second never exceed the budget, at no moment', () =>
    never(everything({ drain: 6, fail: 6 }), ({ world }) => budgetKept(world)));

  it('I4: there are never fewer gateways than min, nor more than max and the surge of a rollout', () =>
    never(everything(), ({ world }) => sizeKept(world)));

  it('a rollout moves nobody onto another old gateway while the new ones have room', () =>
    never(everything({ change: 8, arrive: 8 }), ({ world }) => movedToNew(world)));

  it('newcomers are kept from gateways that do not answer, but never from more than half', () =>
    never(everything({ unreachable: 12 }), ({ world }) => passedOver(world)));

  it('I7: two operators never act at once', () => never(everything({ pause: 8, resume: 6 }), ({ world }) => oneActs(world)));
});

/** A fleet that no more happens to comes to rest within so many seconds, and rests so long: longer than a panic lasts, in which nothing is scaled down. */
const REST = { within: 1_500, seconds: 90 };

/** Nothing is broken any more, and there are no more clients than the most gateways hold at the target: without room a fleet stays where it is. */
function makeRoom(player: Player): void {
  const { world } = player;
  world.heal();
  player.letGo();
  world.fleet.setClients(Math.min(world.fleet.connections + world.fleet.waiting, player.fitting()));
}

/** What the end state is, whatever the gateways are called. */
function shapeOf({ world }: Player): unknown {
  const shapes = world.fleet.gateways().map(({ phase, cordoned, drain, shed, revision }) => ({
    phase,
    cordoned,
    drains: drain !== null,
    sheds: shed !== null,
    isCurrent: revision === world.fleet.revision(),
  }));
  return {
    gateways: shapes.map((shape) => JSON.stringify(shape)).sort(),
    connections: world.fleet.connections,
    waiting: world.fleet.waiting,
  };
}

describe('when nothing happens any more', { timeout: TIMEOUT_MS }, () => {
  it('I5: a constant load reaches a fixed point, and stays there', async () => {
    await fc.assert(
      fc.asyncProperty(historyOf(everything()), async (history) => {
        const player = new Player(history);
        await player.play();
        player.world.heal();
        expect(await player.world.settle(REST.seconds, REST.within)).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  it('a fleet with room ends with the desired gateways, all of the present settings, evenly loaded, and none in a drain', async () => {
    await fc.assert(
      fc.asyncProperty(historyOf(everything()), async (history) => {
        const player = new Player(history, {}, false);
        const { world } = player;
        await player.play();
        makeRoom(player);
        expect(await world.settle(REST.seconds, REST.within)).toBe(true);
        const gateways = world.fleet.gateways();
        const { desired } = world.operator().status() ?? {};
        expect(gateways.map(({ phase, cordoned, drain, revision }) => ({ phase, cordoned, drain, revision }))).toEqual(
          Array.from({ length: desired ?? 0 }, () => ({ phase: 'ready', cordoned: false, drain: null, revision: world.fleet.revision() })),
        );
        const mean = world.fleet.connections / gateways.length;
        const { controls, spec } = world.cluster;
        if (gateways.length > 1 && controls.rebalance !== null) expect(world.rebalanced()).toBe(controls.rebalance);
        if (!spec.rebalance.enabled) return;
        const most = Math.max(mean + 2, mean * (1 + spec.rebalance.maxSkew));
        for (const { held } of gateways) expect(held).toBeLessThanOrEqual(most);
      }),
      { numRuns: RUNS },
    );
  });

  it('one that scales by how many come in has a fixed point as well: who is moved does not count', async () => {
    await fc.assert(
      fc.asyncProperty(byAccepts(historyOf(everything())), async (history) => {
        const player = new Player(history);
        await player.play();
        player.world.heal();
        expect(await player.world.settle(REST.seconds, REST.within)).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  /** A gateway takes longer to start than a scale-down waits, and the zone that it starts in has no other. */
  const SLOW_START: History = {
    seed: 7,
    start: {
      min: 3,
      more: 1,
      target: 50,
      rate: 2,
      surge: 1,
      skew: 0.1,
      rebalances: false,
      algorithm: 'LeastConnections',
      timeoutSeconds: 25,
      settings: 0,
      replicas: 0,
      zoneFailure: true,
    },
    startups: [5_001],
    zones: 3,
    events: [
      { event: { kind: 'kill', after: 0 }, seconds: 4 },
      { event: { kind: 'drain', index: 1 }, seconds: 1 },
      { event: { kind: 'arrive', clients: 41 }, seconds: 4 },
      { event: { kind: 'change', to: { replicas: null } }, seconds: 1 },
    ],
  };

  it('a fleet in zones has a fixed point as well, where the others suffice without the largest zone', async () => {
    let sufficed = 0;
    await fc.assert(
      fc.asyncProperty(inZones(historyOf(everything())), async (history) => {
        const player = new Player(history, {}, false);
        const { world } = player;
        await player.play();
        makeRoom(player);
        expect(await world.settle(REST.seconds, REST.within)).toBe(true);
        const { zones, isRefused } = spreadOf(await world.fleet.list(), world.fleet.revision());
        const most = world.cluster.spec.scaling.maxReplicas;
        const size = world.fleet.gateways().length;
        if (zones.length < 2 || isRefused || size === most) return;
        const others = (size - (zones[0]?.gateways ?? 0)) * world.cluster.spec.gateway.connectionsPerGateway;
        expect(others).toBeGreaterThanOrEqual(world.fleet.connections);
        sufficed += 1;
      }),
      { numRuns: RUNS, examples: [[SLOW_START]] },
    );
    expect(sufficed).toBeGreaterThan(RUNS / 20);
  });

  it('I6: killing the operator anywhere changes nothing in the end state', async () => {
    await fc.assert(
      fc.asyncProperty(historyOf(ONLY_KILLS, 12), async (history) => {
        // Settings with which nothing gets ready are left out: who was there before them, stays.
        const [killing, undisturbed] = [new Player(history, {}, false), new Player(history, {}, false)];
        await killing.play();
        await undisturbed.play(['kill']);
        for (const player of [killing, undisturbed]) {
          makeRoom(player);
          expect(await player.world.settle(REST.seconds, REST.within)).toBe(true);
        }
        expect(shapeOf(killing)).toEqual(shapeOf(undisturbed));
      }),
      { numRuns: RUNS },
    );
  });
});

/**
 * How long a removed ChatCluster may last, seconds: the drains, also those of gateways that were told to stop by somebody else, and those that began when
 * the settings gave them longer; the closing of what is left; the stopping, and a little for actions that failed.
 */
function removalSeconds({ world }: Player, onDeletion: 'Drain' | 'Immediate'): number {
  const { now } = world.fleet;
  const gateways = world.fleet.gateways();
  const drains = onDeletion === 'Drain' || gateways.some(({ phase }) => phase === 'terminating');
  const longestMs = Math.max(world.cluster.spec.drain.timeoutMs, ...gateways.map(({ drain }) => (drain?.deadlineAt ?? now) - now));
  return (drains ? longestMs / 1_000 + 15 : 0) + 20;
}

describe('a ChatCluster that is removed', { timeout: TIMEOUT_MS }, () => {
  /** Whatever was before, and with a gateway that doesn't answer. */
  const removed = (onDeletion: 'Drain' | 'Immediate') => async (player: Player) => {
    const { world } = player;
    world.heal();
    const [first] = world.fleet.gateways();
    if (first !== undefined) world.fleet.setReachable(first.name, false);
    const names = new Set(world.fleet.gateways().map(({ name }) => name));
    player.remove(onDeletion);
    const most = removalSeconds(player, onDeletion);
    for (let i = 0; i < most; i++) {
      await world.step();
      for (const { name } of world.fleet.gateways()) expect(names).toContain(name);
    }
    expect(world.fleet.gateways().map(({ name, phase }) => `${name} ${phase}`)).toEqual([]);
  };

  it.each(['Drain', 'Immediate'] as const)('is gone in time, and I1 holds (%s)', (onDeletion) =>
    never(everything(), ({ world }) => deletesOnlyTheEmpty(world), removed(onDeletion)),
  );

  it('moves no more connections per second than the budget (I3)', () =>
    never(everything({ fail: 4 }), ({ world }) => budgetKept(world), removed('Drain')));
});

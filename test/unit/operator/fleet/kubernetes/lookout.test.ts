import { describe, expect, it } from 'vitest';
import { Lookout, type Surroundings } from '../../../../../operator/fleet/kubernetes/lookout.ts';
import { phaseOf } from '../../../../../operator/fleet/kubernetes/pod-view.ts';
import type { GatewayStatus } from '../../../../../protocol/admin.ts';
import { type PodChanges, pod, status } from './build.ts';

const START = Date.parse('2026-03-01T12:00:00Z');
const NEW: PodChanges = { ready: false, state: { waiting: { reason: 'ContainerCreating' } } };

/** A story of one gateway, by seconds since its Pod's creation. */
class Story {
  #pod: PodChanges;
  #surroundings: Surroundings = { listed: false, nodeGone: false, zone: 'zone-a' };
  readonly lookout: Lookout;

  constructor(first: PodChanges, at = 0, surroundings: Partial<Surroundings> = {}) {
    this.#pod = first;
    this.#surroundings = { ...this.#surroundings, ...surroundings };
    this.lookout = new Lookout(pod(first), this.#surroundings, now(at));
  }

  pod(at: number, changes: PodChanges): this {
    this.#pod = changes;
    this.lookout.see(pod(changes), this.#surroundings, now(at));
    return this;
  }

  around(at: number, changes: Partial<Surroundings>): this {
    this.#surroundings = { ...this.#surroundings, ...changes };
    this.lookout.see(pod(this.#pod), this.#surroundings, now(at));
    return this;
  }

  answers(at: number, changes: Partial<GatewayStatus> = {}): this {
    this.lookout.answered(status(changes), now(at));
    return this;
  }

  fails(at: number, times = 5): this {
    for (let i = 0; i < times; i++) this.lookout.failed('no answer', now(at));
    return this;
  }

  phase(at: number): string {
    return phaseOf(this.lookout.pod, this.lookout.sighting(now(at)));
  }

  sighting(at: number) {
    return this.lookout.sighting(now(at));
  }
}

const now = (at: number) => ({ wall: START + at * 1000, monotonic: 50_000 + at * 1000 });

describe('what is seen of a gateway', () => {
  it('from its creation on: it starts, gets ready, and that moment stays', () => {
    const story = new Story(NEW);
    expect([story.phase(0), story.sighting(0).readyAt]).toEqual(['starting', null]);
    story.pod(1, { ready: false }).fails(1, 2);
    expect(story.phase(1)).toBe('starting');
    story.answers(2, { acceptedTotal: 0 });
    expect(story.phase(2)).toBe('starting');
    story.pod(3, {});
    expect([story.phase(3), story.sighting(9).readyAt]).toEqual(['ready', START + 3_000]);
    expect(story.sighting(9)).toMatchObject({ observedAt: START + 2_000, createdAt: START, failures: 0 });
  });

  it('that was ready before we came: since when Kubernetes says so', () => {
    const story = new Story({}, 100);
    expect(story.phase(100)).toBe('unreachable');
    story.answers(101);
    expect([story.phase(101), story.sighting(101).readyAt]).toEqual(['ready', START + 5_000]);
  });

  it('that we created is as old as our clock says, not that of the API server', () => {
    const story = new Story(NEW, 2);
    story.lookout.createdFrom(START + 700);
    expect(story.sighting(2).createdAt).toBe(START + 700);
  });

  it('counts for one process: the next is asked anew', () => {
    const story = new Story(NEW).pod(1, {}).answers(1);
    story.pod(9, { ready: false, state: { terminated: { exitCode: 1 } } });
    expect([story.phase(9), story.sighting(9)]).toMatchObject(['starting', { status: null, observedAt: null, readyAt: null }]);
    story.pod(10, { ready: false, restartCount: 1 });
    expect(story.phase(10)).toBe('starting');
    story.answers(11, { acceptedTotal: 0 }).pod(12, { restartCount: 1 });
    expect([story.phase(12), story.sighting(12).readyAt]).toEqual(['ready', START + 12_000]);
  });

  it('whose next process nobody saw start may hold clients already', () => {
    const story = new Story(NEW).pod(1, {}).answers(1).pod(60, { ready: false, restartCount: 1 });
    expect(story.phase(60)).toBe('unreachable');
    expect(story.answers(61).phase(61)).toBe('ready');
  });

  it('is unreachable after some failures, and no longer than until it answers', () => {
    const story = new Story({}).answers(0);
    expect(story.fails(1, 2).phase(1)).toBe('ready');
    expect(story.fails(2, 1).phase(2)).toBe('unreachable');
    story.lookout.alive(now(3));
    expect(story.phase(3)).toBe('ready');
  });

  it('is unreachable when its readiness probe fails for long', () => {
    const story = new Story({}).answers(0).pod(10, { ready: false }).answers(10);
    expect([story.phase(24), story.phase(25)]).toEqual(['ready', 'unreachable']);
    story.pod(26, {}).pod(27, { ready: false });
    expect(story.phase(30)).toBe('ready');
  });

  it('is not unready while it is cordoned', () => {
    const story = new Story({}).answers(0).pod(10, { ready: false, accepting: false }).answers(10, { state: 'cordoned' });
    expect(story.phase(100)).toBe('ready');
    story.answers(100);
    expect([story.phase(114), story.phase(115)]).toEqual(['ready', 'unreachable']);
  });
});

describe('endpoints', () => {
  it('have forgotten it a second after they don’t list it any more', () => {
    const story = new Story({}, 0, { listed: true }).answers(0);
    expect([story.lookout.isListed, story.lookout.isForgotten(now(9).monotonic)]).toEqual([true, false]);
    story.around(10, { listed: false });
    expect([story.lookout.isForgotten(now(10.9).monotonic), story.lookout.isForgotten(now(11).monotonic)]).toEqual([false, true]);
    story.around(12, { listed: true });
    expect(story.lookout.isForgotten(now(20).monotonic)).toBe(false);
  });

  it('settle the number of its connections when that was read after they had forgotten it', () => {
    const story = new Story({}, 0, { listed: true }).answers(0).around(10, { listed: false });
    const settled = [10.5, 11.5, 12].map((at) => (at === 12 ? story : story.answers(at)).sighting(at).settled);
    expect(settled).toEqual([false, true, true]);
  });

  it('that go on to list it though it is cordoned are timed', () => {
    const story = new Story({}, 0, { listed: true }).answers(0).pod(5, { accepting: false });
    expect(story.sighting(40).stillListedMs).toBe(35_000);
    expect(story.around(41, { listed: false }).sighting(42).stillListedMs).toBe(0);
  });
});

describe('a node', () => {
  it('that is gone takes a silent gateway with it, when it stays gone', () => {
    const story = new Story({}).answers(0).fails(1).around(2, { nodeGone: true });
    expect([story.phase(41), story.phase(42)]).toEqual(['unreachable', 'dead']);
  });

  it('that is gone does not end a gateway that answers', () => {
    const story = new Story({}).around(0, { nodeGone: true }).answers(0);
    expect(story.phase(100)).toBe('ready');
  });

  it('that came back takes nothing with it', () => {
    const story = new Story({}).answers(0).fails(1).around(2, { nodeGone: true }).around(30, { nodeGone: false });
    expect(story.phase(100)).toBe('unreachable');
  });

  it('that does not end a deleted Pod long after its time is lost', () => {
    const story = new Story({}).answers(0).fails(1).pod(2, { deletedAt: '2026-03-01T12:00:02Z', graceSeconds: 320 });
    expect([story.phase(381), story.phase(382)]).toEqual(['terminating', 'dead']);
  });

  it('may take long to end a gateway that answers', () => {
    const story = new Story({}).pod(2, { deletedAt: '2026-03-01T12:00:02Z', graceSeconds: 1 }).answers(3);
    expect(story.phase(500)).toBe('terminating');
  });
});

it('what a process does is told of it, and of no other', () => {
  const story = new Story({}).answers(10, { acceptedTotal: 100 });
  expect(story.sighting(10).load).toBeNull();
  story.answers(12, { acceptedTotal: 140 });
  expect(story.sighting(12).load?.acceptsPerSecond).toBe(20);
  story.pod(13, { containerID: 'another' });
  expect(story.sighting(13).load).toBeNull();
});

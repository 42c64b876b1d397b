import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KeyQueue } from '../../../../operator/controller/key-queue.ts';

/** Work that is finished by hand. */
class Works {
  readonly begun: string[] = [];
  readonly problems: string[] = [];
  readonly #open = new Map<string, { resolve(again: number | null): void; reject(error: Error): void }>();
  readonly queue = new KeyQueue({
    work: (key) => {
      this.begun.push(key);
      return new Promise((resolve, reject) => this.#open.set(key, { resolve, reject }));
    },
    problem: (key, error) => this.problems.push(`${key}: ${(error as Error).message}`),
    random: () => 1,
  });

  async finish(key: string, outcome: number | null | Error = null): Promise<void> {
    const open = this.#open.get(key);
    if (open === undefined) throw new Error(`${key} is not worked on`);
    if (outcome instanceof Error) open.reject(outcome);
    else open.resolve(outcome);
    await settled();
  }
}

const settled = async () => {
  for (let i = 0; i < 10; i++) await Promise.resolve();
};

describe('work by key', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('never runs twice at once for a key, and once more when the key was added meanwhile', async () => {
    const works = new Works();
    for (const key of ['a', 'a', 'b']) works.queue.add(key);
    await settled();
    works.queue.add('a');
    works.queue.add('a');
    await settled();
    expect(works.begun).toEqual(['a', 'b']);
    await works.finish('a');
    expect(works.begun).toEqual(['a', 'b', 'a']);
    await works.finish('a');
    expect(works.begun).toEqual(['a', 'b', 'a']);
  });

  it('is bounded over all keys', async () => {
    const works = new Works();
    for (let i = 0; i < 20; i++) works.queue.add(`k${i}`);
    await settled();
    expect(works.begun).toHaveLength(8);
    await works.finish('k0');
    expect(works.begun).toHaveLength(9);
  });

  it('is done again when it asks for it, and sooner when somebody else does', async () => {
    const works = new Works();
    works.queue.add('a');
    await settled();
    await works.finish('a', 5_000);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(works.begun).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(works.begun).toHaveLength(2);
    await works.finish('a', 5_000);
    works.queue.add('a');
    await settled();
    expect(works.begun).toHaveLength(3);
    await works.finish('a');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(works.begun).toHaveLength(3);
  });

  it('is tried again after a failure, later each time, at most a minute', async () => {
    const works = new Works();
    works.queue.add('a');
    await settled();
    for (const waitMs of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
      const begun = works.begun.length;
      await works.finish('a', new Error('no'));
      await vi.advanceTimersByTimeAsync(waitMs - 1);
      expect(works.begun).toHaveLength(begun);
      await vi.advanceTimersByTimeAsync(1);
      expect(works.begun).toHaveLength(begun + 1);
    }
    expect(works.problems).toHaveLength(8);
    await works.finish('a');
  });

  it('stops when what is worked on is done, and takes no more', async () => {
    const works = new Works();
    works.queue.add('a');
    await settled();
    let stopped = false;
    const stopping = works.queue.stop().then(() => {
      stopped = true;
    });
    works.queue.add('b');
    await settled();
    expect(stopped).toBe(false);
    await works.finish('a', 10);
    await stopping;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(works.begun).toEqual(['a']);
  });
});

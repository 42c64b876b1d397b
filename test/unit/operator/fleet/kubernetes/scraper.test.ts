import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Scraper } from '../../../../../operator/fleet/kubernetes/scraper.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** One whose answer takes so long, ms; `null`: for ever. */
class Gateway {
  readonly askedAt: number[] = [];
  isStarting = false;
  readonly #answerMs: number | null;
  answering = 0;

  constructor(answerMs: number | null = 1) {
    this.#answerMs = answerMs;
  }

  async scrape(): Promise<void> {
    this.askedAt.push(performance.now());
    this.answering++;
    await new Promise((resolve) => {
      if (this.#answerMs !== null) setTimeout(resolve, this.#answerMs);
    });
    this.answering--;
  }
}

const gaps = ({ askedAt }: Gateway) => askedAt.slice(1).map((at, i) => at - (askedAt[i] ?? 0));

describe('the scraper', () => {
  it('asks each at once, then every interval, a little more or less', async () => {
    const scraper = new Scraper<Gateway>({ intervalMs: 1000, most: 10 });
    const gateway = new Gateway();
    scraper.add(gateway);
    await vi.advanceTimersByTimeAsync(20_000);
    scraper.stop();
    expect(gateway.askedAt.length).toBeGreaterThanOrEqual(18);
    expect(Math.min(...gaps(gateway))).toBeGreaterThanOrEqual(850);
    expect(Math.max(...gaps(gateway))).toBeLessThanOrEqual(1150);
    expect(new Set(gaps(gateway)).size).toBeGreaterThan(3);
  });

  it('wakes up for many at once, also those of other scrapers', async () => {
    const scrapers = [1, 2].map(() => new Scraper<Gateway>({ intervalMs: 1000, most: 1_000 }));
    const gateways = scrapers.flatMap((scraper) =>
      Array.from({ length: 200 }, () => {
        const gateway = new Gateway();
        scraper.add(gateway);
        return gateway;
      }),
    );
    await vi.advanceTimersByTimeAsync(10_000);
    for (const scraper of scrapers) scraper.stop();
    const later = gateways.flatMap(({ askedAt }) => askedAt.slice(1));
    expect(later.length).toBeGreaterThan(3_000);
    expect(new Set(later).size).toBeLessThanOrEqual(200);
  });

  it('asks those that start more often', async () => {
    const scraper = new Scraper<Gateway>({ intervalMs: 1000, most: 10 });
    const gateway = new Gateway();
    gateway.isStarting = true;
    scraper.add(gateway);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(gateway.askedAt.length).toBeGreaterThanOrEqual(7);
    scraper.stop();
  });

  it('has only so many questions under way, and nobody is forgotten', async () => {
    const scraper = new Scraper<Gateway>({ intervalMs: 1000, most: 3 });
    const gateways = Array.from({ length: 20 }, () => new Gateway(50));
    for (const gateway of gateways) scraper.add(gateway);
    let most = 0;
    for (let i = 0; i < 100; i++) {
      await vi.advanceTimersByTimeAsync(10);
      most = Math.max(
        most,
        gateways.reduce((sum, { answering }) => sum + answering, 0),
      );
    }
    scraper.stop();
    expect(most).toBe(3);
    expect(gateways.every(({ askedAt }) => askedAt.length > 0)).toBe(true);
  });

  it('goes on with others while some never answer', async () => {
    const scraper = new Scraper<Gateway>({ intervalMs: 1000, most: 2 });
    const [silent, other] = [new Gateway(null), new Gateway()];
    scraper.add(silent);
    scraper.add(other);
    await vi.advanceTimersByTimeAsync(800);
    expect([silent.askedAt.length, other.askedAt.length]).toEqual([1, 1]);
    scraper.stop();
  });

  it('asks at once whom it is told to hasten, and nobody that was removed', async () => {
    const scraper = new Scraper<Gateway>({ intervalMs: 1000, most: 10 });
    const [one, gone] = [new Gateway(), new Gateway()];
    scraper.add(one);
    scraper.add(gone);
    await vi.advanceTimersByTimeAsync(100);
    scraper.remove(gone);
    scraper.hasten(one);
    scraper.hasten(gone);
    await vi.advanceTimersByTimeAsync(500);
    expect([one.askedAt.length, gone.askedAt.length]).toEqual([2, 1]);
    scraper.stop();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(one.askedAt).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
  });
});

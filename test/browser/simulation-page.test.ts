import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulationOptions } from '../../operator/simulate/options.ts';
import { reportPage } from '../../operator/simulate/page/page.ts';
import { runSimulation } from '../../operator/simulate/run.ts';
import { cluster } from '../fakes/chat-cluster.ts';
import { startChromium } from '../setup/chromium.ts';

describe('the page of a simulation', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chatcluster-test-'));
  const file = join(folder, 'page.html');
  const asked: string[] = [];
  const errors: string[] = [];
  let browser: Browser;
  beforeAll(async () => {
    const words = { profile: 'spike', duration: '20m', clients: '1200', against: 'hpa,keda,knative' };
    writeFileSync(file, reportPage(await runSimulation(simulationOptions(cluster(), words))));
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(width: number, colorScheme: 'light' | 'dark'): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (message) => errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(pathToFileURL(file).href);
    return page;
  }

  it.each([
    [1_280, 'light', 4],
    [400, 'dark', 1],
  ] as const)('fits %d pixels, %s, with %d plots side by side', async (width, colorScheme, columns) => {
    const page = await open(width, colorScheme);
    const [wide, tops, paper] = await page.evaluate(() => {
      const figures = [...document.querySelectorAll('section:first-of-type figure')];
      return [
        document.documentElement.scrollWidth,
        figures.map((figure) => figure.getBoundingClientRect().top),
        getComputedStyle(document.body).backgroundColor,
      ] as const;
    });
    expect(wide).toBe(width);
    expect(tops.filter((top) => top === tops[0])).toHaveLength(columns);
    expect(paper).toBe(colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(15, 20, 25)');
    await page.close();
  });

  it('tells the values of the instant that is pointed at, under every plot', async () => {
    const page = await open(1_280, 'light');
    await page.locator('figure svg').first().hover();
    const told = await page.locator('figure output').allTextContents();
    expect(told).toHaveLength(16);
    for (const text of told) expect(text).toMatch(/^\d+\.\d min: \w+ [\d.]+/);
    await page.mouse.move(0, 0);
    expect(new Set(await page.locator('figure output').allTextContents())).toEqual(new Set(['']));
    await page.close();
  });

  it('needs no network, and nothing in it fails', () => {
    expect(asked.filter((url) => !url.startsWith('file:'))).toEqual([]);
    expect(errors).toEqual([]);
  });
});

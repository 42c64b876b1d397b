import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ClusterStatus } from '../../operator/status/status.ts';
import { clusterStatus, FakeConsole, gatewayLine } from '../fakes/console.ts';
import { startChromium } from '../setup/chromium.ts';

let browser: Browser;
let console_: FakeConsole;
let url: string;
let page: Page;
const faults: string[] = [];

beforeAll(async () => {
  browser = await startChromium();
}, 320_000);
afterAll(() => browser?.close());

beforeEach(async () => {
  console_ = new FakeConsole();
  url = await console_.start();
  page = await browser.newPage();
  faults.length = 0;
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(error.message));
});
afterEach(async () => {
  await page.close();
  await console_.stop();
  expect(faults).toEqual([]);
});

const draining: ClusterStatus = clusterStatus({
  desired: 3,
  connections: 1180,
  capacity: 1500,
  movedPerSecond: 48,
  deliveryLatencyMs: 3.24,
  gateways: [
    gatewayLine({ name: 'local-1', connections: 430 }),
    gatewayLine({ name: 'local-2', connections: 120, migrating: 40, state: 'draining', pid: 4712 }),
    gatewayLine({ name: 'local-3', connections: null, state: 'starting', pid: null }),
  ],
  drains: [
    {
      gateway: 'local-2',
      reason: 'scale down from 4 to 3',
      initial: 480,
      remaining: 120,
      ratePerSecond: 50,
      startedAt: Date.now(),
      deadlineAt: Date.now() + 50_000,
      etaMs: 2400,
    },
  ],
  decisions: [{ at: Date.now(), kind: 'scale', gateway: null, summary: '3 gateways: 1180 connections', reasons: ['400 per gateway'] }],
});

const row = (gateway: string) => page.locator(`[data-gateway="${gateway}"]`);

describe('the dashboard', () => {
  it('shows each gateway with its state, what moves, the drains and the reasons', async () => {
    console_.say(draining);
    await page.goto(`${url}/dashboard`);
    await row('local-3').waitFor();
    expect(await row('local-1').textContent()).toMatch(/ready[\s\S]*430 \/ 500/);
    expect(await row('local-2').textContent()).toMatch(/draining[\s\S]*40 moving[\s\S]*120 \/ 500/);
    expect(await row('local-2').getByRole('meter').getAttribute('aria-valuenow')).toBe('120');
    expect(await page.locator('.figures').textContent()).toMatch(/1,180 of 1,500[\s\S]*2 of 3 desired[\s\S]*48 per second[\s\S]*3\.2 ms/);
    expect(await page.locator('#drains').textContent()).toMatch(/local-2[\s\S]*120 of 480 left · 50\/s · ready in 3 s[\s\S]*scale down/);
    expect(await page.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('75');
    expect(await page.locator('#decisions').textContent()).toMatch(/3 gateways: 1180 connections[\s\S]*400 per gateway/);
    expect(await page.locator('.chart canvas').count()).toBe(4);
  });

  it('follows the stream: a gateway that is gone leaves the list, figures change', async () => {
    console_.say(draining);
    await page.goto(`${url}/dashboard`);
    await row('local-3').waitFor();
    console_.say(clusterStatus({ connections: 77, gateways: [gatewayLine({ connections: 77 })] }));
    await row('local-2').waitFor({ state: 'detached' });
    await page.getByText('No gateway is being drained.').waitFor();
    expect(await page.locator('#connections').textContent()).toBe('77');
  });

  it('draws what was before it was opened', async () => {
    console_.history = [60, 40, 20].map((s) => clusterStatus({ at: Date.now() - s * 1000, connections: s }));
    await page.goto(`${url}/dashboard`);
    await page.locator('.chart canvas').first().waitFor();
    expect(await page.locator('#chart-connections .legend').textContent()).toMatch(/connections 20/);
  });

  it.each([
    ['Drain local-1', '/api/gateways/local-1/drain', 'Draining local-1.'],
    ['Kill local-1', '/api/gateways/local-1/kill', 'Killed local-1.'],
    ['Take local-2 back into service', '/api/gateways/local-2/uncordon', 'Took back local-2.'],
  ])('has a button: %s', async (label, path, notice) => {
    console_.say(draining);
    await page.goto(`${url}/dashboard`);
    await page.getByRole('button', { name: label }).click();
    await page.getByText(notice).waitFor();
    expect(console_.posts).toEqual([{ path, body: {} }]);
  });

  it('sets the number of simulated clients', async () => {
    console_.clients = 250;
    await page.goto(`${url}/dashboard`);
    await page.getByRole('button', { name: '100 simulated clients more' }).click();
    await page.getByText('Going to 350 simulated clients.').waitFor();
    await page.getByLabel('Number of simulated clients').fill('2000');
    await page.getByRole('button', { name: 'Set' }).click();
    await page.getByText('Going to 2,000 simulated clients.').waitFor();
    await page.getByRole('button', { name: '100 simulated clients fewer' }).click();
    await page.getByText('Going to 1,900 simulated clients.').waitFor();
    expect(console_.posts.map(({ body }) => body)).toEqual([{ count: 350 }, { count: 2000 }, { count: 1900 }]);
  });

  it('tells in the console’s words why something was not done', async () => {
    console_.say(draining);
    console_.refusal = 'local-1 is the last gateway.';
    await page.goto(`${url}/dashboard`);
    await page.getByRole('button', { name: 'Drain local-1' }).click();
    await page.getByText('local-1 is the last gateway.').waitFor();
    // Chromium itself notes a refused request.
    expect(faults.splice(0)).toEqual([expect.stringContaining('409')]);
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as pathOf } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ClusterStatus } from '../../operator/status/status.ts';
import { CliProcess } from '../fakes/cli-process.ts';
import { startChromium } from '../setup/chromium.ts';

/** Nobody is moved but by a drain: who is on a gateway is still there when it is killed. */
const CLUSTER = `
apiVersion: chatcluster.io/v1alpha1
kind: ChatCluster
metadata:
  name: local
spec:
  gateway:
    connectionsPerGateway: 50
  scaling:
    minReplicas: 2
    maxReplicas: 5
    behavior:
      scaleDown:
        stabilizationWindowSeconds: 300
  rebalance:
    enabled: false
`;

/** Holds the ChatCluster, and is where `up` puts its temporary files. */
const folder = mkdtempSync(pathOf(tmpdir(), 'chatcluster-test-'));
let browser: Browser;
let cli: CliProcess;
let url: string;
const contexts: BrowserContext[] = [];
/** What Chromium itself writes when a gateway dies during a handshake, whether its end of the socket was closed or reset. */
const CUT_HANDSHAKE =
  /^WebSocket connection to '\S+' failed: (Connection closed before receiving a handshake response|Error in connection establishment: net::ERR_CONNECTION_RESET)$/;
/** What the pages threw, and what was written to their consoles as an error. */
const faults: string[] = [];

beforeAll(async () => {
  browser = await startChromium();
  const file = pathOf(folder, 'cluster.yaml');
  writeFileSync(file, CLUSTER);
  cli = new CliProcess(['up', '-f', file, '--port', '0'], { env: { TMPDIR: folder } });
  [, url = ''] = await cli.until(/Dashboard +(http:\/\/[\d.:]+)\/dashboard/);
  const ready = async () => (await status())?.gateways.filter(({ state }) => state === 'ready').length;
  await vi.waitFor(async () => expect(await ready()).toBe(2), { timeout: 20_000 });
}, 320_000);
afterAll(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  await browser?.close();
  cli?.kill('SIGKILL');
  await cli?.ended;
  rmSync(folder, { recursive: true });
}, 60_000);

async function open(path: string): Promise<Page> {
  const context = await browser.newContext();
  contexts.push(context);
  const page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(error.message));
  await page.goto(`${url}${path}`);
  return page;
}

async function join(name: string): Promise<Page> {
  const page = await open('/');
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByText(/connected through/).waitFor();
  return page;
}

async function status(): Promise<ClusterStatus | null> {
  const response = await fetch(`${url}/api/status`);
  return response.ok ? ((await response.json()) as ClusterStatus) : null;
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill(text);
  await page.keyboard.press('Enter');
}

const texts = (page: Page) => page.locator('#messages .text').allInnerTexts();
async function gatewayOf(page: Page): Promise<string> {
  const words = (await page.locator('#connection').textContent()) ?? '';
  return /connected through (\S+)/.exec(words)?.[1] ?? '';
}

describe('chatcluster up, seen through its pages', () => {
  it('moves who chats when the dashboard’s button drains their gateway, and nobody misses a word', async () => {
    const [ada, bob, dashboard] = [await join('Ada'), await join('Bob'), await open('/dashboard')];
    const from = await gatewayOf(ada);
    const said: string[] = [];
    const talk = async (until: () => Promise<boolean>) => {
      do {
        const text = `message ${said.length}`;
        said.push(text);
        await say(said.length % 2 === 0 ? ada : bob, text);
      } while (!(await until()));
    };
    await talk(async () => said.length >= 6);
    await dashboard.getByRole('button', { name: `Drain ${from}` }).click();
    await talk(async () => (await ada.getByText(`moved from ${from} to`).count()) > 0);
    await dashboard.locator(`[data-gateway="${from}"]`).waitFor({ state: 'detached' });
    await talk(async () => said.length % 6 === 0);

    await ada.getByText(new RegExp(`moved from ${from} to local-\\d+, 0 messages missed`)).waitFor();
    for (const page of [ada, bob]) {
      await expect.poll(async () => (await texts(page)).length).toBe(said.length);
      expect([...(await texts(page))].sort()).toEqual([...said].sort());
      expect(await page.locator('.gap, .failed').count()).toBe(0);
    }
    expect(await texts(ada)).toEqual(await texts(bob));
    expect(faults).toEqual([]);
  }, 60_000);

  it('scales for simulated clients, and survives that a gateway is killed', async () => {
    const [ada, dashboard] = [await join('Cyd'), await open('/dashboard')];
    await dashboard.getByRole('button', { name: '100 simulated clients more' }).click();
    await expect.poll(() => dashboard.locator('.gateway[data-state="ready"]').count(), { timeout: 30_000 }).toBeGreaterThanOrEqual(3);
    await expect.poll(async () => (await status())?.connections, { timeout: 30_000 }).toBeGreaterThanOrEqual(100);
    const victim = await gatewayOf(ada);
    expect(faults).toEqual([]);
    await dashboard.getByRole('button', { name: `Kill ${victim}` }).click();
    await expect.poll(() => gatewayOf(ada), { timeout: 20_000 }).not.toMatch(new RegExp(`^(${victim})?$`));
    await say(ada, 'still here');
    await ada.locator('#messages').getByText('still here').waitFor();
    await ada.getByText(new RegExp(`lost ${victim}, went on through local-\\d+, 0 messages missed`)).waitFor();
    expect(faults.filter((fault) => !CUT_HANDSHAKE.test(fault))).toEqual([]);
  }, 120_000);
});

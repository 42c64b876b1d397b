import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SmallCluster } from '../fakes/small-cluster.ts';
import { startChromium } from '../setup/chromium.ts';

let browser: Browser;
let cluster: SmallCluster;
let url: string;
const contexts: BrowserContext[] = [];
const faults: string[] = [];

beforeAll(async () => {
  browser = await startChromium();
}, 320_000);
afterAll(() => browser?.close());

beforeEach(async () => {
  cluster = new SmallCluster('local-3', 'local-5');
  url = await cluster.start();
  faults.length = 0;
});
afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()));
  await cluster.stop();
  expect(faults).toEqual([]);
});

/** A window of its own, as of another person, that has joined. */
async function join(name: string, hash = ''): Promise<Page> {
  const context = await browser.newContext();
  contexts.push(context);
  const page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  page.on('pageerror', (error) => faults.push(error.message));
  await page.goto(`${url}/${hash}`);
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByText(/connected through/).waitFor();
  return page;
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message', { exact: true }).fill(text);
  await page.keyboard.press('Enter');
}

const texts = (page: Page) => page.locator('#messages .text').allInnerTexts();
const shown = (page: Page, text: string) => page.locator('#messages').getByText(text, { exact: true }).waitFor();
const members = (page: Page) => page.locator('#members .member span:last-child').allInnerTexts();

describe('the chat', () => {
  it('goes on through a drain: all messages, once and in order, and it says that it moved', async () => {
    const [ada, bob] = [await join('Ada'), await join('Bob')];
    await ada.getByText('connected through local-3').waitFor();
    const said: string[] = [];
    for (let i = 0; i < 30; i++) {
      if (i === 10) {
        cluster.serveBy(1);
        cluster.drain(0);
      }
      const text = `message ${i}`;
      said.push(text);
      await say(i % 2 === 0 ? ada : bob, text);
    }
    for (const page of [ada, bob]) {
      await page.getByText('moved from local-3 to local-5, 0 messages missed').waitFor();
      await page.getByText('connected through local-5').waitFor();
      await expect.poll(async () => (await texts(page)).length).toBe(30);
      expect(await page.locator('.gap, .failed, .pending').count()).toBe(0);
    }
    const order = await texts(ada);
    expect(await texts(bob)).toEqual(order);
    expect([...order].sort()).toEqual([...said].sort());
    const ofAda = (list: string[]) => list.filter((text) => Number(text.split(' ')[1]) % 2 === 0);
    expect(ofAda(order)).toEqual(ofAda(said));
    await expect.poll(() => cluster.connections(0)).toBe(0);
    // Nobody left and came: the members are still the two.
    expect(await members(ada)).toEqual(['Ada (you)', 'Bob']);
  });

  it('comes back after a loss, with what was said meanwhile', async () => {
    const ada = await join('Ada');
    cluster.serveBy(1);
    const bob = await join('Bob');
    cluster.closeAll(0, 'serviceRestart');
    await say(bob, 'are you there?');
    await shown(ada, 'are you there?');
    await ada.getByText('lost local-3, went on through local-5, 0 messages missed').waitFor();
  });

  it('shows the last fifty messages to who joins, and who is there', async () => {
    const ada = await join('Ada');
    for (let i = 1; i <= 55; i++) await say(ada, `m${i}`);
    await shown(ada, 'm55');
    await expect.poll(async () => (await ada.locator('.pending').count()) === 0).toBe(true);
    const bob = await join('Bob');
    await shown(bob, 'm55');
    expect(await texts(bob)).toEqual(Array.from({ length: 50 }, (_, i) => `m${i + 6}`));
    await expect.poll(() => members(bob)).toEqual(['Ada', 'Bob (you)']);
    await expect.poll(() => members(ada)).toEqual(['Ada (you)', 'Bob']);
    await bob.close();
    await expect.poll(() => members(ada)).toEqual(['Ada (you)']);
  });

  it('shows that somebody types, until the message is there', async () => {
    const [ada, bob] = [await join('Ada'), await join('Bob')];
    await expect.poll(() => members(ada)).toHaveLength(2);
    await bob.getByLabel('Message', { exact: true }).pressSequentially('hel');
    await ada.getByText('Bob is typing …').waitFor();
    await bob.keyboard.press('Enter');
    await shown(ada, 'hel');
    await ada.getByText('Bob is typing …').waitFor({ state: 'detached' });
  });

  it('has rooms: what is said in another one is counted, and shown when it is opened', async () => {
    const [ada, bob] = [await join('Ada'), await join('Bob', '#random')];
    await say(bob, 'over here');
    const random = ada.getByRole('button', { name: /random/ });
    await random.locator('.unread').getByText('1').waitFor();
    expect(await texts(ada)).toEqual([]);
    await random.click();
    await shown(ada, 'over here');
    expect(await random.locator('.unread').isVisible()).toBe(false);
    await ada.getByLabel('Name of a room to open').fill('Secret Garden');
    await ada.keyboard.press('Enter');
    await ada.getByRole('heading', { name: '# secret-garden' }).waitFor();
    expect(new URL(ada.url()).hash).toBe('#secret-garden');
  });

  it('shows names and messages as text, whatever they hold', async () => {
    const ada = await join('<img src=x onerror=alert(1)>');
    await say(ada, '<script>alert(1)</script>');
    await shown(ada, '<script>alert(1)</script>');
    await ada.getByText('<img src=x onerror=alert(1)>', { exact: true }).first().waitFor();
    expect(await ada.locator('#chat img[src="x"]').count()).toBe(0);
  });
});

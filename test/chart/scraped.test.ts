import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeFolder } from '../servers/leftovers.ts';
import { until } from '../servers/until.ts';
import { asSent, type Chosen, dashboard, labelsIn, measured, queries, ruleFile, rules } from './asked.ts';
import { CLIENTS, openScrapedWorld, SCRAPE_SECONDS, type ScrapedWorld } from './scraped-world.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 180_000 });

/** An alert that nobody waits minutes for here; how long each must be true is promtool's to test. */
const HASTY = {
  ...ruleFile,
  groups: ruleFile.groups.map((group) => ({ ...group, rules: group.rules.map((rule) => ({ ...rule, for: '0s' })) })),
};
const EVENT_MS = 30_000;
/** On a machine that is busy a scrape fails now and then; the next one is there a second later. */
const SCRAPES_MS = 6_000 * SCRAPE_SECONDS;

/** What stays at 0 in this world, by panel and legend: there is a series all the same, so that a first time would be seen. */
const NEVER: Readonly<Record<string, string>> = {
  'Closed because their time to move was over: {{pod}}': 'all clients know how to move, and have the time',
  'What clients were told: gaps': 'the history holds all',
  'What clients were told: lost tails': 'the broker keeps all',
  'What clients were told: too slow': 'all read',
  'What clients were told: refused': 'there is room',
};

let world: ScrapedWorld;
/** What Grafana chooses when All is chosen. */
let all: Chosen;

beforeAll(async () => {
  const file = join(makeFolder('hasty'), 'rules.json');
  writeFileSync(file, JSON.stringify(HASTY));
  world = await openScrapedWorld(file);
});
afterAll(() => world?.stop());

describe('with clients that talk', () => {
  it('the variables find the ChatCluster in its own namespace, not in that of the operator', async () => {
    let chosen: Chosen = {};
    for (const { name, type, query } of dashboard.templating.list) {
      if (type !== 'query' || typeof query === 'string') continue;
      const [, selector = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(query.query) ?? expect.fail(query.query);
      chosen = { ...chosen, [name]: await world.prometheus.labelValues(label, asSent(selector, chosen, SCRAPE_SECONDS)) };
    }
    expect(chosen).toEqual({ namespace: ['chat-a'], chatcluster: ['chat'] });
    all = chosen;
  });

  it.each([
    ['Connections', CLIENTS],
    ['Utilization', CLIENTS / 100],
    ['Gateways wanted', 2],
    ['Gateways ready', 2],
    ['Operators that act', 1],
  ])('the panel "%s" says %d', async (title, want) => {
    const { expr = '' } = queries.find((query) => query.title === title) ?? {};
    await soon(async () => expect(await world.prometheus.query(asSent(expr, all, SCRAPE_SECONDS))).toEqual([{ labels: {}, value: want }]));
  });

  it('another namespace has none of it', async () => {
    const { expr = '' } = queries[0] ?? {};
    expect(await world.prometheus.query(asSent(expr, { ...all, namespace: ['chat-system'] }, SCRAPE_SECONDS))).toEqual([]);
  });

  it('no critical alert is active', () =>
    soon(async () => {
      const alerts = await world.prometheus.alerts();
      expect(alerts.filter(({ labels }) => labels.severity === 'critical')).toEqual([]);
    }));
});

describe('each alert can fire', () => {
  it('all are loaded, and can be evaluated', () =>
    soon(async () => {
      const loaded = await world.prometheus.rules();
      expect(new Map(loaded.map(({ name, health }) => [name, health]))).toEqual(new Map(rules.map(({ alert }) => [alert, 'ok'])));
    }));

  it.each(rules)('$alert measures what there is: $expr', ({ expr, annotations }) =>
    soon(async () => {
      const parts = measured(expr);
      const answers = await Promise.all(parts.map((part) => world.prometheus.query(part)));
      expect(parts.join(' ')).not.toMatch(/(==|!=|>=|<=|>|<) |absent|unless/);
      for (const samples of answers) {
        expect(samples).not.toEqual([]);
        for (const { value } of samples) expect(value).not.toBeNaN();
      }
      // An alert has the labels of what stands first.
      const shown = labelsIn(Object.values(annotations).join(' '));
      for (const { labels } of answers[0] ?? []) for (const label of shown) expect(labels[label], label).toBeTruthy();
    }),
  );
});

describe('what happens is seen', () => {
  it('a gateway more, and one that is drained', async () => {
    const ready = async (count: number) =>
      until(`${count} gateways`, EVENT_MS, async () => {
        const [sample] = await world.prometheus.query('sum(chatcluster_gateways{state="ready"}) == sum(chatcluster_gateways)');
        return sample?.value === count || undefined;
      });
    await world.scale({ minReplicas: 3 });
    await ready(3);
    await until('clients were moved to it', EVENT_MS, async () => {
      const spread = await world.prometheus.query('chatcluster_gateway_connections > 0');
      return spread.length === 3 || undefined;
    });
    await world.scale({ minReplicas: 1 });
    await ready(1);
  });

  it('a broker that is away: an alert fires, and is over when it is back', async () => {
    const active = async () => (await world.prometheus.alerts()).find(({ labels }) => labels.alertname === 'ChatClusterBrokerAway');
    expect(await active()).toBeUndefined();
    world.redis.pause();
    const fired = await until('the alert fires', EVENT_MS, active);
    expect(fired).toMatchObject({ state: 'firing', labels: { namespace: 'chat-a', chatcluster: 'chat', severity: 'critical' } });
    expect(fired.annotations.summary).toBe('No gateway of chat-a/chat reaches the broker.');
    world.redis.resume();
    await until('the alert is over', EVENT_MS, async () => ((await active()) === undefined ? true : undefined));
  });
});

describe('each panel shows something', () => {
  it.each(queries)('"$title", $legend: $expr', async ({ title, expr, legend }) => {
    const series = await world.prometheus.range(asSent(expr, all, SCRAPE_SECONDS), world.startedAt);
    expect(series).not.toEqual([]);
    for (const { labels } of series) for (const label of labelsIn(legend)) expect(labels[label], label).toBeTruthy();
    const values = series.flatMap((one) => one.values);
    expect(values.filter((value) => !Number.isFinite(value))).toEqual([]);
    if (NEVER[`${title}: ${legend}`] === undefined) expect(Math.max(...values)).toBeGreaterThan(0);
  });

  it('what is said to stay at 0 is a panel', () => {
    expect(queries.map(({ title, legend }) => `${title}: ${legend}`)).toEqual(expect.arrayContaining(Object.keys(NEVER)));
  });
});

/** Until the expectations hold; else rejects with those that didn't. */
async function soon(look: () => Promise<void>): Promise<void> {
  await until('what is expected', SCRAPES_MS, async () => {
    await look();
    return true;
  });
}

import { describe, expect, it } from 'vitest';
import { clusterStatusOf } from '../../../../cli/kube/cluster-status.ts';
import { type Figures, figuresOf } from '../../../../cli/kube/metrics.ts';
import { renderTop } from '../../../../cli/kube/render-top.ts';
import { ratesBetween, type Samples, sampleAll } from '../../../../cli/kube/sampler.ts';
import { topOf } from '../../../../cli/kube/top.ts';
import { createMetrics } from '../../../../gateway/metrics.ts';
import { KubeError } from '../../../../operator/kube/error.ts';
import { clusterResource, pod, settled, waitingPod } from '../../../fakes/kube-resources.ts';

const figures = (changes: Partial<Figures> = {}): Figures => ({
  connections: 350,
  capacity: 500,
  movedTotal: 10,
  deliveredTotal: 1_000,
  cpuSeconds: 5,
  memoryBytes: 80 * 2 ** 20,
  ...changes,
});
const text = (f: Figures) =>
  Object.entries({
    connections: f.connections,
    capacity: f.capacity,
    migrated_total: f.movedTotal,
    delivered_total: f.deliveredTotal,
    cpu_seconds_total: f.cpuSeconds,
    resident_memory_bytes: f.memoryBytes,
  })
    .map(
      ([name, value]) =>
        `# HELP chatcluster_gateway_${name} x\n# TYPE chatcluster_gateway_${name} gauge\nchatcluster_gateway_${name} ${value}\n`,
    )
    .join('');
const signal = new AbortController().signal;

describe('figuresOf', () => {
  it('reads what a gateway tells', () => expect(figuresOf(text(figures()))).toEqual(figures()));

  it('knows the names that gateways really use', async () => {
    const read = createMetrics({
      status: () =>
        ({
          connections: 3,
          migrating: 0,
          capacity: 9,
          state: 'accepting',
          broker: 'ok',
          startupMs: 1,
          eventLoopDelayMs: 1,
          deliveryLatencyMs: null,
          migratedTotal: 2,
        }) as never,
      counters: { delivered: 4 } as never,
      channels: () => 0,
      heldPolls: () => 0,
      publishLatency: { takeP99: () => null },
      telemetry: { waiting: 0, liveLagMs: 0, reconnects: 0, failures: new Map([['away', 7]]), scripts: 0 } as never,
    });
    expect(figuresOf((await read()).text)).toMatchObject({ connections: 3, capacity: 9, movedTotal: 2, deliveredTotal: 4 });
  });

  it.each([
    ['a page', '<html>'],
    ['nothing', ''],
    ['metrics of something else', 'go_goroutines 7\n'],
  ])('is null for %s', (_, given) => expect(figuresOf(given)).toBeNull());
});

describe('ratesBetween', () => {
  const at = (seconds: number, changes: Partial<Figures> = {}) => ({ at: seconds * 1_000, figures: figures(changes) });
  it('counts for a second', () => {
    expect(ratesBetween(at(0), at(2, { movedTotal: 60, deliveredTotal: 1_500, cpuSeconds: 6 }))).toEqual({
      moved: 25,
      delivered: 250,
      cpu: 0.5,
    });
  });
  it('says nothing of a gateway that was started anew', () => expect(ratesBetween(at(0), at(2, { movedTotal: 0 }))).toBeNull());
  it('says nothing of no time', () => expect(ratesBetween(at(1), at(1))).toBeNull());
});

describe('sampleAll', () => {
  const refused = new KubeError('ask a for its metrics: ann has no right to get pods/proxy in namespace shop', {
    status: 403,
    kind: 'forbidden',
  });

  it('asks each gateway that runs, and goes on past one that does not answer', async () => {
    const asked: string[] = [];
    const pods = [pod('a'), pod('b'), pod('c'), pod('d', { status: waitingPod('ContainerCreating') })];
    const found = await sampleAll(
      pods,
      async (_, name) => {
        asked.push(name);
        if (name === 'b') throw new KubeError('ask b: no answer', { status: 0, kind: 'unavailable' });
        return name === 'c' ? '<html>' : text(figures());
      },
      signal,
    );
    expect(asked.toSorted()).toEqual(['a', 'b', 'c']);
    expect([...found.samples.keys()]).toEqual(['a']);
    expect([...found.problems]).toEqual([
      ['b', 'ask b: no answer'],
      ['c', 'what answers on its admin port is no gateway'],
    ]);
    expect(found.forbidden).toBeNull();
  });

  it('asks no further without the right, but for what is under way', async () => {
    let asked = 0;
    const pods = Array.from({ length: 100 }, (_, i) => pod(`chat-${i}`));
    const refuse = async () => {
      asked += 1;
      throw refused;
    };
    const found = await sampleAll(pods, refuse, signal);
    expect(found.forbidden).toBe('ann has no right to get pods/proxy in namespace shop');
    expect(asked).toBeLessThanOrEqual(16);
  });

  it('does not hide an error of ours', async () => {
    await expect(sampleAll([pod('a')], () => Promise.reject(new TypeError('ours')), signal)).rejects.toThrow('ours');
  });
});

describe('top', () => {
  const cluster = clusterStatusOf(clusterResource(settled), [pod('chat-1'), pod('chat-2')]);
  const samples = (entries: Readonly<Record<string, Figures>>, seconds: number, more: Partial<Samples> = {}): Samples => ({
    samples: new Map(Object.entries(entries).map(([name, figures]) => [name, { figures, at: seconds * 1_000 }])),
    problems: new Map(),
    forbidden: null,
    ...more,
  });
  const shown = (before: Samples, after: Samples, width = 120) => renderTop(topOf(cluster, before, after), { width, color: false });

  it('shows each gateway, and all of them', () => {
    const after = {
      'chat-1': figures({ movedTotal: 13, deliveredTotal: 9_000, cpuSeconds: 5.5 }),
      'chat-2': figures({ connections: 500, memoryBytes: 2 ** 31 }),
    };
    expect(shown(samples({ 'chat-1': figures(), 'chat-2': figures() }, 0), samples(after, 2)).split('\n')).toEqual(
      [
        'shop/chat  2 gateways, 2 ready, 2 desired',
        '700 connections · room for 1,000 · 70% used',
        '',
        'GATEWAY  STATE  CONNECTIONS              USED  MOVED/S  DELIVERED/S   CPU    MEMORY',
        'chat-1   ready      350/500  ███████░░░  70 %      1.5        4,000  25 %    80 MiB',
        'chat-2   ready      500/500  ██████████  100 %        0            0   0 %   2.0 GiB',
        'all             850/1,000  ████████▌░  85 %      1.5        4,000  25 %   2.1 GiB',
      ].map((line) => expect.stringMatching(looselyAs(line))),
    );
  });

  it('says why there are no figures, and shows the rest', () => {
    const none = samples({}, 0, { forbidden: 'ann has no right to get pods/proxy in namespace shop' });
    const lines = shown(none, none).split('\n');
    expect(lines[1]).toBe('700 connections · room for 1,000 · 70% used');
    expect(lines[4]).toMatch(/^chat-1 +ready +- +- +- +- +- +-$/);
    expect(lines.slice(-2).join(' ')).toBe(
      'No figures of single gateways: ann has no right to get pods/proxy in namespace shop. A Role with the verb get on pods/proxy in namespace shop gives them.',
    );
  });

  it('tells of gateways that do not answer', () => {
    const after = samples({}, 2, {
      problems: new Map([
        ['chat-1', 'no answer'],
        ['chat-2', 'nor here'],
      ]),
    });
    expect(shown(samples({}, 0), after).split('\n').slice(-2)).toEqual(['No figures of chat-1. No answer.', 'Nor of chat-2.']);
  });

  it.each([40, 60, 80, 100])('fits in %i cells', (width) => {
    const all = samples({ 'chat-1': figures(), 'chat-2': figures() }, 0);
    for (const line of shown(all, samples({ 'chat-1': figures(), 'chat-2': figures() }, 2), width).split('\n'))
      expect(line.length).toBeLessThanOrEqual(width);
  });
});

/** Spaces stand for any number of them. */
function looselyAs(line: string): RegExp {
  return new RegExp(
    `^${line
      .split(/ +/)
      .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join(' +')}$`,
  );
}

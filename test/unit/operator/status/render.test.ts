import { describe, expect, it } from 'vitest';
import { renderStatus } from '../../../../operator/status/render.ts';
import type { ClusterStatus, GatewayLine } from '../../../../operator/status/status.ts';
import { bar, span, wrap } from '../../../../operator/status/text.ts';
import fc from '../../../setup/random-cases.ts';

function line(ordinal: number, changes: Partial<GatewayLine> = {}): GatewayLine {
  const name = `chat-${ordinal}`;
  return {
    name,
    state: 'ready',
    connections: 400,
    migrating: 0,
    capacity: 500,
    pid: 100 + ordinal,
    current: true,
    zone: null,
    createdAt: 0,
    ...changes,
  };
}

function status(changes: Partial<ClusterStatus> = {}): ClusterStatus {
  return {
    name: 'chat',
    at: 100_000,
    desired: 2,
    needed: 2,
    limits: { min: 1, max: 10 },
    connections: 800,
    capacity: 1_000,
    movedPerSecond: 0,
    deliveryLatencyMs: null,
    gateways: [line(1), line(2)],
    drains: [],
    decisions: [],
    conditions: [],
    ...changes,
  };
}

const busy = status({
  desired: 2,
  movedPerSecond: 49.6,
  deliveryLatencyMs: 2.34,
  gateways: [
    line(1),
    line(2, { connections: 500, current: false }),
    line(3, { state: 'draining', connections: 100 }),
    line(4, { state: 'dead', connections: null, pid: null }),
  ],
  drains: [
    {
      gateway: 'chat-3',
      reason: 'fewest connections',
      initial: 400,
      remaining: 100,
      ratePerSecond: 50,
      startedAt: 90_000,
      deadlineAt: 150_000,
      etaMs: 2_000,
    },
    {
      gateway: 'chat-5',
      reason: 'asked for',
      initial: 9,
      remaining: 9,
      ratePerSecond: 0,
      startedAt: 90_000,
      deadlineAt: 90_000,
      etaMs: null,
    },
  ],
  decisions: [
    { at: 99_000, kind: 'drain', gateway: 'chat-3', summary: 'drain chat-3', reasons: ['fewest connections'] },
    {
      at: 3_000,
      kind: 'scale',
      gateway: null,
      summary: '2 gateways: 800 connections / 400 per gateway',
      reasons: ['800 connections / 400 per gateway', 'maxReplicas is 2, the load needs 9'],
    },
  ],
  conditions: [
    { type: 'Available', status: 'True', reason: 'GatewaysReady', message: 'All well.' },
    { type: 'Draining', status: 'True', reason: 'MovingConnections', message: 'Shown above.' },
    { type: 'Degraded', status: 'True', reason: 'GatewaysMissing', message: 'chat-4 is dead.' },
  ],
});

describe('renderStatus', () => {
  it('tells it all in 80 columns', () => {
    expect(renderStatus(busy, { width: 80, color: false }).split('\n')).toEqual([
      'chat  4 gateways, 2 ready, 2 desired',
      '800 connections of 1,000 (80 %) · 50 moved/s · delivered in 2.3 ms (p99)',
      '',
      'GATEWAY  STATE        CONNECTIONS                                       PID',
      'chat-1   ready            400/500  ████████████████████████░░░░░░  80%  101',
      'chat-2   ready            500/500  ██████████████████████████████ 100%  102 old',
      'chat-3   draining         100/500  ██████░░░░░░░░░░░░░░░░░░░░░░░░  20%  103',
      'chat-4   dead               ?/500  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░',
      '',
      'DRAINS',
      '  chat-3  100 of 400 left, 50/s, empty in 2 s, closes the rest in 50 s: fewest',
      '    connections',
      '  chat-5  9 of 9 left, paused, closes the rest now: asked for',
      '',
      'CONDITIONS',
      '  Degraded GatewaysMissing: chat-4 is dead.',
      '',
      'DECISIONS',
      '        1 s ago  drain chat-3; fewest connections',
      ' 1 min 37 s ago  2 gateways: 800 connections / 400 per gateway; maxReplicas is',
      '                 2, the load needs 9',
    ]);
  });

  it('says that there is nothing yet', () => {
    const text = renderStatus(status({ desired: null, connections: 0, capacity: 0, gateways: [] }), { width: 80, color: false });
    expect(text).toBe('chat  0 gateways, 0 ready, nothing decided yet\n0 connections of 0 (–) · 0 moved/s\n\nNo gateways.');
  });

  it('shows of many gateways those that are not simply ready, and counts the rest', () => {
    const gateways = Array.from({ length: 700 }, (_, i) =>
      line(i + 1, i === 650 ? { state: 'draining' } : i === 660 ? { current: false } : {}),
    );
    const text = renderStatus(status({ gateways }), { width: 80, color: false, gateways: 4 });
    expect(text.match(/^chat-\d+/gm)).toEqual(['chat-1', 'chat-2', 'chat-651', 'chat-661']);
    expect(text).toContain('… and 696 more with 278,400 connections');
  });

  it('paints only when asked to, and the same text', () => {
    const painted = renderStatus(busy, { width: 80, color: true });
    expect(painted).toContain('\u001b[31mdead');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a colour is
    expect(painted.replace(/\u001b\[\d+m/g, '').replace(/ +$/gm, '')).toBe(renderStatus(busy, { width: 80, color: false }));
  });

  it('never writes past the width', () => {
    const gateways = fc.array(
      fc.record({
        ordinal: fc.nat({ max: 99_999 }),
        connections: fc.option(fc.nat({ max: 99_999 })),
        capacity: fc.nat({ max: 99_999 }),
        current: fc.boolean(),
      }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(gateways, fc.integer({ min: 60, max: 200 }), fc.string({ maxLength: 40 }), (list, width, reason) => {
        const lines = list.map(({ ordinal, ...rest }) => line(ordinal, { ...rest, name: `a-rather-long-cluster-name-${ordinal}` }));
        const drains = busy.drains.map((drain) => ({ ...drain, reason: reason.replace(/\s/g, ' ') }));
        const text = renderStatus({ ...busy, drains, gateways: lines }, { width, color: false });
        expect(Math.max(...text.split('\n').map((l) => l.length))).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('text', () => {
  it.each<[number, string]>([
    [-5, '0.0 s'],
    [400, '0.4 s'],
    [12_000, '12 s'],
    [60_000, '1 min'],
    [185_000, '3 min 5 s'],
    [7_800_000, '2 h 10 min'],
    [273_600_000, '3 d 4 h'],
  ])('writes %d ms as "%s"', (ms, want) => {
    expect(span(ms)).toBe(want);
  });

  it.each<[number, string]>([
    [0, '░░░░'],
    [0.5, '██░░'],
    [0.53, '██▏░'],
    [1, '████'],
    [1.7, '████'],
    [-1, '░░░░'],
  ])('draws %d as %s', (fraction, want) => {
    const { filled, rest } = bar(fraction, 4);
    expect(filled + rest).toBe(want);
  });

  it('breaks at spaces and cuts what has none', () => {
    expect(wrap('to be or nottobethatis', 6)).toEqual(['to be', 'or', 'notto…']);
  });
});

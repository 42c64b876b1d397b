import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LOAD_DEFAULTS, loadOptions } from '../../load/options.ts';
import { type Progress, runLoad } from '../../load/run.ts';
import { kept } from '../../load/verdict.ts';
import type { Message } from '../../protocol/messages.ts';
import { asOffset } from '../../protocol/position.ts';
import { type Fault, OneGateway } from '../fakes/one-gateway.ts';

let gateway: OneGateway;
let url: string;
const never = new AbortController().signal;

beforeEach(async () => {
  gateway = new OneGateway();
  url = await gateway.start();
});
afterEach(() => gateway.stop());

const options = (words: Partial<Record<keyof typeof LOAD_DEFAULTS, string>> = {}) =>
  loadOptions({ ...LOAD_DEFAULTS, url, clients: '8', channels: '2', rate: '200', duration: '1s', settle: '1s', ...words });

describe('a load run', () => {
  it('finds no fault where there is none', async () => {
    const verdict = await runLoad(options(), never, () => {});
    expect(verdict).toMatchObject({ lost: 0, duplicated: 0, reordered: 0, neverCameBack: 0, reconnects: 0, migrations: 0, clients: 8 });
    expect(verdict.sent).toBeGreaterThan(10);
    expect(verdict.acknowledged).toBe(verdict.sent);
    expect(verdict.delivered).toBeGreaterThan(verdict.sent);
    expect(verdict.latencyMs.p50).toBeGreaterThan(0);
    expect(kept(verdict)).toBe(true);
  });

  it.each<[string, Fault, { lost?: boolean; duplicated: boolean; reordered: boolean }]>([
    [
      'keeps the rest from its clients',
      (message) => (message.position.offset > 10 ? [] : [message]),
      { lost: true, duplicated: false, reordered: false },
    ],
    [
      'delivers each message under two offsets',
      (message) => [at(message, message.position.offset * 2 - 1), at(message, message.position.offset * 2)],
      { lost: false, duplicated: true, reordered: true },
    ],
    // The last one may be held for ever, so whether one is lost is left open.
    ['lets two messages change their places', swapped(), { duplicated: false, reordered: true }],
  ])('finds that a gateway %s, which the SDK can not see', async (_name, fault, want) => {
    gateway.fault = fault;
    const { lost, duplicated, reordered, ...verdict } = await runLoad(options({ settle: '500ms' }), never, () => {});
    expect({ lost: lost > 0, duplicated: duplicated > 0, reordered: reordered > 0 }).toMatchObject(want);
    expect(kept({ lost, duplicated, reordered, ...verdict })).toBe(false);
  });

  it('counts connections that broke, and that all came back with nothing missed', async () => {
    let broken = false;
    const breakOnce = ({ connected, acknowledged }: Progress) => {
      if (broken || connected < 8 || acknowledged === 0) return;
      broken = true;
      gateway.breakAll();
    };
    const verdict = await runLoad(options({ duration: '3s', settle: '10s' }), never, breakOnce);
    expect(verdict).toMatchObject({ lost: 0, duplicated: 0, reordered: 0, neverCameBack: 0, reconnects: 8 });
    expect(verdict.peakReconnectsPerSecond).toBeGreaterThan(0);
    expect(verdict.longestSilenceMs.max).toBeGreaterThan(0);
  });

  it('tells who never came', async () => {
    await gateway.stop();
    const verdict = await runLoad(options({ settle: '100ms' }), never, () => {});
    expect(verdict).toMatchObject({ sent: 0, neverCameBack: 8, neverCame: 8 });
    expect(kept(verdict)).toBe(false);
  });

  it('ends early with the verdict so far', async () => {
    const interrupt = new AbortController();
    const verdict = await runLoad(options({ duration: '10m' }), interrupt.signal, ({ acknowledged }) => {
      if (acknowledged > 0) interrupt.abort();
    });
    expect(kept(verdict)).toBe(true);
    expect(verdict.durationMs).toBeLessThan(60_000);
  });

  it('ended early, waits as long as at any end for what is under way, and tells what may have come yet', async () => {
    gateway.fault = (message) => (message.position.offset > 10 ? [] : [message]);
    const interrupt = new AbortController();
    let interruptedAt = 0;
    const verdict = await runLoad(options({ duration: '10m', settle: '300ms' }), interrupt.signal, ({ acknowledged, elapsedMs }) => {
      if (acknowledged < 50 || interrupt.signal.aborted) return;
      interruptedAt = elapsedMs;
      interrupt.abort();
    });
    expect(verdict.lost).toBeGreaterThan(0);
    expect(verdict.outstanding).toBe(verdict.lost);
    expect(verdict.durationMs - interruptedAt).toBeGreaterThan(300);
    expect(verdict.durationMs - interruptedAt).toBeLessThan(4_000);
  });
});

const at = (message: Message, offset: number): Message => ({ ...message, position: { ...message.position, offset: asOffset(offset) } });

/** Each second message and the one before it, the one with the other's position. */
function swapped(): Fault {
  const held = new Map<string, Message>();
  return (message) => {
    const { offset } = message.position;
    const before = held.get(message.channel);
    if (offset % 2 === 1 || before === undefined) {
      held.set(message.channel, message);
      return [];
    }
    return [at(message, offset - 1), at(before, offset)];
  };
}

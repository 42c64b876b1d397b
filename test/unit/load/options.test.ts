import { describe, expect, it } from 'vitest';
import { LOAD_DEFAULTS, loadOptions, parseDuration } from '../../../load/options.ts';
import { isSlow } from '../../../load/thread.ts';

describe('loadOptions', () => {
  it('reads the defaults', () => {
    expect(loadOptions(LOAD_DEFAULTS)).toMatchObject({ clients: 200, durationMs: 60_000, transport: 'websocket', seed: 1 });
  });

  it.each([
    ['clients', { clients: '0' }, /--clients is "0": give a whole number from 1/],
    ['clients that are no number', { clients: 'many' }, /--clients is "many"/],
    ['clients left empty', { clients: '' }, /--clients is ""/],
    ['half a channel', { channels: '1.5' }, /--channels is "1.5"/],
    ['more slow clients than clients', { clients: '5', slowClients: '6' }, /--slow-clients is "6": give a whole number from 0 to 5/],
    ['a duration without a unit', { duration: '60' }, /--duration is "60": give a time such as/],
    ['another transport', { transport: 'udp' }, /--transport is "udp": give websocket or longpoll/],
    ['a ws address', { url: 'ws://x' }, /--url is "ws:\/\/x"/],
    ['no address', { url: 'x' }, /--url is "x"/],
    ['a time too short to connect in', { clients: '2000', duration: '5s' }, /2000 clients at 200\/s take 10s to connect/],
  ])('names a bad value and what it may be: %s', (_name, words, want) => {
    expect(() => loadOptions({ ...LOAD_DEFAULTS, ...words })).toThrow(want);
  });

  it('names all bad values at once', () => {
    expect(() => loadOptions({ ...LOAD_DEFAULTS, rate: '-1', size: 'x' })).toThrow(/--rate.*\n.*--size/s);
  });
});

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['60s', 60_000],
    ['1.5m', 90_000],
    ['1h', 3_600_000],
    ['', null],
    ['s', null],
    ['-1s', null],
    ['1d', null],
  ])('reads %j', (text, want) => {
    expect(parseDuration(text)).toBe(want);
  });
});

describe('slow clients', () => {
  it.each([
    [10, 3],
    [10, 0],
    [10, 10],
    [7, 5],
  ])('of %i clients, %i are slow', (clients, slowClients) => {
    const options = loadOptions({ ...LOAD_DEFAULTS, clients: String(clients), slowClients: String(slowClients) });
    expect(Array.from({ length: clients }, (_, i) => isSlow(i, options)).filter(Boolean)).toHaveLength(slowClients);
  });
});

import { describe, expect, it } from 'vitest';
import { type SimulationWords, simulationOptions } from '../../../../operator/simulate/options.ts';
import { cluster } from '../../../fakes/chat-cluster.ts';

const chat = cluster({ gateway: { connectionsPerGateway: 500 }, scaling: { maxReplicas: 10 } });

describe('the options of a simulation', () => {
  it('have defaults: a day in the office, as many clients as fit well', () => {
    expect(simulationOptions(chat, {})).toMatchObject({
      profile: { name: 'office-hours' },
      clients: 3_200,
      durationMs: 86_400_000,
      seed: 1,
    });
  });

  it('are what the words say', () => {
    const words = { profile: 'storm', clients: '100', duration: '90m', seed: '7' };
    expect(simulationOptions(chat, words)).toMatchObject({ profile: { name: 'storm' }, clients: 100, durationMs: 5_400_000, seed: 7 });
  });

  it.each<[SimulationWords, string]>([
    [{ clients: '0' }, '--clients: "0" is not a whole number from 1 to 100000000'],
    [{ clients: '1e6' }, '--clients: "1e6" is not a whole number from 1 to 100000000'],
    [{ seed: '-1' }, '--seed: "-1" is not a whole number from 0 to 4294967295'],
    [{ duration: '1d' }, '--duration: "1d" is not a time from 1s to 8784h; write one, such as "10s" or "24h"'],
    [{ duration: '10ms' }, '--duration: "10ms" is not a time from 1s to 8784h; write one, such as "10s" or "24h"'],
    [{ profile: 'toString' }, '--profile: "toString" is not known; use one of office-hours, diurnal, spike, storm'],
    [
      { clients: 'x', seed: 'y' },
      '--clients: "x" is not a whole number from 1 to 100000000\n--seed: "y" is not a whole number from 0 to 4294967295',
    ],
  ])('%o are refused', (words, message) => {
    expect(() => simulationOptions(chat, words)).toThrow(message);
  });
});

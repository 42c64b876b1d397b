import { describe, expect, it } from 'vitest';
import { type SimulationWords, simulationOptions } from '../../../../operator/simulate/options.ts';
import type { Trace } from '../../../../operator/simulate/trace/trace.ts';
import { cluster } from '../../../fakes/chat-cluster.ts';

const chat = cluster({ gateway: { connectionsPerGateway: 500 }, scaling: { maxReplicas: 10 } });

describe('the options of a simulation', () => {
  it('have defaults: a day in the office, as many clients as fit well', () => {
    expect(simulationOptions(chat, {})).toMatchObject({
      profile: { name: 'office-hours' },
      clients: 3_200,
      durationMs: 86_400_000,
      startAt: Date.UTC(2026, 0, 1),
      seed: 1,
      against: [],
    });
  });

  it('name others once each, in the order in which they were named', () => {
    expect(simulationOptions(chat, { against: 'knative, hpa,knative' }).against).toEqual(['knative', 'hpa']);
  });

  const trace: Trace = {
    name: 'day.csv',
    points: [
      { at: 0, connections: 10 },
      { at: 90_000, connections: 70 },
    ],
  };

  it('are with a trace what it says, until it ends or earlier', () => {
    expect(simulationOptions(chat, {}, trace)).toMatchObject({ profile: { name: 'day.csv' }, clients: 70, durationMs: 90_000 });
    expect(simulationOptions(chat, { duration: '1m' }, trace)).toMatchObject({ durationMs: 60_000 });
  });

  it.each<[SimulationWords, string]>([
    [{ profile: 'spike' }, '--profile: with --trace the clients do what the trace says; leave one of the two out'],
    [{ clients: '5' }, '--clients: with --trace the clients do what the trace says; leave one of the two out'],
    [{ duration: '2m' }, '--duration: "2m" is longer than the trace, which ends after 90 s; leave it out, or give less'],
  ])('%o do not go with a trace', (words, message) => {
    expect(() => simulationOptions(chat, words, trace)).toThrow(message);
  });

  it('are what the words say', () => {
    const words = { profile: 'storm', clients: '100', duration: '90m', start: '2028-02-29', seed: '7', messages: '.5' };
    const said = {
      profile: { name: 'storm' },
      clients: 100,
      durationMs: 5_400_000,
      startAt: Date.UTC(2028, 1, 29),
      seed: 7,
      messagesPerSecond: 0.5,
    };
    expect(simulationOptions(chat, words)).toMatchObject(said);
  });

  it.each<[SimulationWords, string]>([
    [{ clients: '0' }, '--clients: "0" is not a whole number from 1 to 100000000'],
    [{ clients: '1e6' }, '--clients: "1e6" is not a whole number from 1 to 100000000'],
    [{ start: '2026-02-29' }, '--start: "2026-02-29" is no day; write one, such as "2026-03-29"'],
    [{ start: 'monday' }, '--start: "monday" is no day; write one, such as "2026-03-29"'],
    [{ seed: '-1' }, '--seed: "-1" is not a whole number from 0 to 4294967295'],
    [{ messages: '-1' }, '--messages: "-1" is not a number from 0 to 1000; write one, such as "0.2"'],
    [{ messages: '1001' }, '--messages: "1001" is not a number from 0 to 1000; write one, such as "0.2"'],
    [{ duration: '1d' }, '--duration: "1d" is not a time from 1s to 8784h; write one, such as "10s" or "24h"'],
    [{ duration: '10ms' }, '--duration: "10ms" is not a time from 1s to 8784h; write one, such as "10s" or "24h"'],
    [{ profile: 'toString' }, '--profile: "toString" is not known; use one of office-hours, two-zones, diurnal, spike, storm, noise'],
    [{ against: 'hpa,vpa' }, '--against: "vpa" is not known; use hpa, keda, knative, or several of them'],
    [{ against: ',' }, '--against: "," names nobody; use hpa, keda, knative, or several of them'],
    [
      { clients: 'x', seed: 'y' },
      '--clients: "x" is not a whole number from 1 to 100000000\n--seed: "y" is not a whole number from 0 to 4294967295',
    ],
  ])('%o are refused', (words, message) => {
    expect(() => simulationOptions(chat, words)).toThrow(message);
  });
});

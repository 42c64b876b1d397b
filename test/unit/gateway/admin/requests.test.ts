import { describe, expect, it } from 'vitest';
import { parseDrainRequest, parseShedRequest } from '../../../../gateway/admin/requests.ts';

const good = (request: unknown) => ({ kind: 'request', request });
const bad = (problem: string) => ({ kind: 'invalid', problem });

describe('the body of a drain', () => {
  const cases = [
    {
      name: 'has a rate and a timeout',
      text: '{"ratePerSecond":12.5,"timeoutMs":1000}',
      want: good({ ratePerSecond: 12.5, timeoutMs: 1000 }),
    },
    { name: 'may pause', text: '{"ratePerSecond":0,"timeoutMs":0}', want: good({ ratePerSecond: 0, timeoutMs: 0 }) },
    { name: 'may hold more', text: '{"ratePerSecond":1,"timeoutMs":1,"x":1}', want: good({ ratePerSecond: 1, timeoutMs: 1 }) },
    {
      name: 'has each wrong field named',
      text: '{"ratePerSecond":-1,"timeoutMs":"5m"}',
      want: bad(
        'ratePerSecond is -1; give a number from 0 to 1000000 (connections a second, 0 to pause); timeoutMs is "5m"; give a number from 0 to 86400000 (milliseconds).',
      ),
    },
    {
      name: 'has a missing field named',
      text: '{"timeoutMs":1}',
      want: bad('ratePerSecond is missing; give a number from 0 to 1000000 (connections a second, 0 to pause).'),
    },
    { name: 'is not empty', text: '', want: bad('The body is empty; send a JSON object.') },
    { name: 'is an object', text: '[1]', want: bad('The body is [1]; send a JSON object.') },
    { name: 'is JSON', text: 'rate=1', want: bad('The body is rate=1; send a JSON object.') },
  ];
  it.each(cases)('$name', ({ text, want }) => {
    expect(parseDrainRequest(text)).toEqual(want);
  });
});

describe('the body of a shed', () => {
  const cases = [
    { name: 'has a count and a rate', text: '{"count":3,"ratePerSecond":0.5}', want: good({ count: 3, ratePerSecond: 0.5 }) },
    {
      name: 'has a whole count',
      text: '{"count":1.5,"ratePerSecond":1}',
      want: bad('count is 1.5; give a whole number from 0 to 10000000 (connections, 0 to end a shed).'),
    },
  ];
  it.each(cases)('$name', ({ text, want }) => {
    expect(parseShedRequest(text)).toEqual(want);
  });
});

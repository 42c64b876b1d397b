import { describe, expect, it } from 'vitest';
import { readAnswer } from '../../../../../operator/sources/prometheus/answer.ts';

const NOW = 1_700_000_000_000;
const SECONDS = NOW / 1000;

const read = (body: string, status = 200) => readAnswer({ status, body }, { now: NOW, maxSampleAgeMs: 60_000 });
const success = (data: unknown, more: object = {}) => JSON.stringify({ status: 'success', data, ...more });
const vector = (...values: readonly unknown[]) =>
  success({ resultType: 'vector', result: values.map((value, i) => ({ metric: { i: String(i) }, value })) });
const one = (text: unknown, at: unknown = SECONDS) => vector([at, text]);

describe('one number is a value', () => {
  it.each<[string, string, number]>([
    ['of a series', one('12.5'), 12.5],
    ['0', one('0'), 0],
    ['below 0', one('-3e2'), -300],
    ['a scalar', success({ resultType: 'scalar', result: [SECONDS, '7'] }), 7],
    ['of a little while ago', one('1', SECONDS - 60), 1],
    ['of a server whose clock is a little ahead', one('1', SECONDS + 30), 1],
    [
      'with what only informs',
      success({ resultType: 'scalar', result: [SECONDS, '7'] }, { warnings: ['PromQL info: metric might not be a counter'], infos: ['x'] }),
      7,
    ],
  ])('%s', (_, body, value) => {
    expect(read(body)).toEqual({ kind: 'value', value });
  });
});

describe('all else is none, and why', () => {
  it.each<[string, string, string]>([
    ['NaN', one('NaN'), 'the query answers NaN'],
    ['infinity', one('+Inf'), 'the query answers +Inf'],
    ['infinity below 0', one('-Inf'), 'the query answers -Inf'],
    ['no series', vector(), 'the query answers no series'],
    [
      'several series',
      vector([SECONDS, '1'], [SECONDS, '2']),
      'the query answers 2 series, and one is expected; sum them, or ask for the largest',
    ],
    ['an old sample', one('1', SECONDS - 61), 'the answer is of 61 s ago'],
    ['a sample of the future', one('1', SECONDS + 90), 'the answer is of a time 90 s ahead; compare the clocks'],
    ['no text', one(5), 'the query answers 5'],
    ['an empty text, which JavaScript would take for 0', one(' '), 'the query answers '],
    ['a text that is no number', one('many'), 'the query answers many'],
    ['no time', one('5', 'now'), 'Prometheus answered a number without its time'],
    [
      'a range',
      success({ resultType: 'matrix', result: [] }),
      'the query answers a range of times; write one that answers a single number',
    ],
    ['a string', success({ resultType: 'string', result: [SECONDS, '5'] }), 'the query answers no number but a string'],
    [
      'a histogram',
      success({ resultType: 'vector', result: [{ metric: {}, histogram: [SECONDS, {}] }] }),
      'the query answers a histogram; write one that answers a number',
    ],
    [
      'a series without a value',
      success({ resultType: 'vector', result: [{ metric: {} }] }),
      'Prometheus answered a series without a number',
    ],
    [
      'part of an answer',
      success({ resultType: 'scalar', result: [SECONDS, '7'] }, { warnings: ['store 10.0.0.7 is away'] }),
      'Prometheus warns that the answer may lack something: store 10.0.0.7 is away',
    ],
    ['success of nothing', '{"status":"success"}', 'Prometheus answered what is no result: {"status":"success"}'],
    ['a page', '<html><body><h1>Sign in</h1></body></html>', 'Prometheus answered what is no result: Sign in'],
    ['half of an answer', one('12.5').slice(0, 40), 'Prometheus answered what is no result: {"status":"success","data":{"resultType"'],
    ['null', 'null', 'Prometheus answered what is no result: null'],
    ['nothing', '', 'Prometheus answered what is no result: '],
  ])('%s', (_, body, why) => {
    expect(read(body)).toEqual({ kind: 'none', why });
  });

  it.each<[string, number, string, string]>([
    [
      'a wrong query',
      400,
      '{"status":"error","errorType":"bad_data","error":"1:5: parse error: unexpected end of input"}',
      'Prometheus answered 400: 1:5: parse error: unexpected end of input',
    ],
    ['a broken server', 500, 'internal error\n', 'Prometheus answered 500: internal error'],
    ['a number all the same', 503, one('5'), 'Prometheus answered 503: '],
    ['no right', 401, '', 'Prometheus answered 401'],
    ['elsewhere', 302, '', 'Prometheus answered 302'],
  ])('%s', (_, status, body, why) => {
    const result = read(body, status);
    expect(result.kind).toBe('none');
    expect(result.kind === 'none' && result.why.startsWith(why)).toBe(true);
  });

  it('a long page is cut', () => {
    const result = read('x'.repeat(5_000), 502);
    expect(result.kind === 'none' && result.why.length).toBeLessThan(220);
  });
});

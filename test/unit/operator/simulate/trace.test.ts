import { describe, expect, it } from 'vitest';
import { parseTrace, profileOf } from '../../../../operator/simulate/trace/trace.ts';
import fc from '../../../setup/random-cases.ts';

const csv = (...lines: readonly string[]) => parseTrace(lines.join('\n'), 'load.csv');

describe('a trace of connections', () => {
  it('is a straight line from point to point, from its first instant on', () => {
    const { profile, clients } = profileOf(csv('seconds,connections', '100,50', '110,150', '130,200'));
    expect(clients).toBe(200);
    expect([0, 5, 10, 20, 30, 99].map((s) => profile.share(s * 1_000, 30_000) * clients)).toEqual([50, 100, 150, 175, 200, 200]);
    // Asked for an earlier instant again: another contender begins.
    expect(profile.share(0, 30_000) * clients).toBe(50);
  });

  it('may have comments, empty lines, spaces, a byte order mark and Windows line ends', () => {
    expect(csv('\uFEFF# from the access log\r', 'Seconds, Connections\r', '', '0, 1\r', '# lunch', '1.5, 2e3\r').points).toEqual([
      { at: 0, connections: 1 },
      { at: 1_500, connections: 2_000 },
    ]);
  });

  it('is where it says at each of its points, whatever they are', () => {
    const points = fc.array(fc.tuple(fc.integer({ min: 1, max: 1_000 }), fc.nat(100_000)), { minLength: 2, maxLength: 50 });
    fc.assert(
      fc.property(points, (steps) => {
        let at = 0;
        const rows = steps.map(([gap, connections]) => {
          at += gap;
          return { at, connections };
        });
        const { profile, clients } = profileOf(csv('seconds,connections', ...rows.map((row) => `${row.at},${row.connections}`)));
        const start = rows[0]?.at ?? 0;
        for (const row of rows) expect(Math.round(profile.share((row.at - start) * 1_000, 0) * clients)).toBe(row.connections);
      }),
    );
  });
});

describe('the spikes of a trace', () => {
  it.each<[string, readonly string[], readonly number[]]>([
    ['begin where the connections double within a minute', ['0,200', '600,200', '620,5000', '1800,5000'], [600]],
    ['are none in a rise that takes longer', ['0,200', '600,200', '800,500', '1800,500'], []],
    ['are none of a few', ['0,2', '600,2', '601,8', '700,8', '3600,2000'], []],
    ['are one for ten minutes', ['0,200', '60,200', '61,2000', '62,200', '120,200', '121,2000', '122,200', '3600,200'], [60]],
    ['come again', ['0,200', '60,200', '61,2000', '62,200', '900,200', '901,2000', '902,200', '3600,200'], [60, 900]],
    ['may be the beginning', ['0,0', '10,100', '100,100'], [0]],
    ['do not begin with noise', ['0,200', '300,200', '301,215', '310,200', '320,200', '321,400', '900,400'], [320]],
  ])('%s', (_name, lines, want) => {
    const trace = csv('seconds,connections', ...lines);
    expect(profileOf(trace).profile.spikes(trace.points.at(-1)?.at ?? 0)).toEqual(want.map((s) => s * 1_000));
  });
});

describe('a trace of arrivals', () => {
  const at = (trace: ReturnType<typeof csv>, seconds: number) => {
    const { profile, clients } = profileOf(trace);
    return profile.share(seconds * 1_000, 0) * clients;
  };

  it('begins with as many as come and go at that rate: rate × half an hour', () => {
    const trace = csv('seconds,arrivals', '0,2', '3600,2');
    expect(at(trace, 0)).toBeCloseTo(3_600);
    expect(at(trace, 1_800)).toBeCloseTo(3_600);
  });

  it('lets them leave after half an hour on average when none come any more', () => {
    const trace = csv('seconds,arrivals', '0,2', '60,0', '1860,0');
    expect(at(trace, 1_860)).toBeCloseTo(3_600 / Math.E, 0);
  });
});

describe('a trace that is wrong is refused with the line and the remedy', () => {
  it.each<[name: string, lines: string[], message: string]>([
    ['empty', [''], 'load.csv is empty: begin with a line seconds,connections (or seconds,arrivals), then one line for each instant'],
    ['no header', ['0,1', '1,2'], 'load.csv:1: "0,1" is no header: the first line must be seconds,connections (or seconds,arrivals)'],
    [
      'another column',
      ['seconds,users'],
      'load.csv:1: "seconds,users" is no header: the first line must be seconds,connections (or seconds,arrivals)',
    ],
    [
      'one instant',
      ['seconds,connections', '0,1'],
      'load.csv: a trace needs at least two lines under its header, the first and the last instant',
    ],
    ['a column too many', ['seconds,connections', '0,1,2', '1,1'], 'load.csv:2: "0,1,2" has 3 columns; give two, seconds and connections'],
    ['a time', ['seconds,connections', '12:00,1'], 'load.csv:2: "12:00" is no number of seconds; give one from 0 up, such as 60 or 0.5'],
    ['a negative number', ['seconds,arrivals', '0,1', '', '1,-1'], 'load.csv:4: "-1" is no number of arrivals; give one from 0 up'],
    ['nothing', ['seconds,connections', '0,'], 'load.csv:2: "" is no number of connections; give one from 0 up'],
    [
      'not in order',
      ['seconds,connections', '5,1', '5,1'],
      'load.csv:3: 5 s is not after the line before (5 s); sort the lines by their seconds',
    ],
  ])('%s', (_name, lines, message) => {
    expect(() => csv(...lines)).toThrow(message);
  });

  it('of many lines the first five', () => {
    const bad = new Array(7).fill('x,1');
    expect(() => csv('seconds,connections', ...bad)).toThrow(/^(load\.csv:\d: .*\n){5}… and 2 more lines$/);
  });
});

describe('a recording', () => {
  const head = '{"recording":1,"cluster":"chat","startedAt":"2026-11-27T10:00:00Z"}';
  const line = (seconds: unknown, connections: unknown) =>
    JSON.stringify({ seconds, connections, desired: 2, capacity: 100, gateways: [{ name: 'chat-1', state: 'ready', connections }] });
  const recorded = (...lines: readonly string[]) => parseTrace([head, ...lines].join('\n'), 'trace.jsonl');

  it('gives the connections that there were; instants without them are left out', () => {
    expect(recorded(line(2, 10), line(3, null), line(4.5, 30), '').points).toEqual([
      { at: 0, connections: 10 },
      { at: 2_500, connections: 30 },
    ]);
  });

  it.each<[name: string, text: string, message: string]>([
    [
      'another file',
      '{"a": 1}',
      'trace.jsonl:1: this is no recording: its first line must be the one that "chatcluster record" writes; record anew',
    ],
    ['a line that was cut off', `${head}\n${line(0, 1)}\n{"sec`, 'trace.jsonl:3: the line is no JSON: it was cut off; delete it'],
    ['a broken line in the middle', `${head}\nhello\n${line(0, 1)}`, 'trace.jsonl:2: the line is no JSON: delete it, or record anew'],
    ['a wrong value', `${head}\n${line(0, 'many')}`, 'trace.jsonl:2: "connections" is not as "chatcluster record" writes it'],
    [
      'not in order',
      `${head}\n${line(2, 1)}\n${line(1, 1)}`,
      'trace.jsonl:3: 1 s is not after the line before; keep the lines in their order',
    ],
    ['one instant', `${head}\n${line(2, 1)}`, "trace.jsonl: a recording of one instant can't be replayed; record for a while"],
  ])('that is wrong is refused: %s', (_name, text, message) => {
    expect(() => parseTrace(text, 'trace.jsonl')).toThrow(message);
  });
});

import { describe, expect, it } from 'vitest';
import { type Column, table } from '../../../cli/table.ts';
import { palette } from '../../../operator/status/text.ts';

type Row = readonly [name: string, count: string, node: string, note: string];
const columns: readonly Column<Row>[] = [
  { heading: 'NAME', align: 'left', cell: ([name]) => name },
  { heading: 'COUNT', align: 'right', cell: ([, count]) => count },
  { heading: 'NODE', align: 'left', cell: ([, , node]) => node, dispensable: 1 },
  { heading: 'NOTE', align: 'left', cell: ([, , , note]) => note },
];
const rows: readonly Row[] = [
  ['chat-1', '12', 'node-a', ''],
  ['chat-10', '1,200', 'node-b', 'a note that is rather long'],
];
const plain = palette(false);

describe('table', () => {
  it('aligns numbers to the right and words to the left, without spaces at the end', () => {
    expect(table(columns, rows, 100, plain)).toEqual([
      'NAME     COUNT  NODE    NOTE',
      'chat-1      12  node-a',
      'chat-10  1,200  node-b  a note that is rather long',
    ]);
  });

  it('cuts the last column where the line is too short', () => {
    expect(table(columns, rows, 42, plain).at(-1)).toBe('chat-10  1,200  node-b  a note that is ra…');
  });

  it('leaves a column out before the last one has too little left', () => {
    expect(table(columns, rows, 36, plain)).toEqual(['NAME     COUNT  NOTE', 'chat-1      12', 'chat-10  1,200  a note that is rath…']);
  });

  it('leaves out a column in which no row has anything', () => {
    expect(table(columns, [['a', '1', '', '']], 80, plain)).toEqual(['NAME  COUNT', 'a         1']);
  });

  it('never is wider than it may be while there is something to leave out or cut', () => {
    for (let width = 20; width < 80; width++) {
      for (const line of table(columns, rows, width, plain)) expect(line.length).toBeLessThanOrEqual(width);
    }
  });

  it('paints cells, not what stands between them', () => {
    const painted = table(
      [{ heading: 'S', align: 'left', cell: () => 'ok', paint: () => (text) => `<${text}>` }, ...columns.slice(1, 2)],
      rows,
      80,
      plain,
    );
    expect(painted[1]).toBe('<ok>     12');
  });
});

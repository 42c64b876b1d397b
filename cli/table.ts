import { cut, type Palette } from '../operator/status/text.ts';

/** A column of a table of `Row`s. */
export interface Column<Row> {
  readonly heading: string;
  readonly align: 'left' | 'right';
  readonly cell: (row: Row) => string;
  readonly paint?: (row: Row) => (text: string) => string;
  /** What is left out first where the line is too short: the highest of these, and never a column without. */
  readonly dispensable?: number;
}

const GAP = '  ';
const SHORTEST_LAST = 16;

/** The rows under their headings, aligned, within `width` cells: first columns are left out, then the last column is cut. A column in which no row has anything is left out. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width: number, paint: Palette): string[] {
  const filled = columns
    .map((column) => {
      const cells = rows.map((row) => column.cell(row));
      return { column, cells, width: Math.max(column.heading.length, ...cells.map((cell) => cell.length)) };
    })
    .filter(({ cells }) => cells.some((cell) => cell !== ''));
  const kept = fitting(filled, width);
  const last = kept.length - 1;
  const before = kept.slice(0, last).reduce((sum, column) => sum + column.width + GAP.length, 0);
  const room = (i: number, cells: number) => (i === last ? Math.max(1, Math.min(cells, width - before)) : cells);
  const line = (cellOf: (i: number) => string, paintOf: (i: number) => (text: string) => string) =>
    kept
      .map(({ column, width: cells }, i) => {
        const text = cut(cellOf(i), room(i, cells));
        if (column.align === 'right') return paintOf(i)(text.padStart(room(i, cells)));
        return paintOf(i)(text) + (i === last ? '' : ' '.repeat(cells - text.length));
      })
      .join(GAP)
      .trimEnd();
  const heading = paint.dim(
    line(
      (i) => kept[i]?.column.heading ?? '',
      () => plain,
    ),
  );
  return [
    heading,
    ...rows.map((row, r) =>
      line(
        (i) => kept[i]?.cells[r] ?? '',
        (i) => kept[i]?.column.paint?.(row) ?? plain,
      ),
    ),
  ];
}

function plain(text: string): string {
  return text;
}

function fitting<T extends { readonly width: number; readonly column: { readonly align: string; readonly dispensable?: number } }>(
  columns: readonly T[],
  width: number,
): readonly T[] {
  const last = columns.at(-1);
  const needed = columns.reduce((sum, column) => sum + column.width + GAP.length, -GAP.length);
  // Text at the end can be cut by much before a column must go.
  const cuttable = last?.column.align === 'left' ? Math.max(0, last.width - SHORTEST_LAST) : 0;
  if (needed - cuttable <= width) return columns;
  const first = columns.reduce<T | null>(
    (most, column) => ((column.column.dispensable ?? 0) > (most?.column.dispensable ?? 0) ? column : most),
    null,
  );
  return first === null
    ? columns
    : fitting(
        columns.filter((column) => column !== first),
        width,
      );
}

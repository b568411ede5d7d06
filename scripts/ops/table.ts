import pc from 'picocolors';
import { printable, shortened, widthOf } from './printable';

type Paint = (text: string) => string;

export interface Column<Row> {
  readonly title: string;
  /** Raw text: the table makes it safe. */
  readonly cell: (row: Row) => string;
  readonly paint?: (row: Row) => Paint;
  readonly align?: 'right';
  /** Columns that a cell may take; default 40. */
  readonly max?: number;
}

/** Rows under their titles, two spaces apart; every cell is escaped. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const cells = rows.map((row) => columns.map(({ cell, max = 40 }) => shortened(cell(row), max)));
  const widths = columns.map(({ title }, index) => Math.max(widthOf(title), ...cells.map((line) => widthOf(line[index] ?? ''))));
  const lineOf = (texts: readonly string[], paintOf: (index: number) => Paint): string =>
    texts
      .map((text, index) => paintOf(index)(padded(text, widths[index] ?? 0, columns[index]?.align)))
      .join('  ')
      .trimEnd();
  const head = lineOf(
    columns.map(({ title }) => title),
    () => pc.dim,
  );
  const body = rows.map((row, at) => lineOf(cells[at] ?? [], (index) => columns[index]?.paint?.(row) ?? plain));
  return [head, ...body].join('\n');
}

/** Name and value, one a line; what is undefined or null is left out. Every value is escaped. */
export function fields(entries: readonly (readonly [name: string, value: string | number | boolean | null | undefined])[]): string {
  const shown = entries.filter(([, value]) => value !== undefined && value !== null && value !== '');
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${pc.dim(name.padEnd(width))}  ${printable(String(value))}`).join('\n');
}

export function heading(text: string): string {
  return pc.bold(printable(text));
}

function padded(text: string, width: number, align: 'right' | undefined): string {
  const blank = ' '.repeat(Math.max(0, width - widthOf(text)));
  return align === 'right' ? blank + text : text + blank;
}

function plain(text: string): string {
  return text;
}

import type { Figures } from '../harness/run-cell.js';
import type { Result } from './results.js';
import { type Spread, spreadOf } from './spread.js';

interface Column {
  readonly title: string;
  readonly figure: keyof Figures;
  readonly digits: number;
}

const COLUMNS: readonly Column[] = [
  { title: 'sagas/s', figure: 'sagasPerSecond', digits: 0 },
  { title: 'p50 ms', figure: 'p50Ms', digits: 2 },
  { title: 'p99 ms', figure: 'p99Ms', digits: 1 },
  { title: 'commits', figure: 'commits', digits: 2 },
  { title: 'transactions', figure: 'transactions', digits: 2 },
  { title: 'WAL bytes', figure: 'walBytes', digits: 0 },
  { title: 'table bytes', figure: 'tableBytes', digits: 0 },
  { title: 'without indexes', figure: 'heapBytes', digits: 0 },
  { title: 'CPU ms', figure: 'programCpuMs', digits: 2 },
  { title: 'server CPU ms', figure: 'serverCpuMs', digits: 2 },
  { title: 'loop delay p99 ms', figure: 'loopDelayP99Ms', digits: 1 },
];

/** A table for each load: medians, with the least and the most where they differ. */
export function tablesOf(results: readonly Result[]): string {
  const loads = [...new Set(results.map(titleOf))];
  return loads.map((load) => `### ${load}\n\n${tableOf(results.filter((result) => titleOf(result) === load))}`).join('\n\n');
}

const titleOf = ({ kind, flight }: Result): string => `${kind}, ${flight} in flight`;

function tableOf(results: readonly Result[]): string {
  const columns = COLUMNS.filter(({ figure }) => results.some(({ repetitions }) => repetitions.some((each) => each[figure] !== undefined)));
  const rows = results.map(({ program, sagas, repetitions }) => [
    program,
    String(sagas),
    ...columns.map(({ figure, digits }) => cellText(spreadOf(repetitions.map((each) => each[figure])), digits)),
  ]);
  return markdown([['', 'sagas', ...columns.map(({ title }) => title)], ...rows]);
}

export function cellText(spread: Spread | undefined, digits: number): string {
  if (!spread) return '';
  const [median, min, max] = [spread.median, spread.min, spread.max].map((value) => numberText(value, digits));
  return min === max ? `${median}` : `${median} (${min}–${max})`;
}

export const numberText = (value: number, digits: number): string =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** The first row is the head. Columns are as wide as their widest cell: the same text reads well in a console. */
export function markdown(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((text, column) => (column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(Math.max(3, width)) : `${'-'.repeat(Math.max(2, width - 1))}:`)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), rule, ...body.map(line)].join('\n');
}

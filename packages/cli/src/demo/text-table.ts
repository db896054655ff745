/** A value that a table can show; absent shows as a dash. */
export type TextRow = Readonly<Record<string, string | number | boolean | null>>;

/** Rows as aligned columns under their names. */
export function textTable(rows: readonly TextRow[]): string {
  const [first] = rows;
  if (!first) return '  (no rows)';
  const names = Object.keys(first);
  const cells = [names, ...rows.map((row) => names.map((name) => String(row[name] ?? '–')))];
  const widths = names.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  return cells.map((line) => `  ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd()).join('\n');
}

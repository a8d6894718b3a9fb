/** Rows of cells as lines of text, each column as wide as its widest cell. */

/** Lines joined by a newline, two spaces between columns, none at the end. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const cells of rows)
    for (const [column, cell] of cells.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => cell.padEnd((widths[column] ?? 0) + 2)).join('');
  return rows.map(cells => line(cells).trimEnd()).join('\n');
}

/** Rows of the tables that `npm run soak` prints at its end; each is also printed as it comes. */
import {appendFileSync} from 'node:fs';

/** Adds a row: cells by column. Rows with the same columns make one table. */
export function row(cells: Readonly<Record<string, string | number>>): void {
  const report = process.env['SOAK_REPORT'];
  if (report !== undefined) appendFileSync(report, `${JSON.stringify(cells)}\n`);
  process.stdout.write(
    `${Object.entries(cells)
      .map(([name, value]) => `${name}: ${value}`)
      .join(', ')}\n`,
  );
}

/** No run begins after this time. */
export const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 60);

/**
 * `npm run soak`: the long form of what the end-to-end tests do once. Rolling restarts of three and of five members under the
 * ledger, near and far; then every point of the kill matrix of create, restart, clean and purge. Ends by itself.
 *
 *   npm run soak                    everything (two to three hours on two cores)
 *   npm run soak -- restart         only files whose name holds one of these words: restart, kill
 *   SOAK_RUNS=5                     rolling restarts of each kind (20)
 *   SOAK_MINUTES=30                 no restart, and no kill of one operation, begins after so many minutes (60, each)
 *   RIG_SEED=12345                  repeats what chance decided; it is printed
 *
 * Writes nothing outside one temporary directory, which it removes, beside the lab's own caches.
 */
import {existsSync, mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {ensureBuild, ensureModules, project, requireNode, run, stop, whyNoLab} from './bootstrap.mjs';
import {prepareHosts} from './hosts.mjs';

requireNode();
const reason = whyNoLab();
if (reason !== undefined) stop(reason);
await ensureModules();
await ensureBuild();
await prepareHosts().catch(error => stop(error.message));
const seed = process.env.RIG_SEED ?? String(Math.floor(Math.random() * 1_000_000));
process.stdout.write(`RIG_SEED=${seed}\n`);
const dir = mkdtempSync(join(tmpdir(), 'etcdctl-play-soak-'));
const report = join(dir, 'rows.jsonl');
try {
  const vitest = join(project, 'node_modules/.bin/vitest');
  const env = {RIG_SEED: seed, SOAK_REPORT: report, TMPDIR: dir};
  process.exitCode = await run(vitest, ['run', '--project', 'soak', ...process.argv.slice(2)], env);
  printTables();
  process.stdout.write(`RIG_SEED=${seed}\n`);
} finally {
  rmSync(dir, {recursive: true, force: true});
}

/** One table for each kind of rows; a row is an object of cells by column. */
function printTables() {
  const rows = existsSync(report) ? readFileSync(report, 'utf8').trim().split('\n').map(line => JSON.parse(line)) : [];
  for (const kind of new Set(rows.map(row => Object.keys(row).join()))) {
    const columns = kind.split(',');
    const lines = [columns, ...rows.filter(row => Object.keys(row).join() === kind).map(row => Object.values(row).map(String))];
    const widths = columns.map((_, i) => Math.max(...lines.map(line => line[i].length)));
    process.stdout.write(`\n${lines.map(line => line.map((cell, i) => cell.padEnd(widths[i])).join('  ').trimEnd()).join('\n')}\n`);
  }
}

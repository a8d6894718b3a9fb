/**
 * `npm test`: everything that can be checked, from a fresh clone; the last line is the sum.
 *
 *   npm test                     format, lint, types, unit tests, end-to-end tests on real hosts (Linux, root)
 *   npm test -- --unit           without the end-to-end tests
 *   npm test -- --e2e [FILTER]   only the end-to-end tests, of files whose name holds FILTER
 */
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {parseArgs} from 'node:util';
import {ensureBuild, ensureModules, project, requireNode, run, stop, whyNoLab} from './bootstrap.mjs';
import {prepareHosts} from './hosts.mjs';

const OPTIONS = {unit: {type: 'boolean', default: false}, e2e: {type: 'boolean', default: false}};
const totals = {passed: 0, failed: 0, skipped: 0};
const broken = [];

const {unit, e2e, filters} = readArguments();
requireNode();
const reason = unit ? undefined : whyNoLab();
await ensureModules();
await ensureBuild();
const areHostsReady = !unit && reason === undefined && (await isReady());
if (!e2e) {
  await step('format and lint', 'biome', ['ci', `--colors=${process.stdout.isTTY ? 'force' : 'off'}`, '.']);
  await step('types', 'tsc', ['--noEmit', '-p', 'tsconfig.json']);
  await tests('unit', filters);
}
if (!unit) {
  if (areHostsReady) await tests('e2e', filters);
  else if (reason !== undefined) broken.push(`end-to-end tests (${reason} "npm test -- --unit" leaves them out.)`);
}
for (const name of broken) process.stdout.write(`not passed: ${name}\n`);
const skipped = totals.skipped === 0 ? '' : `, ${totals.skipped} skipped`;
process.stdout.write(`${totals.passed} passed, ${totals.failed} failed${skipped}\n`);
process.exitCode = totals.failed === 0 && broken.length === 0 ? 0 : 1;

function readArguments() {
  try {
    const {values, positionals} = parseArgs({options: OPTIONS, allowPositionals: true});
    if (values.unit && values.e2e) stop('--unit and --e2e exclude each other.');
    return {...values, filters: positionals};
  } catch (error) {
    return stop(`${error.message.split('.')[0]}. Usage: npm test -- [--unit | --e2e] [FILTER]`);
  }
}

async function step(name, tool, args) {
  process.stdout.write(`\n== ${name}\n`);
  if ((await run(installed(tool), args)) !== 0) broken.push(name);
}

/** A tool among the project's own dependencies. */
function installed(tool) {
  return join(project, 'node_modules/.bin', tool);
}

/** False, and told, where the machine cannot be made ready. */
async function isReady() {
  process.stdout.write('\n== hosts\n');
  try {
    await prepareHosts();
    return true;
  } catch (error) {
    broken.push(`end-to-end tests (${error.message})`);
    return false;
  }
}

async function tests(name, only) {
  process.stdout.write(`\n== ${name} tests\n`);
  const dir = mkdtempSync(join(tmpdir(), 'etcdctl-play-test-'));
  const file = join(dir, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const code = await run(installed('vitest'), ['run', '--project', name, ...reporters, ...only]);
    const failedBefore = totals.failed;
    count(JSON.parse(readFileSync(file, 'utf8')));
    if (code !== 0 && totals.failed === failedBefore) broken.push(`${name} tests (vitest ended with ${code})`);
  } catch (error) {
    broken.push(`${name} tests (no report: ${error.message})`);
  } finally {
    rmSync(dir, {recursive: true, force: true});
  }
}

/** Adds up a report; a file that failed outside its tests (at import, in a hook) counts as one failure. */
function count(report) {
  totals.passed += report.numPassedTests;
  totals.failed += report.numFailedTests;
  totals.skipped += report.numPendingTests + report.numTodoTests;
  for (const file of report.testResults) {
    if (file.status === 'failed' && !file.assertionResults.some(one => one.status === 'failed')) totals.failed++;
  }
}

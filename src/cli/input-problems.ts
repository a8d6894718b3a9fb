/** Shows what is wrong with the input: all of it, in the order of the files. */
import type {Diagnostic} from '../base/diagnostic.ts';
import {EXIT} from '../base/event.ts';
import {annotation, drawDiagnostics, sortDiagnostics} from '../report/diagnostic.ts';
import {createJsonReporter} from '../report/json.ts';
import {createPaint} from '../report/paint.ts';
import type {Redactor} from '../report/redact.ts';
import {isColored} from './color.ts';
import type {Options} from './options.ts';

import type {World} from './world.ts';

/** Errors, then warnings, then how many; JSON events with `--output json`. Returns the exit code: `errorCode` (1) where there is an error. */
export function showInputProblems(
  diagnostics: readonly Diagnostic[],
  options: Options,
  world: World,
  redactor: Redactor,
  errorCode: number = EXIT.badInput,
): number {
  const sorted = sortDiagnostics(diagnostics);
  const errors = sorted.filter(({severity}) => severity === 'error');
  const warnings = sorted.filter(({severity}) => severity === 'warning');
  const isBad = errors.length > 0 || (options.strict && warnings.length > 0);
  const exitCode = isBad ? errorCode : EXIT.done;
  if (options.output === 'json') {
    const reporter = createJsonReporter(text => world.stdout.write(redactor.clean(text)), {diff: false, verbosity: 0});
    for (const diagnostic of [...errors, ...warnings]) reporter.on({type: 'diagnostic', diagnostic});
    if (isBad) reporter.on({type: 'run-end', exitCode, durationMs: 0, recap: {}});
    return exitCode;
  }
  const all = [...errors, ...warnings];
  if (all.length === 0) return exitCode;
  const paint = createPaint(isColored(options, world.stderr, world.env));
  world.stderr.write(redactor.clean(`${drawDiagnostics(all, paint)}\n\n`));
  if (world.env['GITHUB_ACTIONS'] === 'true')
    world.stdout.write(redactor.clean(all.map(one => `${annotation(one)}\n`).join('')));
  const counts = [count(errors.length, 'error'), count(warnings.length, 'warning')]
    .filter(text => text !== '')
    .join(', ');
  const strict = isBad && errors.length === 0 ? ' (an error with --strict)' : '';
  if (isBad) world.stderr.write(`${counts}${strict}; no host was touched\n`);
  return exitCode;
}

function count(many: number, word: string): string {
  return many === 0 ? '' : `${many} ${word}${many === 1 ? '' : 's'}`;
}

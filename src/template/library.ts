/** Finds filters and tests by name and runs them. */
import {nearestName} from '../base/names.ts';
import {TemplateFailure} from './failure.ts';
import {FILTERS} from './filters/filters.ts';
import {type Context, type Routines, runRoutine} from './routine.ts';
import {TESTS} from './tests/tests.ts';
import {isTruthy} from './values/compare.ts';
import type {Meter} from './values/meter.ts';
import type {CallArguments, Value} from './values/model.ts';

/** Runs a filter; an unknown one is an E_TEMPLATE_FILTER with the nearest name. */
export function runFilter(name: string, input: Value, args: CallArguments, meter: Meter): Value {
  return runNamed(FILTERS, 'filter', name, input, args, meter);
}

/** Runs a test; an unknown one is an E_TEMPLATE_TEST with the nearest name. */
export function runTest(name: string, input: Value, args: CallArguments, meter: Meter): boolean {
  return isTruthy(runNamed(TESTS, 'test', name, input, args, meter));
}

/** Whether there is such a filter or test, with or without `ansible.builtin.`; the unsupported ones count as known. */
export function isKnown(kind: 'filter' | 'test', name: string): boolean {
  return (kind === 'filter' ? FILTERS : TESTS).has(plainName(name));
}

function plainName(name: string): string {
  return name.replace(/^ansible\.(?:builtin|legacy)\./, '');
}

function runNamed(
  table: Routines,
  kind: 'filter' | 'test',
  name: string,
  input: Value,
  args: CallArguments,
  meter: Meter,
): Value {
  const found = table.get(plainName(name));
  if (found === undefined) {
    const near = nearestName(plainName(name), table.keys());
    const code = kind === 'filter' ? 'E_TEMPLATE_FILTER' : 'E_TEMPLATE_TEST';
    throw new TemplateFailure(code, `there is no ${kind} "${name}"`, {
      hint: near === undefined ? undefined : `did you mean "${near}"?`,
    });
  }
  const context: Context = {
    meter,
    filter: (inner, value, more) => runFilter(inner, value, more, meter),
    test: (inner, value, more) => runTest(inner, value, more, meter),
  };
  try {
    return runRoutine(found, input, args, context);
  } catch (error) {
    if (error instanceof TemplateFailure && error.code === 'E_TEMPLATE_TYPE' && error.start === undefined) {
      throw new TemplateFailure(error.code, `${kind} "${name}": ${error.message}`, {hint: error.hint});
    }
    throw error;
  }
}

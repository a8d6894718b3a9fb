/** What is wrong, where, and what to do next. Errors are a product: `report/diagnostic.ts` draws them. */
import type {Location} from './source.ts';

/** Stable name of a problem, `E_…` for errors and `W_…` for warnings; every one is explained in docs/errors.md. */
export type Code = `E_${string}` | `W_${string}`;

/** One problem, shown as `file:line:col CODE message`, the line with a caret, and the hint. */
export interface Diagnostic {
  readonly code: Code;
  readonly severity: 'error' | 'warning';
  /** One sentence that names the actual value. */
  readonly message: string;
  /** The next action: a command to run, a line to change. */
  readonly hint?: string;
  readonly at?: Location;
  /** Other places that explain this one ("first used here"). */
  readonly related?: readonly {readonly message: string; readonly at: Location}[];
}

/** An error with its place and its remedy. */
export function problem(
  code: `E_${string}`,
  message: string,
  more: Pick<Diagnostic, 'hint' | 'at' | 'related'> = {},
): Diagnostic {
  return {code, severity: 'error', message, ...more};
}

/** A warning: shown, and an error under `--strict`. */
export function warning(
  code: `W_${string}`,
  message: string,
  more: Pick<Diagnostic, 'hint' | 'at' | 'related'> = {},
): Diagnostic {
  return {code, severity: 'warning', message, ...more};
}

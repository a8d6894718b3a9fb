/** How the inside of this room gives up: thrown by the evaluator, caught in `templar.ts` and handed out as a Result. */
import type {Diagnostic} from '../base/diagnostic.ts';

/** Codes of everything that can be wrong with a template. */
export type TemplateCode =
  | 'E_UNDEFINED'
  | 'E_TEMPLATE_SYNTAX'
  | 'E_TEMPLATE_FILTER'
  | 'E_TEMPLATE_TEST'
  | 'E_TEMPLATE_TYPE'
  | 'E_TEMPLATE_RECURSION'
  | 'E_TEMPLATE_UNSUPPORTED'
  | 'E_TEMPLATE_LIMIT';

/** A place in the text of a template, UTF-16 offsets, and the remedy. */
interface Where {
  readonly hint?: string | undefined;
  readonly start?: number | undefined;
  readonly end?: number | undefined;
}

/** A problem in the template being evaluated; without `start` the place is that of the node being evaluated. */
export class TemplateFailure extends Error {
  readonly code: TemplateCode;
  readonly hint: string | undefined;
  readonly start: number | undefined;
  readonly end: number | undefined;

  constructor(code: TemplateCode, message: string, where: Where = {}) {
    super(message);
    this.code = code;
    this.hint = where.hint;
    this.start = where.start;
    this.end = where.end;
  }

  /** The same failure at a place, unless it has one. */
  placed(start: number, end: number): TemplateFailure {
    return this.start === undefined
      ? new TemplateFailure(this.code, this.message, {hint: this.hint, start, end})
      : this;
  }
}

/** A failure that already knows its place in the user's files; on its way out it collects where the value was used. */
export class LocatedFailure extends Error {
  readonly diagnostics: readonly Diagnostic[];
  /** Where in the template now being evaluated the failing variable is used. */
  readonly usedAt: {readonly start: number; readonly end: number} | undefined;

  constructor(diagnostics: readonly Diagnostic[], usedAt?: {readonly start: number; readonly end: number}) {
    super(diagnostics[0]?.message ?? 'template failure');
    this.diagnostics = diagnostics;
    this.usedAt = usedAt;
  }

  /** Whether all that is wrong is a missing variable. */
  get isUndefined(): boolean {
    return this.diagnostics.every(diagnostic => diagnostic.code === 'E_UNDEFINED');
  }

  /** The same failure, used at a place of the template being evaluated, unless it is known already. */
  placed(start: number, end: number): LocatedFailure {
    return this.usedAt === undefined ? new LocatedFailure(this.diagnostics, {start, end}) : this;
  }
}

/** A wrong kind of value: Python's TypeError and ValueError. */
export function typeFailure(message: string, hint?: string): TemplateFailure {
  return new TemplateFailure('E_TEMPLATE_TYPE', message, {hint});
}

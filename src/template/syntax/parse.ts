/** Text to tree. */
import {TemplateFailure} from '../failure.ts';
import {convertBody} from './convert.ts';
import type {Expression, Statement} from './nodes.ts';
import {StatementParser} from './statement-parser.ts';
import {type Escapes, type Token, tokenizeExpression, tokenizeTemplate} from './tokens.ts';

/** Parses a template. Throws TemplateFailure (E_TEMPLATE_SYNTAX, E_TEMPLATE_UNSUPPORTED, E_TEMPLATE_LIMIT). */
export function parseTemplate(text: string, escapes: Escapes): readonly Statement[] {
  return guarded(text, () => {
    const tokens = tokenizeTemplate(text, escapes);
    return convertBody(new StatementParser(tokens).parseAsRoot());
  });
}

/** Parses a bare expression (`when`). Throws like `parseTemplate`. */
export function parseExpression(text: string): Expression {
  return guarded(text, () => {
    if (text.trim() === '')
      throw new TemplateFailure('E_TEMPLATE_SYNTAX', 'the expression is empty', {start: 0, end: 1});
    const tokens: readonly Token[] = tokenizeExpression(text);
    const [statement, ...rest] = convertBody(new StatementParser(tokens).parseAsRoot());
    if (statement?.kind !== 'output' || rest.length > 0)
      throw new TemplateFailure('E_TEMPLATE_SYNTAX', 'not one expression');
    return statement.value;
  });
}

/** nunjucks reports with errors of its own (offset + 1 as column), and trips over an early end. */
function guarded<T>(text: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof TemplateFailure) throw error;
    if (error instanceof RangeError) throw new TemplateFailure('E_TEMPLATE_LIMIT', 'the template is nested too deeply');
    const {message, colno} = error as {message?: string; colno?: number};
    const start = typeof colno === 'number' ? colno - 1 : text.length;
    const reason = error instanceof TypeError ? 'unexpected end of the template' : plainMessage(message ?? '');
    throw new TemplateFailure('E_TEMPLATE_SYNTAX', reason, {start, end: start + 1});
  }
}

function plainMessage(message: string): string {
  return (
    message
      .split('\n')
      .at(-1)
      ?.replace(/^(?:Template render error: |Error: )/, '')
      .replace(/^parse\w+: /, '')
      .trim() ?? message
  );
}

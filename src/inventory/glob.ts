/** Python's `fnmatch` and Ansible's `~regex`, as tests on names. */
import {err, ok, type Result} from '../base/result.ts';

/** Whether an expression may match more than the name that it is. */
export function isWild(expression: string): boolean {
  return expression.startsWith('~') || /[*?[]/.test(expression);
}

/** A test for names: `~regex` (from the start of the name), or a shell pattern (the whole name). Fails on a bad regex. */
export function matcherOf(expression: string): Result<(name: string) => boolean, string> {
  try {
    const regex = new RegExp(
      expression.startsWith('~') ? `^(?:${expression.slice(1)})` : `^(?:${globSource(expression)})$`,
      's',
    );
    return ok(name => regex.test(name));
  } catch (error) {
    return err(error instanceof Error ? error.message : String(error));
  }
}

/** `*`, `?`, `[abc]`, `[!abc]`; a bracket that is never closed is itself. */
function globSource(glob: string): string {
  let source = '';
  for (let index = 0; index < glob.length; index++) {
    const char = glob.charAt(index);
    const set = char === '[' ? /^\[(!?)(\]?[^\]]*)\]/.exec(glob.slice(index)) : null;
    if (char === '*') source += '.*';
    else if (char === '?') source += '.';
    else if (set?.[2]) {
      source += `[${set[1] === '!' ? '^' : ''}${set[2].replace(/[\\\]^]/g, '\\$&')}]`;
      index += set[0].length - 1;
    } else source += char.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  }
  return source;
}

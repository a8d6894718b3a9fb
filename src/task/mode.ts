/** File modes as Ansible takes them, without its trap: `mode: 644` is a decimal number and means 01204. */
import type {Data} from '../base/data.ts';
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import {err, ok, type Result} from '../base/result.ts';

/** A mode as four octal digits: from a text of octal digits, or from a number as YAML reads `0644`. Fails with `E_TASK_MODE`. */
export function parseMode(mode: Data): Result<string, Diagnostic> {
  if (typeof mode === 'string') return modeFromText(mode.trim());
  if (typeof mode === 'number' && Number.isInteger(mode) && mode >= 0 && mode <= 0o7777 && !isStrange(mode))
    return ok(octal(mode));
  const digits = String(mode);
  const hint = /^[0-7]{3,4}$/.test(digits)
    ? `write mode: "${digits.padStart(4, '0')}", with quotes.`
    : 'write four octal digits in quotes, such as "0640".';
  const meant =
    typeof mode === 'number' && Number.isInteger(mode) && mode >= 0 && mode <= 0o7777
      ? `, which is ${octal(mode)} in octal`
      : '';
  return err(problem('E_TASK_MODE', `the mode ${digits} is a decimal number${meant}`, {hint}));
}

function modeFromText(text: string): Result<string, Diagnostic> {
  const match = /^(?:0o)?([0-7]{3,5})$/.exec(text);
  const digits = match?.[1] ?? '';
  if (match !== null && Number.parseInt(digits, 8) <= 0o7777) return ok(octal(Number.parseInt(digits, 8)));
  const isSymbolic = /^[ugoa]*[-+=]/.test(text);
  const message = isSymbolic ? `the symbolic mode "${text}" is not supported` : `"${text}" is not a mode`;
  return err(problem('E_TASK_MODE', message, {hint: 'write four octal digits in quotes, such as "0640".'}));
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** A number that was meant as octal digits gives bits that nobody wants: more for others than for the owner, write without read. */
function isStrange(mode: number): boolean {
  if (mode === 500) return true; // 0764 by accident, 0500 by intention
  const [user, group, other] = [(mode >> 6) & 7, (mode >> 3) & 7, mode & 7];
  const isWriteOnly = (bits: number) => bits === 2 || bits === 3;
  const exceeds = (bits: number, limit: number) => (bits & ~limit) !== 0;
  return [user, group, other].some(isWriteOnly) || exceeds(group, user) || exceeds(other, group);
}

/** Filters with regular expressions. */
import {typeFailure} from '../failure.ts';
import {compilePattern, expandReplacement, groupOf, paySearch} from '../regex.ts';
import {type Args, type Context, named, type Routine} from '../routine.ts';
import {isTruthy} from '../values/compare.ts';
import {MAX_TEXT} from '../values/meter.ts';
import {PyTuple, type Value} from '../values/model.ts';
import {ownList} from '../values/owned.ts';
import {str} from '../values/text.ts';

function replace(input: Value, args: Args, {meter}: Context): Value {
  const subject = str(input, meter);
  const replacement = args.text(1, '');
  const pattern = compilePattern(args.text(0, ''), {ignoreCase: args.flag(2), multiline: args.flag(3)});
  paySearch(subject, meter);
  let result = '';
  let position = 0;
  for (const match of subject.matchAll(pattern)) {
    meter.step();
    const piece = subject.slice(position, match.index) + expandReplacement(replacement, match);
    meter.text(piece.length);
    if (result.length + piece.length > MAX_TEXT) meter.text(MAX_TEXT + 1);
    result += piece;
    position = match.index + match[0].length;
  }
  return result + subject.slice(position);
}

function findAll(input: Value, args: Args, {meter}: Context): Value {
  const subject = str(input, meter);
  const pattern = compilePattern(args.text(0), {multiline: args.flag(1), ignoreCase: args.flag(2)});
  paySearch(subject, meter);
  const found = [...subject.matchAll(pattern)];
  meter.step(found.length);
  return ownList(
    found.map(match => {
      const groups = match.slice(1).map(group => group ?? '');
      const [only = match[0]] = groups;
      return groups.length > 1 ? new PyTuple(groups) : only;
    }),
  );
}

/** Without groups the whole match, with groups (`'\\1'`, `'\\g<name>'`) a list of them; None where nothing is found. */
function search(input: Value, args: Args, {meter}: Context): Value {
  const subject = str(input, meter);
  const flag = (name: string) => isTruthy(args.extra.get(name) ?? false);
  const unknown = [...args.extra.keys()].find(key => key !== 'ignorecase' && key !== 'multiline');
  if (unknown !== undefined)
    throw typeFailure(`unknown argument "${unknown}"`, 'ignorecase and multiline are the only ones.');
  const groups = args.rest.map(group => groupName(str(group, meter)));
  const pattern = compilePattern(args.text(0), {ignoreCase: flag('ignorecase'), multiline: flag('multiline')});
  paySearch(subject, meter);
  const match = pattern.exec(subject);
  if (match === null) return null;
  if (groups.length === 0) return match[0];
  return ownList(
    groups.map(group => (groupOf(match, group) === '' ? emptyGroup(match, group) : groupOf(match, group))),
  );
}

/** A group that took no part is None; one that matched nothing is ''. */
function emptyGroup(match: RegExpExecArray, group: number | string): Value {
  return (typeof group === 'number' ? match[group] : match.groups?.[group]) ?? null;
}

function groupName(text: string): number | string {
  const named = /^\\g<(\S+)>/.exec(text)?.[1];
  if (named !== undefined) return /^\d+$/.test(named) ? Number(named) : named;
  const digits = /^\\(\d+)/.exec(text)?.[1];
  if (digits === undefined) throw typeFailure(`"${text}" names no group`, "groups are '\\\\1' or '\\\\g<name>'.");
  return Number(digits);
}

function escapeFor(input: Value, args: Args, {meter}: Context): Value {
  const text = str(input, meter);
  const kind = args.text(0, 'python');
  if (kind === 'python') return text.replaceAll(/[()[\]{}?*+\-|^$\\.&~# \t\n\r\v\f]/g, char => `\\${char}`);
  if (kind === 'posix_basic') return text.replaceAll(/[\].[^$*\\]/g, char => `\\${char}`);
  throw typeFailure(`"${kind}" is no kind of regular expression`, 'python and posix_basic are.');
}

/** Filters by name. */
export const REGEX_FILTERS: readonly (readonly [string, Routine])[] = [
  ...named('regex_replace', 'pattern replacement ignorecase multiline', replace),
  ...named('regex_findall', 'regex multiline ignorecase', findAll),
  ...named('regex_search', 'regex * **', search),
  ...named('regex_escape', 're_type', escapeFor),
];

/** Filters on text. */
import {typeFailure} from '../failure.ts';
import {type Args, named, type Routine} from '../routine.ts';
import {formatPercent} from '../values/format-percent.ts';
import type {Meter} from '../values/meter.ts';
import {dictOf, PyTuple, typeName, type Value} from '../values/model.ts';
import {ownList} from '../values/owned.ts';
import {capitalize, lines, padded, replaceCount, splitOn, splitSpaces, strip} from '../values/string-tools.ts';
import {str} from '../values/text.ts';

/** A filter whose input is made text first. */
function onText(signature: string, run: (text: string, args: Args, meter: Meter) => Value): [string, Routine['run']] {
  return [signature, (input, args, {meter}) => run(str(input, meter), args, meter)];
}

/** A filter that takes nothing but text. */
function onlyText(signature: string, run: (text: string, args: Args) => Value): [string, Routine['run']] {
  return [
    signature,
    (input, args) => {
      if (typeof input !== 'string')
        throw typeFailure(`a text is needed here, not ${typeName(input)}`, 'convert it with "| string".');
      return run(input, args);
    },
  ];
}

function indent(text: string, args: Args, meter: Meter): string {
  const width = args.get(0) ?? 4;
  if (typeof width === 'number') meter.text(width);
  const margin = typeof width === 'string' ? width : ' '.repeat(Math.max(0, args.int(0, 4)));
  const blank = args.flag(2);
  const [first = '', ...rest] = lines(`${text}\n`, false);
  meter.text(text.length + rest.length * margin.length);
  const indented = rest.map(line => (line !== '' || blank ? margin + line : line));
  return (args.flag(1) ? margin : '') + [first, ...indented].join('\n');
}

function truncate(text: string, args: Args): string {
  const length = args.int(0, 255);
  const end = args.text(2, '...');
  const letters = Array.from(text);
  const leeway = args.get(3) ?? null;
  if (letters.length <= length + (leeway === null ? 5 : args.int(3))) return text;
  if (length < end.length) throw typeFailure(`a length of ${length} has no room for "${end}"`);
  const cut = letters.slice(0, length - end.length).join('');
  if (args.flag(1)) return cut + end;
  const space = cut.lastIndexOf(' ');
  return (space === -1 ? cut : cut.slice(0, space)) + end;
}

/** `shlex.quote`. */
function quote(input: Value, meter: Meter): string {
  const text = input === null ? '' : str(input, meter);
  if (text === '') return "''";
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\"'\"'")}'`;
}

const COMMENTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  plain: {decoration: '# '},
  erlang: {decoration: '% '},
  c: {decoration: '// '},
  cblock: {beginning: '/*', decoration: ' * ', end: ' */'},
  xml: {beginning: '<!--', decoration: ' - ', end: '-->'},
};

function comment(text: string, args: Args, meter: Meter): string {
  const style = args.text(0, 'plain');
  const preset = Object.hasOwn(COMMENTS, style) ? COMMENTS[style] : undefined;
  if (preset === undefined)
    throw typeFailure(`"${style}" is no style of comments`, `styles are: ${Object.keys(COMMENTS).join(', ')}.`);
  const option = (name: string, fallback: string): string => {
    const given = args.extra.get(name);
    return given === undefined ? fallback : str(given, meter);
  };
  const decoration = option('decoration', preset.decoration ?? '');
  const newline = option('newline', '\n');
  const count = (name: string) => Math.min(1000, Number(option(name, '1')));
  const [beginning, end] = [option('beginning', preset.beginning ?? ''), option('end', preset.end ?? '')];
  const [prefix, postfix] = [option('prefix', decoration.trimEnd()), option('postfix', decoration.trimEnd())];
  const body = (decoration + text.replaceAll(newline, newline + decoration)).replaceAll(
    decoration + newline,
    decoration.trimEnd() + newline,
  );
  return [
    beginning === '' ? '' : beginning + newline,
    prefix === '' ? '' : (prefix === newline ? newline : prefix + newline).repeat(count('prefix_count')),
    body,
    (newline + postfix).repeat(count('postfix_count')),
    end === '' ? '' : newline + end,
  ].join('');
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function dirName(path: string): string {
  const head = path.slice(0, path.lastIndexOf('/') + 1);
  return /^\/+$/.test(head) ? head : head.replace(/\/+$/, '');
}

function splitExtension(path: string): PyTuple {
  const name = baseName(path);
  const dot = name.lastIndexOf('.');
  if (dot <= 0 || /^\.+$/.test(name.slice(0, dot))) return new PyTuple([path, '']);
  const at = path.length - name.length + dot;
  return new PyTuple([path.slice(0, at), path.slice(at)]);
}

/** `os.path.join`: an absolute part starts anew. */
function joinPath(parts: readonly string[]): string {
  return parts.reduce((path, part) =>
    part.startsWith('/') || path === '' ? part : path + (path.endsWith('/') ? '' : '/') + part,
  );
}

function wordWrap(text: string, args: Args): string {
  const width = args.int(0, 79);
  const breaker = args.get(2) ?? null;
  const wrapped = lines(text, false).map(line => {
    const rows: string[] = [''];
    for (const word of line.split(' ')) {
      const row = rows.at(-1) ?? '';
      if (row !== '' && row.length + 1 + word.length > width) rows.push(word);
      else rows[rows.length - 1] = row === '' ? word : `${row} ${word}`;
    }
    return rows.join(breaker === null ? '\n' : String(breaker));
  });
  return wrapped.join(breaker === null ? '\n' : String(breaker));
}

/** Filters by name. */
export const TEXT_FILTERS: readonly (readonly [string, Routine])[] = [
  ...named('upper', ...onText('', text => text.toUpperCase())),
  ...named('lower', ...onText('', text => text.toLowerCase())),
  ...named('capitalize', ...onText('', capitalize)),
  ...named(
    'title',
    ...onText('', text =>
      text
        .split(/([-\s({[<]+)/)
        .map(capitalize)
        .join(''),
    ),
  ),
  ...named('trim strip', ...onText('chars', (text, args) => strip(text, args.get(0) ?? null, 'both'))),
  ...named(
    'center',
    ...onText('width', (text, args, meter) => {
      meter.text(args.int(0, 80));
      return padded(text, args.int(0, 80), ' ', 'both');
    }),
  ),
  ...named(
    'replace',
    ...onText('old new count', (text, args, meter) => {
      const count = args.get(2) ?? null;
      return replaceCount(
        text,
        args.text(0),
        args.text(1),
        count === null || args.int(2) < 0 ? Number.POSITIVE_INFINITY : args.int(2),
        meter,
      );
    }),
  ),
  ...named('indent', ...onText('width first blank', indent)),
  ...named('truncate', ...onText('length killwords end leeway', truncate)),
  ...named('wordcount', ...onText('', text => text.match(/[\p{L}\p{N}_]+/gu)?.length ?? 0)),
  ...named('wordwrap', ...onText('width break_long_words wrapstring', wordWrap)),
  ...named('format', '* **', (input, args, {meter}) =>
    formatPercent(str(input, meter), args.extra.size > 0 ? dictOf(args.extra) : new PyTuple(args.rest), meter),
  ),
  ...named(
    'split',
    ...onlyText('sep maxsplit', (text, args) => {
      const limit = args.get(1) === undefined || args.int(1) < 0 ? Number.POSITIVE_INFINITY : args.int(1);
      return ownList(
        (args.get(0) ?? null) === null ? splitSpaces(text, limit, false) : splitOn(text, args.text(0), limit, false),
      );
    }),
  ),
  ...named('quote', '', (input, _args, {meter}) => quote(input, meter)),
  ...named('comment', ...onText('style **', comment)),
  ...named('basename', ...onlyText('', baseName)),
  ...named('dirname', ...onlyText('', dirName)),
  ...named('splitext', ...onlyText('', splitExtension)),
  ...named('path_join', '', (input, _args, {meter}) =>
    Array.isArray(input) ? joinPath(input.map(part => str(part, meter))) : str(input, meter),
  ),
  ...named(
    'escape e forceescape',
    ...onText('', text =>
      text.replaceAll(/[&<>'"]/g, char => `&${{'&': 'amp', '<': 'lt', '>': 'gt', "'": '#39', '"': '#34'}[char]};`),
    ),
  ),
  ...named('safe', ...onText('', text => text)),
];

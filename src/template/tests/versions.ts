/** `is version('3.5', '>=')`: Python's loose and strict versions, and semantic ones. */
import {TemplateFailure, typeFailure} from '../failure.ts';
import type {Args, Context} from '../routine.ts';
import {isTruthy} from '../values/compare.ts';
import type {Value} from '../values/model.ts';
import {str} from '../values/text.ts';

const OPERATORS: Readonly<Record<string, (order: number) => boolean>> = {
  eq: order => order === 0,
  ne: order => order !== 0,
  lt: order => order < 0,
  le: order => order <= 0,
  gt: order => order > 0,
  ge: order => order >= 0,
};
const SYNONYMS: Readonly<Record<string, string>> = {
  '==': 'eq',
  '=': 'eq',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  '!=': 'ne',
  '<>': 'ne',
};

type Part = number | string;

/** The test `version`. */
export function versionTest(value: Value, args: Args, {meter}: Context): boolean {
  const operator = args.text(1, 'eq');
  const holds = OPERATORS[Object.hasOwn(SYNONYMS, operator) ? (SYNONYMS[operator] ?? operator) : operator];
  if (holds === undefined)
    throw typeFailure(`"${operator}" is no comparison`, `comparisons are: ${Object.keys(SYNONYMS).join(' ')}.`);
  const wanted = args.need(0);
  if (!isTruthy(value) || !isTruthy(wanted)) throw typeFailure('a version must not be empty');
  const strict = args.get(2) ?? null;
  const kind = args.get(3) ?? null;
  if (strict !== null && kind !== null) throw typeFailure('strict and version_type cannot both be given');
  const compare = comparison(strict !== null && isTruthy(strict) ? 'strict' : String(kind ?? 'loose'));
  return holds(compare(str(value, meter), str(wanted, meter)));
}

function comparison(kind: string): (a: string, b: string) => number {
  switch (kind) {
    case 'loose':
      return (a, b) => compareParts(looseParts(a), looseParts(b));
    case 'strict':
      return (a, b) => compareParts(strictParts(a), strictParts(b));
    case 'semver':
    case 'semantic':
      return (a, b) => compareSemantic(semanticParts(a), semanticParts(b));
    default:
      throw new TemplateFailure('E_TEMPLATE_UNSUPPORTED', `version_type "${kind}" is not supported`, {
        hint: 'loose, strict and semver are.',
      });
  }
}

/** `LooseVersion`: runs of digits, runs of lower-case letters, and what is between (without dots). */
function looseParts(version: string): Part[] {
  return version
    .split(/(\d+|[a-z]+|\.)/)
    .filter(part => part !== '' && part !== '.')
    .map(part => (/^\d+$/.test(part) ? Number(part) : part));
}

function compareParts(a: readonly Part[], b: readonly Part[]): number {
  for (const [index, part] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    if (typeof part !== typeof other)
      throw typeFailure(`versions cannot be compared: "${part}" and "${other}" stand at the same place`);
    if (part !== other) return part < other ? -1 : 1;
  }
  return a.length - b.length;
}

/** `StrictVersion`: `1.2`, `1.2.3`, `1.2a1`; a missing third number is 0, a release is after its pre-releases. */
function strictParts(version: string): Part[] {
  const match = /^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$/.exec(version);
  if (match === null)
    throw typeFailure(`"${version}" is not a strict version`, 'it must look like 1.2, 1.2.3 or 1.2a1.');
  const [, major, minor, patch = '0', letter, number = '0'] = match;
  return [Number(major), Number(minor), Number(patch), letter ?? 'z', Number(number)];
}

interface Semantic {
  readonly core: readonly Part[];
  readonly pre: readonly string[];
}

function semanticParts(version: string): Semantic {
  const match = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([\dA-Za-z.-]+))?(?:\+[\dA-Za-z.-]+)?$/.exec(version);
  if (match === null)
    throw typeFailure(`"${version}" is not a semantic version`, 'it must look like 1.2.3 or 1.2.3-rc.1.');
  return {core: [Number(match[1]), Number(match[2]), Number(match[3])], pre: match[4]?.split('.') ?? []};
}

function compareSemantic(a: Semantic, b: Semantic): number {
  const core = compareParts(a.core, b.core);
  if (core !== 0) return core;
  if (a.pre.length === 0 || b.pre.length === 0) return b.pre.length - a.pre.length;
  for (const [index, part] of a.pre.entries()) {
    const other = b.pre[index];
    if (other === undefined) return 1;
    if (part === other) continue;
    const areNumbers = [/^\d+$/.test(part), /^\d+$/.test(other)];
    if (areNumbers[0] && areNumbers[1]) return Number(part) - Number(other);
    if (areNumbers[0] !== areNumbers[1]) return areNumbers[0] ? -1 : 1;
    return part < other ? -1 : 1;
  }
  return a.pre.length - b.pre.length;
}

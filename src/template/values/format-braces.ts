/** Python's `'{}: {name:>5}'.format(…)`; only own keys and indices can be reached, never attributes. */
import {typeFailure} from '../failure.ts';
import {ownItem} from './access.ts';
import {formatSpec} from './format-spec.ts';
import type {Meter} from './meter.ts';
import type {Value} from './model.ts';
import {parseInteger} from './number.ts';
import {repr, str} from './text.ts';

const FIELD = /\{\{|\}\}|\{([^{}!:]*)(?:!([rsa]))?(?::((?:[^{}]|\{[^{}]*\})*))?\}|[{}]/g;
const SPEC = /^(?:([\s\S])?([<>=^]))?([-+ ]?)(#?)(0?)(\d*)([,_]?)(?:\.(\d+))?([a-zA-Z%]?)$/u;

/** The text with its fields filled in. */
export function formatBraces(
  format: string,
  positional: readonly Value[],
  named: ReadonlyMap<string, Value>,
  meter: Meter,
): string {
  let next = 0;
  const lookup = (field: string): Value => {
    const [first = '', ...path] = field
      .split(/\.|\[([^\]]*)\]/)
      .filter(part => part !== undefined && (part !== '' || field === ''));
    const value =
      first === '' ? positional[next++] : /^\d+$/.test(first) ? positional[Number(first)] : named.get(first);
    if (value === undefined) throw typeFailure(`the format string names {${field}}, which is not given`);
    return path.reduce<Value>((target, part) => {
      const item = ownItem(target, parseInteger(part) ?? part);
      if (item === undefined) throw typeFailure(`{${field}} has no "${part}"`);
      return item;
    }, value);
  };
  const text = format.replaceAll(
    FIELD,
    (whole: string, field: string | undefined, conversion: string | undefined, spec: string | undefined) => {
      if (whole === '{{' || whole === '}}') return whole.slice(1);
      if (field === undefined)
        throw typeFailure(
          `a single "${whole}" in a format string`,
          `write "${whole}${whole}" for the character itself.`,
        );
      const raw = lookup(field);
      const value = conversion === undefined ? raw : conversion === 's' ? str(raw, meter) : repr(raw, meter);
      const inner = spec?.replaceAll(/\{([^{}]*)\}/g, (_whole, name: string) => str(lookup(name), meter));
      return formatField(value, inner ?? '', meter);
    },
  );
  meter.text(text.length);
  return text;
}

function formatField(value: Value, spec: string, meter: Meter): string {
  if (spec === '') return str(value, meter);
  const match = SPEC.exec(spec);
  if (match === null) throw typeFailure(`"${spec}" is not a known format specification`);
  const [, fill, align = '', sign = '', alternate, zero, width, group = '', precision, type = ''] = match;
  return formatSpec(
    value,
    {
      type,
      fill: fill ?? (zero === '0' ? '0' : ' '),
      align: align === '' && zero === '0' ? '=' : align,
      sign: sign === '-' ? '' : sign,
      alternate: alternate === '#',
      width: Number(width === '' ? 0 : width),
      group,
      precision: precision === undefined ? undefined : Number(precision),
    },
    meter,
  );
}

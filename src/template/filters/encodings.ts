/** Filters between text and other forms: base64, hashes, JSON, YAML. */
import {createHash} from 'node:crypto';
import {parseYaml, toData as yamlData} from '../../base/yaml.ts';
import {typeFailure} from '../failure.ts';
import {type Args, type Context, named, type Routine} from '../routine.ts';
import {isTruthy} from '../values/compare.ts';
import {parseJson, toJson} from '../values/json.ts';
import {typeName, type Value} from '../values/model.ts';
import {smallInt} from '../values/number.ts';
import {str} from '../values/text.ts';
import {toYaml} from '../values/yaml-dump.ts';

const HASHES: readonly string[] = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'];
/** Ansible's namespace for `to_uuid`. */
const UUID_NAMESPACE = '361E6D51-FAEC-444A-9079-341386DA8E2E';

function digest(kind: (args: Args) => string): Routine['run'] {
  return (input, args, {meter}) => {
    const name = kind(args);
    if (!HASHES.includes(name)) throw typeFailure(`"${name}" is no known hash`, `known are: ${HASHES.join(', ')}.`);
    return createHash(name).update(str(input, meter), 'utf8').digest('hex');
  };
}

function uuid(input: Value, args: Args, {meter}: Context): Value {
  const namespace = args.text(0, UUID_NAMESPACE).replaceAll('-', '');
  if (!/^[\da-fA-F]{32}$/.test(namespace)) throw typeFailure(`"${args.text(0, '')}" is not a UUID`);
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace, 'hex'))
    .update(str(input, meter), 'utf8')
    .digest()
    .subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function json(nice: boolean): Routine['run'] {
  return (input, args, {meter}) => {
    const indent = args.or(0, nice ? 4 : null);
    const ascii = args.extra.get('ensure_ascii') ?? true;
    return toJson(
      input,
      {
        indent: indent === null ? undefined : smallInt(indent, 'indent'),
        sortKeys: args.flag(1, nice),
        ascii: isTruthy(ascii),
      },
      meter,
    );
  };
}

function htmlJson(input: Value, args: Args, {meter}: Context): Value {
  const indent = args.get(0) ?? null;
  const text = toJson(
    input,
    {indent: indent === null ? undefined : smallInt(indent, 'indent'), sortKeys: true, ascii: true},
    meter,
  );
  return text.replaceAll(/[<>&']/g, char => `\\u00${char.charCodeAt(0).toString(16)}`);
}

function fromYaml(input: Value): Value {
  if (typeof input !== 'string') return input;
  const parsed = parseYaml({path: '<from_yaml>', text: input});
  if (!parsed.ok) throw typeFailure(parsed.error[0]?.message ?? 'not valid YAML');
  return yamlData(parsed.value);
}

function yaml(indent: number, flow: boolean | undefined): Routine['run'] {
  return (input, args, {meter}) => {
    const option = (name: string) => args.extra.get(name);
    const unknown = [...args.extra.keys()].find(
      key =>
        ![
          'default_flow_style',
          'sort_keys',
          'width',
          'explicit_start',
          'explicit_end',
          'allow_unicode',
          'line_break',
        ].includes(key),
    );
    if (unknown !== undefined)
      throw typeFailure(`unknown argument "${unknown}"`, 'indent, width, sort_keys and default_flow_style are known.');
    const given = option('default_flow_style');
    return toYaml(
      input,
      {
        indent: args.int(0, indent),
        flow: given === undefined ? flow : given === null ? undefined : isTruthy(given),
        sortKeys: isTruthy(option('sort_keys') ?? true),
        width: smallInt(option('width') ?? 80, 'width'),
        explicitStart: isTruthy(option('explicit_start') ?? false),
      },
      meter,
    );
  };
}

/** Filters by name. */
export const ENCODING_FILTERS: readonly (readonly [string, Routine])[] = [
  ...named('b64encode', 'encoding', (input, _args, {meter}) =>
    Buffer.from(str(input, meter), 'utf8').toString('base64'),
  ),
  ...named('b64decode', 'encoding', (input, _args, {meter}) => {
    const text = str(input, meter);
    const bytes = Buffer.from(text, 'base64');
    if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text)) throw typeFailure('the text is not base64');
    return new TextDecoder('utf-8', {ignoreBOM: true}).decode(bytes);
  }),
  ...named(
    'hash',
    'hashtype',
    digest(args => args.text(0, 'sha1')),
  ),
  ...named(
    'md5',
    '',
    digest(() => 'md5'),
  ),
  ...named(
    'sha1 checksum',
    '',
    digest(() => 'sha1'),
  ),
  ...named('to_uuid', 'namespace', uuid),
  ...named('to_json', 'indent sort_keys **', json(false)),
  ...named('to_nice_json', 'indent sort_keys **', json(true)),
  ...named('tojson', 'indent', htmlJson),
  ...named('from_json', '', input => {
    if (typeof input !== 'string') throw typeFailure(`a text is needed here, not ${typeName(input)}`);
    return parseJson(input);
  }),
  ...named('to_yaml', 'indent **', yaml(2, undefined)),
  ...named('to_nice_yaml', 'indent **', yaml(4, false)),
  ...named('from_yaml', '', fromYaml),
];

import {describe, expect, test} from 'vitest';
import {formatLocation} from '../../src/base/source.ts';
import {parseExtraVars} from '../../src/inventory/extra-vars.ts';
import {KNOWN} from './known.ts';

const files: Record<string, string> = {
  'vars.yml': 'etcd_port: 2379\nlist: [1, 2]\n',
  'list.yml': '- a\n',
  'vars.json': '{"a": true}',
};

function readFile(path: string) {
  const text = files[path];
  return text === undefined ? undefined : {path, text};
}

function parse(...texts: readonly string[]): unknown {
  const parsed = parseExtraVars(
    texts.map(text => ({text, source: '-e'})),
    readFile,
    KNOWN,
  );
  if (parsed.ok) return Object.fromEntries([...parsed.value].map(([name, {value}]) => [name, value]));
  return parsed.error.map(({code, message, at}) => `${at === undefined ? '' : formatLocation(at)} ${code} ${message}`);
}

describe('extra variables', () => {
  test.each<[string, unknown]>([
    ['etcd_init=existing', {etcd_init: 'existing'}],
    ['a=1 b=true', {a: '1', b: 'true'}],
    [`a="v 2" b='w  3' c=x=y`, {a: 'v 2', b: 'w  3', c: 'x=y'}],
    ['a="{{ b }}" b={{ c + 1 }}', {a: '{{ b }}', b: '{{ c + 1 }}'}],
    ['a=', {a: ''}],
    ['{"a": 1, "b": [true, null]}', {a: 1, b: [true, null]}],
    ['{a: 1, b: yes}', {a: 1, b: true}],
    ['a: 1', {a: 1}],
    ['@vars.yml', {etcd_port: 2379, list: [1, 2]}],
    ['@vars.json', {a: true}],
    ['', {}],
  ])('%s', (text, variables) => {
    expect(parse(text)).toEqual(variables);
  });

  test('later ones win', () => {
    expect(parse('a=1 b=1', '@vars.yml', 'a=2 etcd_port=1')).toEqual({a: '2', b: '1', etcd_port: '1', list: [1, 2]});
  });

  test.each([
    ['etcd_init', '-e:1:1 E_EXTRA_VARS "etcd_init" is not of the form name=value'],
    ['a=1 =2', '-e:1:5 E_EXTRA_VARS "=2" is not of the form name=value'],
    ['a="open', '-e:1:1 E_EXTRA_VARS a quote (") is not closed'],
    ['{"a": 1', '-e:1:8 E_EXTRA_VARS not valid YAML: Flow map must end with a }'],
    ['[1, 2]', '-e:1:1 E_EXTRA_VARS extra variables must be a mapping, this is a list'],
    ['@list.yml', 'list.yml:1:1 E_EXTRA_VARS extra variables must be a mapping, this is a list'],
    ['@nosuch.yml', '-e:1:1 E_EXTRA_VARS the file nosuch.yml cannot be read'],
    ['./vars.yml', '-e:1:1 E_EXTRA_VARS "./vars.yml" is a path, not a variable'],
    ['etcd_int=existing', '-e:1:1 E_VARIABLE_UNKNOWN unknown variable etcd_int'],
    ['x=1 ansible_port=ssh', '-e:1:18 E_VARIABLE_TYPE ansible_port is "ssh", but must be a port from 1 to 65535'],
    ['a-b=1', '-e:1:1 E_VARIABLE_NAME "a-b" cannot be the name of a variable'],
  ])('%s is refused', (text, message) => {
    expect(parse(text)).toEqual([message]);
  });

  test('every problem of every -e is reported', () => {
    expect(parse('x', '@nosuch.yml', 'etcd_int=1')).toHaveLength(3);
  });
});

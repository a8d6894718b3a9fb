/** Which plain words are booleans and numbers: what Python's `yaml.SafeLoader` takes for them, where the library differs. */
import type {Tags} from 'yaml';

/** Plain YAML 1.1 would take `y` and `n`, too. */
const boolTag = {
  identify: (value: unknown) => typeof value === 'boolean',
  default: true as const,
  tag: 'tag:yaml.org,2002:bool',
  test: /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  resolve: (text: string) => /^(?:y|t|on)/i.test(text),
};

/** A dot is needed, and a sign in the exponent: `1e3` and `.` are texts. */
const floatTag = {
  identify: (value: unknown) => typeof value === 'number',
  default: true as const,
  tag: 'tag:yaml.org,2002:float',
  test: /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?$/,
  resolve: (text: string) => Number.parseFloat(text.replaceAll('_', '')),
};

/** A decimal number does not begin with 0: `08` is a text (and `07` octal, which the library knows). */
const integerTag = {
  identify: (value: unknown) => typeof value === 'bigint',
  default: true as const,
  tag: 'tag:yaml.org,2002:int',
  test: /^[-+]?(?:0|[1-9][0-9_]*)$/,
  resolve: (text: string) => BigInt(text.replaceAll('_', '').replace(/^\+/, '')),
};

const OWN = [boolTag, integerTag, floatTag];

/** Ansible's own tags: the text stays a text. */
const ANSIBLE = ['!unsafe', '!vault'].map(tag => ({tag, resolve: (text: string) => text}));

/** The library's tags of YAML 1.1 with Python's booleans and numbers, and Ansible's own tags. */
export function pyYamlTags(tags: Tags): Tags {
  return [...OWN, ...tags.filter(tag => typeof tag === 'string' || !isReplaced(tag)), ...ANSIBLE];
}

/** Booleans, decimal integers and decimal floats; not the other bases, infinity, `1:30`. */
function isReplaced(tag: {readonly tag?: string; readonly test?: RegExp}): boolean {
  const matches = (sample: string) => tag.test?.test(sample) === true;
  if (tag.tag === boolTag.tag) return true;
  return (
    (tag.tag === integerTag.tag && matches('8')) || (tag.tag === floatTag.tag && (matches('1e3') || matches('1.5')))
  );
}

/** Hostile values of every text variable of the role: refused before any connection, or listed here as values that stay data. */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {Validators} from '../../src/task/validators.ts';

const HOSTILE = {
  substitution: '$(touch /tmp/pwn)',
  backticks: '`touch /tmp/pwn`',
  quoteAndCommand: "x'; reboot; '",
  doubleQuote: 'x"; reboot; "',
  newline: 'x\nExecStartPre=/bin/touch /tmp/pwn',
  trailingNewline: '/srv/x\n',
  option: '-oProxyCommand=x',
  upwards: '../../etc/passwd',
  upwardsInside: '/srv/../etc/passwd',
  nul: 'x\u0000y',
  direction: '/srv/\u202egpj.x',
  specifier: '/srv/%n',
  environment: '/srv/$'.concat('{X}'),
  comment: '/srv/x # y',
  long: `/${'x'.repeat(5000)}`,
};
/** Texts for the controller alone, or for a certificate: no shell, unit or configuration of a host ever holds them. */
const CONTROLLER = [
  'substitution',
  'backticks',
  'quoteAndCommand',
  'doubleQuote',
  'upwards',
  'upwardsInside',
  'specifier',
  'environment',
  'comment',
];
const STAYS_DATA: Readonly<Record<string, readonly string[]>> = {
  etcd_archive: CONTROLLER,
  etcd_pki_dir: CONTROLLER,
  etcd_snapshot_dir: CONTROLLER,
  etcd_ca_cn: [...CONTROLLER, 'option'],
  etcd_root_password: Object.keys(HOSTILE),
};

const file = join(import.meta.dirname, '../../roles/etcd/meta/variables.schema.json');
const {properties} = JSON.parse(readFileSync(file, 'utf8')) as {properties: Record<string, Record<string, unknown>>};
const texts = Object.entries(properties).filter(
  ([, {type, enum: words}]) => words !== undefined || [type].flat().includes('string'),
);

test.each(texts)('%s refuses what a shell, a unit or ssh could take for more than a value', (name, schema) => {
  const validators = new Validators();
  const accepted = Object.entries(HOSTILE).filter(
    ([, value]) => validators.check(schema, value, false).violations.length === 0,
  );
  expect(accepted.map(([kind]) => kind).sort()).toEqual([...(STAYS_DATA[name] ?? [])].sort());
});

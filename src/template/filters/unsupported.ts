/** Ansible's filters that need more than their input: the clock, chance, files, other programs. */
import {TemplateFailure} from '../failure.ts';
import {type Routine, routine} from '../routine.ts';

const PURE =
  'a template gives the same text for the same variables: make this value before the run and pass it with "-e".';
const FILES =
  'templates do not look at files: take a fact from the host ("stat", "slurp") or pass the value with "-e".';

const REASONS: Readonly<Record<string, string>> = {
  random: PURE,
  shuffle: PURE,
  strftime: PURE,
  to_datetime: PURE,
  password_hash: PURE,
  expanduser: FILES,
  expandvars: FILES,
  fileglob: FILES,
  realpath: FILES,
  vault: 'encrypt with "ansible-vault encrypt_string" and put the result into the inventory.',
  unvault: 'write the value as "!vault" in the inventory: it is decrypted on reading.',
  json_query: 'use "map", "selectattr" and attributes instead of JMESPath.',
  'community.general.json_query': 'use "map", "selectattr" and attributes instead of JMESPath.',
  ipaddr: 'the tests "ansible.utils.ip_address" and the filter "ansible.utils.ipwrap" are known.',
  'ansible.utils.ipaddr': 'the tests "ansible.utils.ip_address" and the filter "ansible.utils.ipwrap" are known.',
};

/** Filters by name: each says what to do instead. */
export const UNSUPPORTED_FILTERS: readonly (readonly [string, Routine])[] = Object.entries(REASONS).map(
  ([name, hint]) => [
    name,
    routine('? * **', () => {
      throw new TemplateFailure('E_TEMPLATE_UNSUPPORTED', `the filter "${name}" is not supported`, {hint});
    }),
  ],
);

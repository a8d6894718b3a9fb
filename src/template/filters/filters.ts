/** All filters. */
import type {Routines} from '../routine.ts';
import {DICT_FILTERS} from './dicts.ts';
import {ENCODING_FILTERS} from './encodings.ts';
import {LIST_FILTERS} from './lists.ts';
import {LOGIC_FILTERS} from './logic.ts';
import {NETWORK_FILTERS} from './network.ts';
import {NUMBER_FILTERS} from './numbers.ts';
import {REGEX_FILTERS} from './regexes.ts';
import {SELECT_FILTERS} from './select.ts';
import {TEXT_FILTERS} from './texts.ts';
import {UNSUPPORTED_FILTERS} from './unsupported.ts';

/** Filters by name, without the `ansible.builtin.` prefix. */
export const FILTERS: Routines = new Map([
  ...LOGIC_FILTERS,
  ...SELECT_FILTERS,
  ...LIST_FILTERS,
  ...DICT_FILTERS,
  ...TEXT_FILTERS,
  ...REGEX_FILTERS,
  ...NUMBER_FILTERS,
  ...ENCODING_FILTERS,
  ...NETWORK_FILTERS,
  ...UNSUPPORTED_FILTERS,
]);

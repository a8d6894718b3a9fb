/** All tests (`is …`). */
import type {Routines} from '../routine.ts';
import {COMPARISON_TESTS} from './comparisons.ts';
import {KIND_TESTS} from './kinds.ts';
import {RESULT_TESTS} from './results.ts';
import {TEXT_TESTS} from './texts.ts';

/** Tests by name, without the `ansible.builtin.` prefix. */
export const TESTS: Routines = new Map([...KIND_TESTS, ...COMPARISON_TESTS, ...TEXT_TESTS, ...RESULT_TESTS]);

/**
 * Every file in `test/cases/bad-inputs` is an inventory with mistakes and the problems that must be reported: all of them, in
 * order, each with its place. A case: `about` (test title), `inventory`, `expect` (list of code, line, col, and a part of the
 * hint), `varsFiles` (list of kind, name, text), `extraArgs` (command line) and `stage`: `inventory` (default, checked here)
 * or `compile`.
 */
import {readdirSync, readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {parse} from 'yaml';
import {positionOf} from '../../src/base/source.ts';
import {parseInventory} from '../../src/inventory/inventory.ts';
import {KNOWN} from './known.ts';

interface Case {
  readonly about: string;
  readonly stage?: 'inventory' | 'compile';
  readonly inventory: string;
  readonly varsFiles?: readonly {kind: 'group' | 'host'; name: string; text: string}[];
  readonly expect: readonly {code: string; line: number; col: number; hint: string}[];
}

const folder = new URL('../cases/bad-inputs/', import.meta.url);
const cases = readdirSync(folder)
  .filter(name => name.endsWith('.yml'))
  .map(name => ({name, ...(parse(readFileSync(new URL(name, folder), 'utf8')) as Case)}))
  .filter(({stage = 'inventory'}) => stage === 'inventory');

describe('an inventory with a mistake is refused, with the place and a remedy', () => {
  test.each(cases)('$name: $about', ({inventory, varsFiles = [], expect: wanted}) => {
    const files = varsFiles.map(({kind, name, text}) => ({kind, name, file: {path: `${kind}_vars/${name}.yml`, text}}));
    const parsed = parseInventory([{path: 'hosts.yml', text: inventory}], {...KNOWN, varsFiles: files});
    const found = parsed.ok ? [] : parsed.error;
    expect(
      found.map(({code, at, hint = ''}, index) => {
        const place = at === undefined ? {line: 0, col: 0} : positionOf(at.file, at.start);
        const part = wanted[index]?.hint ?? '';
        return {code, ...place, hint: hint.includes(part) ? part : hint};
      }),
    ).toEqual(wanted);
  });
});

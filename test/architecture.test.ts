import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {afterEach, describe, expect, it} from 'vitest';
import {breaches, FLOOR_PLAN, PURE_ROOMS} from './helpers/architecture.ts';

const houses: string[] = [];
afterEach(() => {
  for (const house of houses.splice(0)) rmSync(house, {recursive: true});
});

/** A small house of these files. */
function build(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'house-'));
  houses.push(root);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), {recursive: true});
    writeFileSync(join(root, name), text);
  }
  return root;
}

const LAWFUL = {
  'main.ts': "import {run} from './cli/cli.ts';\nconsole;\nrun();\n",
  'base/result.ts': 'export const ok = 1;\n',
  'report/text.ts':
    "import {ok} from '../base/result.ts';\nimport {x} from './width.ts';\n/** Never uses Date.now() or console.log. */\nexport const y = ok + x;\n",
  'report/width.ts': 'export const x = 1; // import {a} from "../cli/cli.ts";\n',
  'pki/key.ts': "import {sign} from 'node:crypto';\nexport {sign};\n",
  'cli/cli.ts':
    "import {readFileSync} from 'node:fs';\nconst lazy = () => import('../report/text.ts');\nexport const run = () => [readFileSync, lazy, Date.now()];\n",
};

describe('src', () => {
  it('keeps to the floor plan', () => {
    expect(breaches(join(import.meta.dirname, '../src'))).toEqual([]);
  });

  it('has every pure room in the plan', () => {
    expect(PURE_ROOMS.filter(room => !FLOOR_PLAN.flat().includes(room))).toEqual([]);
  });
});

describe('the checker', () => {
  it('is silent about a lawful house', () => {
    expect(breaches(build(LAWFUL))).toEqual([]);
  });

  it.each([
    [
      'an import upward',
      {'base/a.ts': "import {y} from '../report/text.ts';"},
      'base/a.ts imports report/text.ts: upward',
    ],
    [
      'a type import sideways',
      {'pki/a.ts': "import type {Y} from '../report/text.ts';"},
      'pki/a.ts imports report/text.ts: sideways',
    ],
    [
      'an inline type import sideways',
      {'pki/a.ts': "type Y = import('../report/text.ts').Y;"},
      'pki/a.ts imports report/text.ts: sideways',
    ],
    [
      'a dynamic import upward',
      {'report/a.ts': "const c = await import('../cli/cli.ts');"},
      'report/a.ts imports cli/cli.ts: upward',
    ],
    [
      'a re-export upward',
      {'base/a.ts': "export * from '../report/text.ts';"},
      'base/a.ts imports report/text.ts: upward',
    ],
    [
      'an import over several lines',
      {'base/a.ts': "import {\n  x,\n  y,\n} from '../report/text.ts';"},
      'base/a.ts imports report/text.ts: upward',
    ],
    [
      'an import for its effect',
      {'base/a.ts': "import '../report/text.ts';"},
      'base/a.ts imports report/text.ts: upward',
    ],
    ['an import of a door', {'cli/a.ts': "import '../main.ts';"}, 'cli/a.ts imports the door main.ts'],
    [
      'files in a pure room',
      {'report/a.ts': "import {readFileSync} from 'node:fs';"},
      'report/a.ts imports node:fs, but "report" is pure',
    ],
    [
      'randomness in a pure room',
      {'report/a.ts': 'export const id = randomBytes(4);'},
      'report/a.ts uses randomBytes, but "report" is pure',
    ],
    [
      'a clock in a pure room',
      {'report/a.ts': 'export const t = Date.now();'},
      'report/a.ts uses Date.now, but "report" is pure',
    ],
    [
      'the environment in a pure room',
      {'base/a.ts': 'export const t = process.env;'},
      'base/a.ts uses process.env, but "base" is pure',
    ],
    ['printing', {'cli/a.ts': "console.log('x');"}, 'cli/a.ts uses console: emit an event or return a value'],
    ['a room that is not planned', {'utils/a.ts': 'export {};'}, 'utils/a.ts: the room "utils" is not in the plan'],
    ['a file without a room', {'helper.ts': 'export {};'}, 'helper.ts is in no room and is no door'],
    ['a file that is too long', {'base/a.ts': '\n'.repeat(251)}, 'base/a.ts has 251 lines; the cap is 250'],
    ['a default export', {'base/a.ts': 'export default 1;'}, 'base/a.ts has a default export'],
    ['a name in camel case', {'base/aB.ts': 'export {};'}, 'base/aB.ts is not named in kebab-case'],
    [
      'an import without its extension',
      {'cli/a.ts': "import {ok} from '../base/result';"},
      'cli/a.ts imports ../base/result without its .ts',
    ],
  ])('reports %s', (_title, files, sentence) => {
    expect(breaches(build({...LAWFUL, ...files}))).toEqual([sentence]);
  });
});

import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, it} from 'vitest';
import {parseOptions} from '../src/cli/options.ts';
import {testWorld} from './cli/world.ts';

const root = join(import.meta.dirname, '..');

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Codes of problems that the program can show. */
function codesInSource(): Set<string> {
  const files = readdirSync(join(root, 'src'), {recursive: true, encoding: 'utf8'}).filter(name =>
    name.endsWith('.ts'),
  );
  return new Set(
    files.flatMap(name =>
      [...read(join('src', name)).matchAll(/(?<!includes\()['"`]([EW]_[A-Z0-9_]*[A-Z0-9])\b/g)].map(
        match => match[1] ?? '',
      ),
    ),
  );
}

/** First column of the tables in docs/errors.md. */
function documentedCodes(): string[] {
  return [...read('docs/errors.md').matchAll(/^\| `([EW]_[A-Z0-9_]+)` \|/gm)].map(match => match[1] ?? '');
}

describe('docs/errors.md', () => {
  it('explains every code in the source', () => {
    const documented = new Set(documentedCodes());
    expect([...codesInSource()].filter(code => !documented.has(code)).sort()).toEqual([]);
  });

  it('explains no code that is gone, and none twice', () => {
    const source = codesInSource();
    const documented = documentedCodes();
    expect(documented.filter((code, index) => !source.has(code) || documented.indexOf(code) !== index)).toEqual([]);
  });

  it('says for every code what it means and what to do', () => {
    const rows = read('docs/errors.md')
      .split('\n')
      .filter(line => /^\| `[EW]_/.test(line));
    const cells = rows.map(row =>
      row
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map(cell => cell.trim()),
    );
    expect(cells.filter(row => row.length !== 3 || row.some(cell => cell.length < 5))).toEqual([]);
  });
});

describe('docs/cli.md', () => {
  it('describes every option of --help, and no other', () => {
    const help = parseOptions(testWorld({argv: ['--help']}));
    const text = help.kind === 'exit' ? help.stdout.slice(0, help.stdout.indexOf('Examples:')) : '';
    const options = (from: string) => new Set([...from.matchAll(/(?<![\w-])--[a-z][a-z-]+/g)].map(match => match[0]));
    const documented = options(read('docs/cli.md'));
    expect([...options(text)].sort()).toEqual([...documented].sort());
  });
});

describe('docs/output.md', () => {
  it('names every type of event', () => {
    const types = [...read('src/base/event.ts').matchAll(/readonly type: '([a-z-]+)'/g)].map(match => match[1] ?? '');
    expect(types.filter(type => !read('docs/output.md').includes(`| \`${type}\` |`))).toEqual([]);
  });
});

describe('docs/faults.md', () => {
  /** Number and last cell of each row: its tests, or why it has none. */
  const rows = [...read('docs/faults.md').matchAll(/^\| (\d+) \|.*\| ([^|]+) \|$/gm)].map(([, number, tests = '']) => ({
    number: Number(number),
    tests: tests.split('<br>').flatMap(text => {
      const [file = '', ...fragments] = [...text.matchAll(/`([^`]+)`/g)].map(match => match[1] ?? '');
      return text.startsWith('`test/') ? [{file, fragments}] : [];
    }),
  }));

  it('has each number once', () => {
    expect(rows.map(({number}) => number).sort((a, b) => a - b)).toEqual(Array.from({length: 80}, (_, i) => i + 1));
  });

  it('names tests that exist, by a part of their titles, or files of cases', () => {
    const wrong = rows.flatMap(({number, tests}) =>
      tests.flatMap(({file, fragments}) => {
        if (!existsSync(join(root, file))) return [`${number}: there is no ${file}`];
        if (fragments.length === 0 && !file.endsWith('.yml')) return [`${number}: no title in ${file}`];
        const text = read(file);
        return fragments.filter(part => !text.includes(part)).map(part => `${number}: ${file} has no "${part}"`);
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('says itself how many rows have a test, which is most of them', () => {
    const tested = rows.filter(({tests}) => tests.length > 0).length;
    const differ = read('docs/faults.md').match(/^\| \d+ \|.*\*\*Differs\*\*/gm)?.length ?? 0;
    expect(tested).toBeGreaterThanOrEqual(50);
    expect(read('docs/faults.md')).toContain(`${tested} rows have a test. In ${differ} of them`);
  });

  it('names only codes that exist', () => {
    const documented = new Set(documentedCodes());
    const named = [...read('docs/faults.md').matchAll(/`([EW]_[A-Z0-9_]+)`/g)].map(match => match[1] ?? '');
    expect(named.filter(code => !documented.has(code))).toEqual([]);
  });
});

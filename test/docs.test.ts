import {readdirSync, readFileSync} from 'node:fs';
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

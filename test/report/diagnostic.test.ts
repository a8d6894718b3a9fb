import {describe, expect, it} from 'vitest';
import {type Diagnostic, problem, warning} from '../../src/base/diagnostic.ts';
import type {Location, SourceFile} from '../../src/base/source.ts';
import {annotation, drawDiagnostic, sortDiagnostics} from '../../src/report/diagnostic.ts';
import {createPaint} from '../../src/report/paint.ts';

const plain = createPaint(false);

/** The place of a word in a text. */
function at(text: string, word: string, path = 'inventory/prod.yml'): Location {
  const file: SourceFile = {path, text};
  const start = text.indexOf(word);
  return {file, start, end: start + word.length};
}

function draw(diagnostic: Diagnostic): string {
  return drawDiagnostic(diagnostic, plain);
}

describe('drawDiagnostic', () => {
  it('shows place, code, message, the line, related places and the hint', () => {
    const text = 'etcd:\n  hosts:\n    10.10.10.10: { etcd_seq: 1 }\n    10.10.10.11: { etcd_seq: 1 }\n';
    const file = {path: 'inventory/prod.yml', text};
    const [first, second] = [text.indexOf('1 }'), text.lastIndexOf('1 }')];
    const diagnostic = problem('E_DUPLICATE_SEQ', 'etcd_seq 1 is already used in cluster "etcd"', {
      at: {file, start: second, end: second + 1},
      related: [{message: 'first used here', at: {file, start: first, end: first + 1}}],
      hint: 'every member of a cluster needs its own etcd_seq; the next free one is 2.',
    });
    expect(draw(diagnostic)).toBe(`inventory/prod.yml:4:30 E_DUPLICATE_SEQ etcd_seq 1 is already used in cluster "etcd"
        10.10.10.11: { etcd_seq: 1 }
                                 ~
  inventory/prod.yml:3:30 first used here
        10.10.10.10: { etcd_seq: 1 }
                                 ~
  hint: every member of a cluster needs its own etcd_seq; the next free one is 2.`);
  });

  it.each([
    ['a word', 'a: wrong', 'wrong', '    a: wrong', '       ~~~~~'],
    ['tabs', '\ta:\twrong', 'wrong', '    \ta:\twrong', '    \t  \t~~~~~'],
    ['wide characters', 'a: 汉字 wrong', 'wrong', '    a: 汉字 wrong', '            ~~~~~'],
    ['a wide word', 'a: 汉字', '汉字', '    a: 汉字', '       ~~~~'],
    ['combining marks', 'a: e\u0301 wrong', 'wrong', '    a: e\u0301 wrong', '         ~~~~~'],
    ['pictures', '🐙: wrong', 'wrong', '    🐙: wrong', '        ~~~~~'],
    [
      'a range over several lines, up to the end of the first',
      'a: one  \n  two',
      'one  \n  two',
      '    a: one',
      '       ~~~',
    ],
    ['control characters of the file, made visible', 'a\x1b: wrong', 'wrong', '    a\\x1b: wrong', '           ~~~~~'],
  ])('underlines %s', (_title, text, word, line, underline) => {
    expect(
      draw(problem('E_X', 'm', {at: at(text, word)}))
        .split('\n')
        .slice(1),
    ).toEqual([line, underline]);
  });

  it('cuts a long line around its place', () => {
    const drawn = draw(problem('E_X', 'm', {at: at(`${'x'.repeat(300)}wrong${'y'.repeat(300)}`, 'wrong')}));
    expect(drawn.split('\n').slice(1)).toEqual([
      `    …${'x'.repeat(60)}wrong${'y'.repeat(95)}…`,
      `    ${' '.repeat(61)}~~~~~`,
    ]);
  });

  it('marks one column where the place is the end of the file', () => {
    const file = {path: 'a.yml', text: 'a: b'};
    expect(draw(problem('E_X', 'm', {at: {file, start: 4, end: 5}}))).toBe('a.yml:1:5 E_X m\n    a: b\n        ~');
  });

  it('shows no line for an empty file', () => {
    expect(draw(problem('E_X', 'm', {at: {file: {path: 'a.yml', text: ''}, start: 0, end: 1}}))).toBe(
      'a.yml:1:1 E_X m',
    );
  });

  it('shows a diagnostic without a place, and lines below the first indented', () => {
    expect(draw(warning('W_X', 'one\ntwo', {hint: 'do\nthis'}))).toBe('W_X one\n  two\n  hint: do\n        this');
  });
});

describe('sortDiagnostics', () => {
  it('sorts by file and place, puts those without a place last and drops repetitions', () => {
    const text = 'a b c';
    const list = [
      problem('E_NONE', 'm'),
      problem('E_C', 'm', {at: at(text, 'c', 'b.yml')}),
      problem('E_B', 'm', {at: at(text, 'b', 'a.yml')}),
      problem('E_A', 'm', {at: at(text, 'a', 'a.yml')}),
      problem('E_B', 'm', {at: at(text, 'b', 'a.yml')}),
    ];
    expect(sortDiagnostics(list).map(one => one.code)).toEqual(['E_A', 'E_B', 'E_C', 'E_NONE']);
  });
});

describe('annotation', () => {
  it('is a workflow command with everything escaped', () => {
    const diagnostic = problem('E_X', '100% bad\nreally', {at: at('a: b', 'b', 'a,b:c.yml'), hint: 'mend it.'});
    expect(annotation(diagnostic)).toBe(
      '::error file=a%2Cb%3Ac.yml,line=1,col=4,title=E_X::100%25 bad%0Areally%0Ahint: mend it.',
    );
  });

  it('tells warnings apart', () => {
    expect(annotation(warning('W_X', 'm'))).toBe('::warning title=W_X::m');
  });
});

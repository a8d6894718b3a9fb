import {describe, expect, it} from 'vitest';
import {printable, printableLine} from '../../src/base/printable.ts';

describe('printable', () => {
  it.each([
    ['keeps ordinary text of any script, tabs and newlines', 'é 汉字 🐙\tx\ny', 'é 汉字 🐙\tx\ny'],
    ['drops colours', '\x1b[31;1mred\x1b[0m', 'red'],
    ['drops cursor movement and screen clearing', 'a\x1b[2J\x1b[1;1Hb', 'ab'],
    ['drops window titles and links', '\x1b]0;owned\x07a\x1b]8;;http://x\x1b\\b', 'ab'],
    ['drops sequences that start with a C1 character', 'a\x9b2Jb\x9d0;t\x9cc', 'abc'],
    [
      'shows a lone escape, carriage return, backspace, bell and NUL',
      'a\x1bb\rc\x08d\x07\x00',
      'a\\x1bb\\x0dc\\x08d\\x07\\x00',
    ],
    ['turns CRLF into a newline', 'a\r\nb', 'a\nb'],
    ['shows directional overrides', 'a\u202eb', 'a\\u202eb'],
    ['shows half a surrogate pair', 'a\ud800b', 'a\\ud800b'],
    ['shows an unfinished title sequence and keeps what follows', '\x1b]0;never ends', '\\x1b]0;never ends'],
  ])('%s', (_title, given, wanted) => {
    expect(printable(given)).toBe(wanted);
  });

  it('puts several lines on one', () => {
    expect(printableLine(' a\n  b\tc\n')).toBe('a b c');
  });
});

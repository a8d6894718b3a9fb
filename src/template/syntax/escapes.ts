/** Backslashes in a string of a template, as Python's `unicode-escape` reads them. */

const SINGLE: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
};

const ESCAPE = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|([\s\S]))/g;

/** The text that a string's inside stands for; unknown escapes (`\d`) stay as they are. */
export function unescapeString(inside: string): string {
  return inside.replaceAll(ESCAPE, (whole, hex2, hex4, hex8, octal, char) => {
    const hex: string | undefined = hex2 ?? hex4 ?? hex8;
    if (hex !== undefined) return fromCode(Number.parseInt(hex, 16), whole);
    if (octal !== undefined) return fromCode(Number.parseInt(octal, 8), whole);
    return char !== undefined && Object.hasOwn(SINGLE, char) ? (SINGLE[char] ?? whole) : whole;
  });
}

function fromCode(code: number, whole: string): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}

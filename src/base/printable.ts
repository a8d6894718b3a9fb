/** Text from outside (hosts, inventories) made safe to show: it cannot move the cursor, colour the screen or hide itself. */

/** Whole terminal sequences: CSI (colours, cursor), OSC (window title, links), and the other string sequences. */
const TERMINAL_SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x90\x98\x9c-\x9f]*(?:\x07|\x1b\\|\x9c)/g;

/** What is left of control characters: C0 without tab and newline, DEL, C1, line separators, directional overrides, lone surrogates. */
const UNPRINTABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * The text without terminal sequences and with every other control character shown as `\x1b` or `\u202e`.
 * Tabs and newlines stay; CRLF becomes a newline.
 */
export function printable(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(TERMINAL_SEQUENCE, '').replace(UNPRINTABLE, escaped);
}

/** The same on one line: newlines and tabs become spaces. */
export function printableLine(text: string): string {
  const lines = printable(text).split('\n');
  return lines
    .map(line => line.replaceAll('\t', ' ').trim())
    .filter(line => line !== '')
    .join(' ');
}

function escaped(char: string): string {
  const code = char.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

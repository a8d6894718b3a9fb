/** Colours, or none. */

/** SGR codes: start and end. */
const STYLES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
} as const;

/** Names of the styles. */
export type Style = keyof typeof STYLES;

/** Puts text in a style; without colour it returns the text as it is. */
export type Paint = (style: Style, text: string) => string;

/** A painter for a terminal (`true`), or one that leaves text alone. Each line is painted by itself, so that a pager can cut. */
export function createPaint(color: boolean): Paint {
  if (!color) return (_style, text) => text;
  return (style, text) => {
    const [on, off] = STYLES[style];
    return text
      .split('\n')
      .map(line => (line === '' ? line : `\u001b[${on}m${line}\u001b[${off}m`))
      .join('\n');
  };
}

/** The second net under `Secret`: whatever is written anywhere passes through here once more. */

const MASK = '[REDACTED]';
/** Shorter secrets are not looked for: they would blot out ordinary words. */
const MIN_LENGTH = 4;
/** A line of a secret of several lines (a private key) is looked for by itself from this length on. */
const MIN_LINE_LENGTH = 16;

/** Knows the secrets of a run and takes them out of any text, also base64-encoded, escaped for JSON or encoded for a URL. */
export class Redactor {
  readonly #forms = new Set<string>();
  #pattern: RegExp | undefined;

  /** Adds a secret; one shorter than four characters is ignored. */
  add(secret: string): void {
    for (const form of formsOf(secret)) {
      if (form.length >= MIN_LENGTH) this.#forms.add(form);
    }
    this.#pattern = undefined;
  }

  /** The text with every known secret replaced by `[REDACTED]`. */
  clean(text: string): string {
    if (this.#forms.size === 0) return text;
    // Longest first: a secret that contains another goes as a whole.
    this.#pattern ??= new RegExp(
      [...this.#forms]
        .sort((a, b) => b.length - a.length)
        .map(escapeRegExp)
        .join('|'),
      'g',
    );
    return text.replace(this.#pattern, MASK);
  }
}

function formsOf(secret: string): string[] {
  if (secret.length < MIN_LENGTH) return [];
  const json = JSON.stringify(secret).slice(1, -1);
  const url = encodeURIComponent(Buffer.from(secret).toString());
  const lines = secret.includes('\n') ? secret.split('\n').map(line => line.trim()) : [];
  const longLines = lines.filter(line => line.length >= MIN_LINE_LENGTH && !line.startsWith('-----'));
  return [
    secret,
    ...longLines,
    json,
    JSON.stringify(json).slice(1, -1),
    url,
    url.replaceAll('%20', '+'),
    url.replace(/%[0-9A-F]{2}/g, hex => hex.toLowerCase()),
    secret.replaceAll("'", "'\\''"),
    ...base64Forms(secret),
  ];
}

/**
 * The letters that a secret always gives inside base64 text, for each of the three ways it can fall on the 3-byte groups
 * (`user:secret` in a basic authorization header, a key in a file). Letters that its neighbours take part in are left out.
 */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const forms: string[] = [];
  for (const shift of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const first = Math.ceil((shift * 8) / 6);
    const last = Math.floor(((shift + bytes.length) * 8) / 6);
    const form = encoded.slice(first, last);
    // Too few letters would hit by chance.
    if (form.length >= MIN_LENGTH) forms.push(form, form.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return forms;
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

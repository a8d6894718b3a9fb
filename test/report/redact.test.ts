import {describe, expect, it} from 'vitest';
import {Redactor} from '../../src/report/redact.ts';

function redactorOf(...secrets: string[]): Redactor {
  const redactor = new Redactor();
  for (const secret of secrets) redactor.add(secret);
  return redactor;
}

describe('Redactor', () => {
  const secret = 'p"ß w/0+d?x';

  it.each([
    ['as it is', secret],
    ['escaped for JSON', JSON.stringify(secret).slice(1, -1)],
    ['escaped for JSON twice', JSON.stringify(JSON.stringify(secret)).slice(3, -3)],
    ['encoded for a URL', encodeURIComponent(secret)],
    ['encoded for a form', encodeURIComponent(secret).replaceAll('%20', '+')],
  ])('finds a secret %s', (_title, text) => {
    expect(redactorOf(secret).clean(`a ${text} b ${text}`)).toBe('a [REDACTED] b [REDACTED]');
  });

  it.each([0, 1, 2, 3, 4, 5])('finds the letters of a secret inside base64 text, %i bytes from the start', offset => {
    const bytes = `${'u'.repeat(offset)}${secret}tail`;
    for (const encoding of ['base64', 'base64url'] as const) {
      const clean = redactorOf(secret).clean(Buffer.from(bytes).toString(encoding));
      expect(clean).toContain('[REDACTED]');
      expect(Buffer.from(clean.replace('[REDACTED]', ''), encoding).toString()).not.toContain(secret.slice(2, -2));
    }
  });

  it('leaves text alone where it knows no secret, and secrets of less than four characters', () => {
    expect(redactorOf().clean('abc')).toBe('abc');
    expect(redactorOf('abc', '').clean('abcabc')).toBe('abcabc');
  });

  it('takes the longer secret where one holds another, and regular expression characters as they are', () => {
    expect(redactorOf('root', 'root.secret').clean('root.secret rootXsecret')).toBe('[REDACTED] [REDACTED]Xsecret');
  });

  it('finds the lines of a private key one by one, but not its dashes', () => {
    const key = '-----BEGIN KEY-----\nMIGHAgEAMBMGByqGSM49AgEG\nCCqGSM49AwEHBG0wawIBAQQg\n-----END KEY-----';
    expect(redactorOf(key).clean('  MIGHAgEAMBMGByqGSM49AgEG\n-----BEGIN KEY-----')).toBe(
      '  [REDACTED]\n-----BEGIN KEY-----',
    );
  });

  it('finds secrets that are added later', () => {
    const redactor = redactorOf('first');
    expect(redactor.clean('first second')).toBe('[REDACTED] second');
    redactor.add('second');
    expect(redactor.clean('first second')).toBe('[REDACTED] [REDACTED]');
  });
});

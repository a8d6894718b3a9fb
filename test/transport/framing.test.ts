import {describe, expect, it} from 'vitest';
import {encodeRequest, MarkerReader} from '../../src/transport/framing.ts';

describe('requests', () => {
  it('are a header, one line per argument, and the bytes of standard input', () => {
    const request = {verb: 'write', args: ['/a b', 'two\nlines\\'], stdin: Buffer.from('x\ny'), timeoutSeconds: 2.5};
    expect(encodeRequest(7, 2, request).toString()).toBe('7 2 write 2 3 3 -\n/a b\ntwo\\nlines\\\\\nx\ny');
  });

  it('cannot hold a NUL in an argument, nor a verb that is more than a word', () => {
    expect(() => encodeRequest(1, 0, {verb: 'stat', args: ['a\0b']})).toThrow('NUL');
    expect(() => encodeRequest(1, 0, {verb: 'stat 1\nx', args: []})).toThrow('no verb');
  });
});

describe('answers', () => {
  const stream = Buffer.from('noise\nabc 9 0\nabc\n\nabc 0 ready\nhello\n\nabc 1 0\n\nabc 2 17\nrest');

  it.each([1, 2, 3, 7, 1000])('are found in pieces of %i bytes', size => {
    const reader = new MarkerReader('abc', 100);
    const found = [];
    for (let i = 0; i < stream.length; i += size) found.push(...reader.push(Buffer.from(stream.subarray(i, i + size))));
    expect(found.map(({body, id, status}) => [body.toString(), id, status])).toEqual([
      ['noise', 9, '0'],
      ['abc\n', 0, 'ready'],
      ['hello\n', 1, '0'],
      ['', 2, '17'],
    ]);
    expect(reader.tail.toString()).toBe('rest');
  });

  it('keep their end when they are too long', () => {
    const reader = new MarkerReader('abc', 10);
    for (let i = 0; i < 100; i++) expect(reader.push(Buffer.from(`line ${i}\n`))).toEqual([]);
    const [answer] = reader.push(Buffer.from('\nabc 1 0\n'));
    expect(answer?.body.toString().endsWith('line 99\n')).toBe(true);
    expect(answer?.body.length).toBeLessThan(40);
    expect((answer?.dropped ?? 0) + (answer?.body.length ?? 0)).toBe(790);
  });
});

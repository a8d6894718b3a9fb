import {describe, expect, it} from 'vitest';
import {readWalHead} from '../../src/etcd/wal.ts';

/** The first 64 bytes of log files as etcd wrote them: the first file of a member, and the one it went on with after 50 MB. */
const FILES = {
  'etcd 3.4.23, first file':
    '040000000000008408041000000000002000000000000000080110ef9c92920c1a160899eeb0aefa87a8c1e60110cc84acc2aebfe28dd6010e00000000000082',
  'etcd 3.4.23, second file':
    '0800000000000000080410b4f1cc9a022000000000000000080110c1b8d0fd031a160899eeb0aefa87a8c1e60110cc84acc2aebfe28dd6011900000000000087',
  'etcd 3.5.30, first file':
    '040000000000008408041000000000001e00000000000082080110deb1fcf50c1a1408bbbdc4bb8681bcda0110d2d6d5d9caef98b37300000e00000000000082',
  'etcd 3.5.30, second file':
    '0800000000000000080410e59796f4091e000000000000820801109c95ffc5041a1408bbbdc4bb8681bcda0110d2d6d5d9caef98b37300001800000000000000',
};
/** What these members logged of themselves. */
const OF_34 = {ok: true, memberId: 'e682a03fa5cc3719', clusterId: 'd61b89fae84b024c'};
const OF_35 = {ok: true, memberId: '01b4f00867711ebb', clusterId: '7366637cab356b52'};

const bytes = (hex: string) => Buffer.from(hex, 'hex');
const FIRST = bytes(FILES['etcd 3.5.30, first file']);
const changed = (at: number, to: number) => {
  const copy = Buffer.from(FIRST);
  copy[at] = to;
  return copy;
};

describe('readWalHead', () => {
  it.each([
    ['etcd 3.4.23, first file', OF_34],
    ['etcd 3.4.23, second file', OF_34],
    ['etcd 3.5.30, first file', OF_35],
    ['etcd 3.5.30, second file', OF_35],
  ] as const)('%s: member and cluster', (name, expected) => {
    expect(readWalHead(bytes(FILES[name]))).toEqual(expected);
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'the log file is empty'],
    ['preallocated space', Buffer.alloc(512), 'the log file holds only zeros'],
    [
      'a text',
      Buffer.from('this is no log at all, whatever its name may say'),
      'the log file does not begin with a record',
    ],
    ['seven bytes', FIRST.subarray(0, 7), 'the log file does not begin with a record'],
    ['the checksum record alone', FIRST.subarray(0, 16), 'the log file ends before its metadata'],
    ['metadata cut off', FIRST.subarray(0, 50), 'the log file ends before its metadata'],
    ['a frame longer than any head', changed(0, 0xff), 'the log file does not begin with a record'],
    ['another first record', changed(9, 0x02), 'the log file does not begin with a checksum record'],
    ['another second record', changed(25, 0x02), 'the second record of the log file is no metadata'],
    ['a bit of the member id flipped', changed(36, 0xbc), 'the metadata of the log file does not have its checksum'],
  ])('%s: no ids, and why', (_, head, reason) => {
    expect(readWalHead(head)).toEqual({ok: false, reason});
  });

  it('takes any bytes without an exception', () => {
    // every one-byte change of a real head is refused, or is in a place that does not matter (padding)
    for (let at = 0; at < FIRST.length; at++) {
      for (const to of [0x00, 0x7f, 0x80, 0xff]) {
        const reading = readWalHead(changed(at, to));
        if (reading.ok) expect(reading).toEqual(OF_35);
      }
    }
  });
});

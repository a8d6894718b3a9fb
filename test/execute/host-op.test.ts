import {createHash} from 'node:crypto';
import {describe, expect, it} from 'vitest';
import {Secret} from '../../src/base/secret.ts';
import {journalRequest, requestForOp} from '../../src/execute/host-op.ts';
import type {Op} from '../../src/task/op.ts';

const content = Buffer.from('text\n');
const sha256 = createHash('sha256').update(content).digest('hex');

describe('the request for an operation', () => {
  it.each<[Op, object | undefined]>([
    [
      {kind: 'write', path: '/x', content: 'text\n', owner: 'root', mode: '0640'},
      {verb: 'write', args: ['/x', sha256, 'root', '', '0640', '0644'], stdin: content},
    ],
    [
      {kind: 'write', path: '/x', content: new Secret('text\n')},
      {verb: 'write', args: ['/x', sha256, '', '', '', '0600'], stdin: content},
    ],
    [
      {kind: 'directory', path: '/x', parents: true, group: 'etcd'},
      {verb: 'directory', args: ['/x', 'yes', '', 'etcd', '']},
    ],
    [
      {kind: 'attributes', path: '/x', mode: '0700'},
      {verb: 'attributes', args: ['/x', '', '', '', '0700']},
    ],
    [
      {kind: 'link', path: '/x', target: '-y'},
      {verb: 'link', args: ['/x', '-y']},
    ],
    [
      {kind: 'remove', path: '/x'},
      {verb: 'remove', args: ['/x'], timeoutSeconds: 1800},
    ],
    [
      {kind: 'group-add', name: 'etcd', system: true},
      {verb: 'group-add', args: ['etcd', 'yes', '']},
    ],
    [
      {kind: 'user-add', name: 'etcd', system: true, createHome: false, group: 'etcd', uid: 0, home: '/h'},
      {verb: 'user-add', args: ['etcd', 'yes', '', '0', 'etcd', '/h', '', '']},
    ],
    [
      {kind: 'user-remove', name: 'etcd'},
      {verb: 'user-remove', args: ['etcd']},
    ],
    [
      {kind: 'unit', verb: 'restart', unit: 'etcd.service', noBlock: true},
      {verb: 'systemctl', args: ['restart', 'etcd.service', 'yes'], timeoutSeconds: 180},
    ],
    [
      {kind: 'unit', verb: 'daemon-reload', unit: ''},
      {verb: 'systemctl', args: ['daemon-reload', '', ''], timeoutSeconds: 180},
    ],
    [
      {
        kind: 'command',
        argv: ['etcdctl', 'x y'],
        chdir: '/d',
        environment: {A: '$b'},
        okCodes: [0, 2],
        timeoutSeconds: 9,
      },
      {verb: 'exec-text', args: ['0 2', '5', '/d', '1', 'A=$b', 'etcdctl', 'x y'], stdin: content, timeoutSeconds: 9},
    ],
    [{kind: 'controller-write', path: '/x', content: ''}, undefined],
    [{kind: 'etcd-wait', endpoints: [], expect: {}, timeoutSeconds: 1}, undefined],
  ])('%j', (op, request) => {
    expect(requestForOp(op, content)).toEqual(request);
  });

  it('of a command without input, or with binary input, needs no held text', () => {
    const op: Op = {kind: 'command', argv: ['true'], okCodes: 'any'};
    expect(requestForOp(op, undefined)).toEqual({verb: 'exec', args: ['any', '', '0', 'true']});
    expect(requestForOp(op, Buffer.from([0]))).toEqual({
      verb: 'exec',
      args: ['any', '', '0', 'true'],
      stdin: Buffer.from([0]),
    });
  });

  it('of an upload holds no bytes, and of quarantine a manifest', () => {
    expect(
      requestForOp(
        {kind: 'upload', path: '/x', controllerPath: '/y', sha256: 'ABC', sizeBytes: 1, mode: '0755'},
        undefined,
      ),
    ).toEqual({
      verb: 'upload',
      args: ['/x', 'abc', '', '', '0755', '0644'],
      timeoutSeconds: 1800,
    });
    const op = {kind: 'quarantine' as const, path: '/data', manifest: {cluster: 'etcd'}, unit: 'u', owner: 'etcd'};
    const request = requestForOp(op, undefined);
    expect([request?.verb, request?.args, JSON.parse(Buffer.from(request?.stdin ?? []).toString())]).toEqual([
      'quarantine',
      ['/data', '/var/lib/etcdctl-play/trash', 'u', 'etcd'],
      {cluster: 'etcd', path: '/data'},
    ]);
    expect(
      requestForOp({kind: 'trash-restore', id: 'i', path: '/data', unit: 'u', owner: 'etcd'}, undefined),
    ).toMatchObject({
      verb: 'restore',
      args: ['/var/lib/etcdctl-play/trash', 'i', 'u', 'etcd'],
    });
    expect(requestForOp({kind: 'trash-expire', id: 'i'}, undefined)).toMatchObject({
      verb: 'expire',
      args: ['/var/lib/etcdctl-play/trash', 'i'],
    });
  });

  it('is not made of content that is not what was planned', () => {
    expect(() =>
      requestForOp({kind: 'write', path: '/x', content: {controllerPath: '/y'}, sha256: 'f'.repeat(64)}, content),
    ).toThrow('has changed meanwhile');
    expect(() => requestForOp({kind: 'write', path: '/x', content: ''}, undefined)).toThrow('Internal error');
  });

  it('for a journal asks for so many lines since so long', () => {
    expect(journalRequest('etcd.service', 20, 12.9)).toEqual({
      verb: 'journal',
      args: ['etcd.service', '20', '12'],
      timeoutSeconds: 20,
    });
  });
});
